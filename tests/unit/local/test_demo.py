"""The demo author, the view of the progress and the tables, against a site that is made up."""

import json
import re
from collections import Counter
from dataclasses import replace
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from django.conf import settings
from rich.console import Console

from farfield.cli import main
from farfield.settings import read_settings
from farfield_evaluators.catalog import find
from farfield_local import keys
from farfield_local.demo import watch
from farfield_local.demo.api import Api, ApiError
from farfield_local.demo.author import Author
from farfield_local.demo.boards import print_board, unpublished
from farfield_local.demo.cells import PACK as CELLS
from farfield_local.demo.entries import BOARDS, Entry, Part, boards, entries, sweeps
from farfield_local.demo.run import PACKS
from farfield_local.demo.run import _reason as reason
from farfield_local.demo.scenes import BOARDS as MADE
from farfield_local.demo.watch import Bars, Ends, Lines, bars, follow
from farfield_local.errors import DemoFailed
from farfield_workers.installed import describe_installed
from farfield_workers.sandbox.process import ProcessSandbox

ENTRY = Entry(benchmark="imagenet-ood/mini", method="constant")
METHOD = {
    "name": "constant",
    "available": True,
    "version": "0.1.0",
    "spec": {
        "claims": {"backbone": "", "pretraining": [], "extra_data": []},
        "config_schema": {"properties": {"epochs": {"type": "integer"}, "rate": {"type": "number"}}},
    },
}
# As the list has it, without what is heavy.
LISTED = {name: value for name, value in METHOD.items() if name != "spec"}


class FakeSite:
    """The part of the public API that the demo uses."""

    def __init__(self) -> None:
        self.accounts: dict[str, str] = {}
        self.tokens: set[str] = set()
        self.submitted: dict[str, dict[str, Any]] = {}
        self.retried: list[str] = []
        self.status = "queued"
        self.announced = True

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/v1/")
        if request.method == "GET":
            return self._get(path, request)
        return self._post(path, json.loads(request.content), request)

    def _get(self, path: str, request: httpx.Request) -> httpx.Response:
        if path == "me":
            token = request.headers.get("Authorization", "").removeprefix("Bearer ")
            return httpx.Response(200 if token in self.tokens else 401, json={})
        if path == "methods":
            return self._methods(request)
        if path.startswith("methods/"):
            return httpx.Response(200, json=METHOD) if self.announced else httpx.Response(404, text="nothing")
        return httpx.Response(200, json={"data": {"key": "k"} if self.announced else None})

    def _methods(self, request: httpx.Request) -> httpx.Response:
        """Two pages: what is wanted is on the second."""
        if request.url.params.get("cursor") == "2":
            return httpx.Response(200, json={"next": None, "results": [LISTED] if self.announced else []})
        return httpx.Response(200, json={"next": "http://site/api/v1/methods?cursor=2&page_size=200", "results": []})

    def _post(self, path: str, body: dict[str, Any], request: httpx.Request) -> httpx.Response:
        if path == "accounts":
            return self._sign_up(body)
        if path == "tokens":
            return self._token(request)
        if path.endswith("/retry"):
            self.retried.append(path)
            return httpx.Response(200, json={})
        key = request.headers["Idempotency-Key"]
        made = self.submitted.setdefault(key, {**body, "id": f"id-{len(self.submitted)}"})
        return httpx.Response(201, json={**made, "status": self.status})

    def _sign_up(self, body: dict[str, Any]) -> httpx.Response:
        if body["username"] in self.accounts:
            error = {"code": "account.taken", "message": "taken", "field": "username", "hint": None}
            return httpx.Response(409, json={"error": error})
        self.accounts[body["username"]] = body["password"]
        return httpx.Response(201, json={})

    def _token(self, request: httpx.Request) -> httpx.Response:
        known = {httpx.BasicAuth(name, word)._auth_header for name, word in self.accounts.items()}
        if request.headers["Authorization"] not in known:
            error = {"code": "auth.required", "message": "who?", "field": None, "hint": None}
            return httpx.Response(401, json={"error": error})
        self.tokens.add("ff_1")
        return httpx.Response(201, json={"token": "ff_1"})


def author(site: FakeSite, folder: Path) -> Author:
    return Author(Api("http://site", httpx.MockTransport(site)), folder)


def test_a_new_author_signs_up_and_a_second_start_makes_nothing_new(tmp_path: Path) -> None:
    site = FakeSite()
    for _ in range(2):
        starting = author(site, tmp_path)
        starting.sign_in()
        assert starting.submit((ENTRY,)) == {"id-0": ENTRY}
    assert len(site.submitted) == 1
    assert site.tokens == {keys.read(tmp_path, "demo-token")}
    (made,) = site.submitted.values()
    assert made["track"] == "scratch"  # the strictest that takes it


def test_a_revoked_token_is_replaced(tmp_path: Path) -> None:
    site = FakeSite()
    author(site, tmp_path).sign_in()
    keys.write(tmp_path, "demo-token", "revoked")
    author(site, tmp_path).sign_in()
    assert keys.read(tmp_path, "demo-token") == "ff_1"


def test_a_lost_password_says_what_to_do(tmp_path: Path) -> None:
    site = FakeSite()
    site.accounts["demo"] = "another"
    with pytest.raises(DemoFailed, match="make clean"):
        author(site, tmp_path).sign_in()


def test_what_failed_before_is_tried_again(tmp_path: Path) -> None:
    site = FakeSite()
    site.status = "failed"
    author(site, tmp_path).submit((ENTRY,))
    assert site.retried == ["submissions/id-0/retry"]


def test_what_is_not_announced_is_named(tmp_path: Path) -> None:
    site = FakeSite()
    assert author(site, tmp_path).missing((ENTRY,)) == []
    site.announced = False
    assert author(site, tmp_path).missing((ENTRY,)) == ["constant", "imagenet-ood/mini"]


def test_a_web_server_that_is_started_again_is_waited_for() -> None:
    answers = iter([httpx.Response(502), httpx.Response(200, json=[])])
    api = Api("http://site", httpx.MockTransport(lambda _: next(answers)))
    assert api.get("methods") == []


def test_a_refusal_carries_the_sites_own_words() -> None:
    error = {"code": "quota.used_up", "message": "No submissions left.", "field": None, "hint": "Wait."}
    api = Api("http://site", httpx.MockTransport(lambda _: httpx.Response(429, json={"error": error})))
    with pytest.raises(ApiError, match=r"POST submissions: No submissions left\. Wait\.") as caught:
        api.post("submissions", {})
    assert (caught.value.status, caught.value.api_code) == (429, "quota.used_up")
    plain = Api("http://site", httpx.MockTransport(lambda _: httpx.Response(404, text="<html>")))
    with pytest.raises(ApiError, match="GET nothing: HTTP 404"):
        plain.get("nothing")


class Script:
    """A submission that goes through states, one a look."""

    def __init__(self, *states: str) -> None:
        self._states = list(states)
        self._now = ""

    def statuses(self) -> dict[str, str]:
        self._now = self._states.pop(0) if len(self._states) > 1 else self._states[0]
        return {"id-0": self._now}

    def submission(self, number: str) -> dict[str, Any]:
        progress = {"phase": "predict", "done": 30, "total": 120} if self._now == "running" else None
        return {"status": self._now, "runs": [{"progress": progress}]}


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("farfield_local.demo.watch.LOOK_SECONDS", 0.0)


def test_lines_show_each_change_once() -> None:
    console = Console(file=StringIO(), width=100)
    source = Script("queued", "preparing", "running", "running", "scoring", "succeeded")
    last = follow({"id-0": ENTRY}, source, Lines(console, {"id-0": ENTRY}), lambda: None, 5)
    assert last == {"id-0": "succeeded"}
    assert isinstance(console.file, StringIO)
    words = [line.rpartition(": ")[2] for line in console.file.getvalue().splitlines()]
    assert words == ["queued", "preparing", "running", "scoring", "succeeded"]


def test_in_the_background_only_ends_are_said() -> None:
    console = Console(file=StringIO(), width=100)
    source = Script("queued", "running", "succeeded")
    follow({"id-0": ENTRY}, source, Ends(console, {"id-0": ENTRY}), lambda: None, 5)
    assert isinstance(console.file, StringIO)
    assert console.file.getvalue().splitlines() == [f"{ENTRY}: succeeded"]


def test_bars_show_phase_and_percent() -> None:
    console = Console(file=StringIO(), width=120, force_terminal=True)
    progress = bars(console)
    follow({"id-0": ENTRY}, Script("running"), Bars(progress, {"id-0": ENTRY}), lambda: None, 0.01)
    (task,) = progress.tasks
    assert task.fields["status"] == "running: predict 25%"
    assert task.percentage == 25


def test_how_long_submitting_takes_makes_no_look_rarer(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, looks = [0.0], []
    monkeypatch.setattr(watch, "time", SimpleNamespace(monotonic=lambda: clock[0]))

    class Clocked(Script):
        def statuses(self) -> dict[str, str]:
            looks.append(clock[0])
            clock[0] += 0.1
            return super().statuses()

    def submit() -> bool:
        clock[0] += 60.0 if not looks else 0.0
        return False

    def pause() -> None:
        clock[0] += 0.1

    console = Console(file=StringIO())
    follow({"id-0": ENTRY}, Clocked("running", "succeeded"), Lines(console, {"id-0": ENTRY}), pause, 900, submit)
    first, second = looks
    assert 0.5 < second - first < 2  # nine tenths of the time a look is not taken


def test_following_ends_when_the_time_is_over() -> None:
    console = Console(file=StringIO())
    last = follow({"id-0": ENTRY}, Script("queued"), Lines(console, {"id-0": ENTRY}), lambda: None, 0.01)
    assert last == {"id-0": "queued"}
    assert "--timeout" in reason({"runs": []}, "queued")


def test_the_reason_of_a_failure_has_code_sentence_and_message() -> None:
    failure = {"code": "plugin.raised", "sentence": "The method raised.", "message": "ValueError: no"}
    runs = {"runs": [{"failure": None}, {"failure": failure}]}
    assert reason(runs, "failed") == "plugin.raised: The method raised. ValueError: no"
    assert reason({"runs": [{"failure": None}]}, "cancelled") == "cancelled"


def row(number: str, rank: int | None, value: float | None, why: str = "") -> dict[str, Any]:
    figure = None if value is None else {"value": value, "stderr": 0.0123, "trials": 1}
    return {"submission": number, "rank": rank, "reason": why, "method": f"m-{number}", "figures": [figure, figure]}


def board(*rows: dict[str, Any]) -> dict[str, Any]:
    columns = [{"metric": "accuracy", "domain": d, "title": t} for d, t in (("shifts", "Mean"), ("id", "ID"))]
    return {"benchmark": ENTRY.benchmark, "version": "1", "columns": columns, "rows": list(rows), "apart": []}


def test_a_board_in_the_terminal() -> None:
    console = Console(file=StringIO(), width=100)
    print_board(console, board(row("a", 1, 0.5), row("b", None, None, "no figure")))
    assert isinstance(console.file, StringIO)
    text = console.file.getvalue()
    assert "50.0 ± 1.2" in text
    assert "Mean ↑" in text
    assert "more columns" not in text


def test_a_narrow_terminal_gets_fewer_columns_and_is_told() -> None:
    console = Console(file=StringIO(), width=60)
    print_board(console, {**board(row("a", 1, 0.5)), "columns": board()["columns"] * 4})
    assert isinstance(console.file, StringIO)
    assert "6 more columns are on its page." in " ".join(console.file.getvalue().split())


def test_what_has_no_rank_is_a_problem() -> None:
    entries = {"a": ENTRY, "b": ENTRY, "c": ENTRY}
    problems = unpublished(entries, [board(row("a", 1, 0.5), row("b", None, None, "a figure is missing"))])
    assert problems == [
        f"{ENTRY}: not ranked: a figure is missing",
        f"{ENTRY}: not ranked: it is not on the board",
    ]


@pytest.mark.parametrize("part", list(Part))
def test_the_demo_submits_to_every_board_and_nothing_twice(part: Part) -> None:
    submitted = entries(part)
    assert len(submitted) == len(set(submitted))
    assert {(entry.benchmark, entry.tier) for entry in submitted} == {(b.benchmark, b.tier) for b in boards(part)}
    shipped = {"imagenet-ood/mini", "ood-detection/mini", "domainbed/styles", "groups/drawings", "longtail/drawings"}
    fetched = {"groups/elpv", "fsdet/scenes", "coco-c/scenes", "ood-detection/drawings", "open-set/drawings"}
    fetched |= {"ood-detection/drawings-outliers"}
    fetched |= {"open-dg/drawings", "mtil/drawings", "clip-benchmark/drawings", "clip-benchmark/drawings-multilabel"}
    fetched |= {"unlearning/drawings", "clip-benchmark/drawings-captions", "pruning/drawings"}
    later = fetched | {"adaptation/drawings", "adaptation/drawings-active", "rdfsl/drawings"}
    later |= {"rdfsl/drawings-open"}
    assert {entry.benchmark for entry in submitted} == shipped | (set() if part is Part.FIRST else later)
    assert ("defaults" in {e.tier for e in submitted}) is (part is Part.FULL)


def test_a_sweep_is_of_boards_whose_hyperparameters_are_drawn_and_of_what_their_short_tier_has() -> None:
    assert {board.benchmark for board in BOARDS if board.tier} == {
        "domainbed/styles",
        "clip-benchmark/drawings",
        "unlearning/drawings",
        "pruning/drawings",
    }
    assert [(board.benchmark, board.tier) for board in sweeps()] == [("domainbed/styles", "defaults")]
    more, full = (entries(part, pattern="domainbed/*") for part in (Part.MORE, Part.FULL))
    swept = {entry for entry in full if entry.tier == "defaults"}
    assert {(entry.method, entry.input) for entry in swept} == {("erm", "lite0"), ("mixup", "lite0")}
    assert swept < {replace(entry, tier="defaults") for entry in more}


def test_every_board_has_the_pack_that_it_is_of() -> None:
    """What the demo does not make for all of its parts is named, or a board would wait for it for ever."""
    assert all(find(board.benchmark).pack in PACKS for board in BOARDS if not board.needs)
    assert all(find(board.benchmark).pack == board.needs for board in BOARDS if board.needs)
    assert {board.needs for board in BOARDS if board.needs} == {CELLS, *MADE}
    assert all(find(name).pack == pack for pack, name in MADE.items())


def test_nobody_is_kept_from_a_whole_demo_by_the_quota_of_a_benchmark() -> None:
    assert max(Counter(entry.benchmark for entry in entries(Part.FULL)).values()) <= settings.QUOTA_SUBMISSIONS


def test_the_quickstart_counts_the_entries() -> None:
    text = (Path(__file__).parents[3] / "docs" / "quickstart.md").read_text(encoding="utf-8")
    made_at_once = entries(Part.MORE, {board.needs for board in BOARDS})
    assert f"fills the boards with all {len(made_at_once)} entries" in text
    assert f"| {len(entries(Part.MORE))} entries" in text
    assert f"all {len(entries(Part.FULL))} entries" in text
    assert {board.benchmark for board in BOARDS} <= set(re.findall(r"^\| \[`(.+?)`\]", text, re.MULTILINE))


def test_what_the_full_demo_enters_is_there_with_its_inputs_and_settings() -> None:
    installed = describe_installed(ProcessSandbox())
    for entry in entries(Part.FULL):
        method = installed.method(entry.method)
        read_settings(method["config_schema"], entry.config)
        assert method["family"] == find(entry.benchmark).family, entry


def test_a_first_look_has_four_methods_or_more_of_every_board_and_later_parts_go_on_from_there() -> None:
    first, more, full = (entries(part) for part in (Part.FIRST, Part.MORE, Part.FULL))
    assert all(sum(entry.benchmark == board.benchmark for entry in first) >= 4 for board in boards(Part.FIRST))
    assert more[: len(first)] == first
    assert full[: len(more)] == more
    assert len(first) < len(more) < len(full)


@pytest.mark.parametrize("part", list(Part))
def test_a_board_whose_data_are_not_there_is_left_out(part: Part) -> None:
    without = [board.needs for board in BOARDS if board.needs]
    assert [board for board in boards(part) if not board.needs] == list(boards(part, without))
    kept = [entry for entry in entries(part) if entry.benchmark not in {b.benchmark for b in BOARDS if b.needs}]
    assert kept == list(entries(part, without))


def test_boards_are_chosen_by_a_pattern_of_their_names() -> None:
    chosen = entries(Part.MORE, pattern="fsdet/*")
    assert chosen == tuple(entry for entry in entries(Part.MORE) if entry.benchmark == "fsdet/scenes")
    assert [board.benchmark for board in boards(Part.FULL, pattern="*/drawings")] == [
        board.benchmark for board in BOARDS if board.benchmark.endswith("/drawings")
    ]
    assert entries(Part.FIRST, pattern="coco-c/scenes") == ()  # nothing of it is in the first part


def test_a_pattern_that_no_board_matches_is_refused_with_the_boards_that_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["demo", "--boards", "fsdet"])
    assert "no board of the demo matches 'fsdet'; there are imagenet-ood/mini, " in capsys.readouterr().err


def test_boards_of_groups_and_long_tails_have_six_methods_or_more_when_they_are_full() -> None:
    counts = Counter(entry.benchmark for entry in entries(Part.MORE))
    assert all(
        counts[name] >= 6 for name in ("groups/drawings", "groups/elpv", "longtail/drawings", "adaptation/drawings")
    )


def test_few_shot_detection_has_five_methods_or_more_beside_the_trivial_one() -> None:
    methods = [entry.method for entry in entries(Part.MORE) if entry.benchmark == "fsdet/scenes"]
    assert len(set(methods) - {"fs-centre-box"}) >= 5


def test_a_tier_is_part_of_what_is_submitted(tmp_path: Path) -> None:
    site = FakeSite()
    submitting = author(site, tmp_path)
    submitting.sign_in()
    swept = Entry(benchmark="domainbed/styles", method="constant", tier="smoke")
    submitting.submit((ENTRY, swept))
    assert [made.get("tier") for made in site.submitted.values()] == [None, "smoke"]


def test_settings_are_sent_as_what_the_method_says_they_are_and_make_another_submission(tmp_path: Path) -> None:
    site = FakeSite()
    submitting = author(site, tmp_path)
    submitting.sign_in()
    tuned = replace(ENTRY, settings=("epochs=2", "rate=3e-5"))
    assert len(submitting.submit((ENTRY, tuned))) == 2
    assert [made.get("config") for made in site.submitted.values()] == [None, {"epochs": 2, "rate": 3e-5}]
    assert str(tuned) == f"{ENTRY} with epochs=2, rate=3e-5"


def test_many_runs_are_counted() -> None:
    console = Console(file=StringIO(), width=120, force_terminal=True)
    progress = bars(console)

    class Sweep(Script):
        def submission(self, number: str) -> dict[str, Any]:
            runs = [{"progress": None, "status": status} for status in ("succeeded", "running", "queued", "failed")]
            return {"status": self._now, "runs": runs}

    follow({"id-0": ENTRY}, Sweep("running"), Bars(progress, {"id-0": ENTRY}), lambda: None, 0.01)
    (task,) = progress.tasks
    assert task.fields["status"] == "running: 2 of 4 runs 50%"
