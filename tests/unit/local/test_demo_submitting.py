"""More entries than a person may have under way at once are submitted as the site takes them."""

from dataclasses import replace
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from rich.console import Console
from tests.unit.local.test_demo import ENTRY, FakeSite, author

from farfield_local.demo import run
from farfield_local.demo.author import FULL, Author
from farfield_local.demo.entries import Entry, Part
from farfield_local.demo.run import _unfinished, fill
from farfield_local.demo.submitting import Submitting
from farfield_local.demo.watch import follow
from farfield_local.site import Site
from farfield_web.api.errors import STATUS

ENTRIES = tuple(replace(ENTRY, settings=(f"epochs={number}",)) for number in range(5))


class FullSite(FakeSite):
    """It has room for two; what it holds ends when its state is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.ended: set[str] = set()
        self.most = 0

    def _get(self, path: str, request: httpx.Request) -> httpx.Response:
        name, _, number = path.partition("/")
        if name != "submissions":
            return super()._get(path, request)
        if number:
            return httpx.Response(200, json={"id": number, "status": self._status(number), "runs": []})
        self.ended |= {made["id"] for made in self.submitted.values()}
        results = [{"id": made["id"], "status": self._status(made["id"])} for made in self.submitted.values()]
        return httpx.Response(200, json={"results": results})

    def _post(self, path: str, body: dict[str, Any], request: httpx.Request) -> httpx.Response:
        under_way = len(self.submitted) - len(self.ended)
        if path == "submissions" and under_way == 2 and request.headers["Idempotency-Key"] not in self.submitted:
            error = {"code": FULL, "message": "You have 2 under way.", "field": None, "hint": None}
            return httpx.Response(429, json={"error": error})
        answer = super()._post(path, body, request)
        self.most = max(self.most, len(self.submitted) - len(self.ended))
        return answer

    def _status(self, number: str) -> str:
        return "succeeded" if number in self.ended else "queued"


class Unseen:
    def show(self, number: str, glance: object) -> None:
        return None


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("farfield_local.demo.watch.LOOK_SECONDS", 0.0)
    monkeypatch.setattr("farfield_local.demo.submitting.AGAIN_SECONDS", 0.0)


def test_the_word_for_no_room_is_the_sites() -> None:
    assert STATUS[FULL] == 429


def signed_in(site: FakeSite, folder: Path) -> Author:
    demo = author(site, folder)
    demo.sign_in()
    return demo


def follow_to_the_end(demo: Author, submitting: Submitting, seconds: float = 30) -> dict[str, str]:
    return follow(submitting.submitted, demo, Unseen(), lambda: None, seconds, submitting.further)


def test_what_the_site_has_no_room_for_is_submitted_when_others_ended(tmp_path: Path) -> None:
    site = FullSite()
    demo = signed_in(site, tmp_path)
    submitting = Submitting(demo, ENTRIES)
    statuses = follow_to_the_end(demo, submitting)
    assert tuple(submitting.submitted.values()) == ENTRIES
    assert set(statuses) == set(submitting.submitted)
    assert set(statuses.values()) == {"succeeded"}
    assert site.most == 2
    assert not submitting.left
    assert _unfinished(demo, submitting, statuses) == []


def test_what_ended_at_an_earlier_start_is_passed_over(tmp_path: Path) -> None:
    site = FullSite()
    demo = signed_in(site, tmp_path)
    follow_to_the_end(demo, Submitting(demo, ENTRIES[:3]))
    again = Submitting(demo, ENTRIES, passes_over=demo.has_ended)
    follow_to_the_end(demo, again)
    assert tuple(again.submitted.values()) == ENTRIES[3:]


def test_what_was_never_taken_is_said_when_the_time_is_over(tmp_path: Path) -> None:
    class Stuck(FullSite):
        def _status(self, number: str) -> str:
            self.ended.clear()
            return "running"

    demo = signed_in(Stuck(), tmp_path)
    submitting = Submitting(demo, ENTRIES)
    statuses = follow_to_the_end(demo, submitting, 0.05)
    problems = _unfinished(demo, submitting, statuses)
    assert len(problems) == len(ENTRIES)
    assert problems[0].startswith(f"{ENTRIES[0]}: still running when the time was over")
    assert problems[-1].startswith(f"{ENTRIES[-1]}: not submitted, as others were under way, when the time was over")


def test_another_refusal_is_told(tmp_path: Path) -> None:
    class Closed(FakeSite):
        def _post(self, path: str, body: dict[str, Any], request: httpx.Request) -> httpx.Response:
            if path != "submissions":
                return super()._post(path, body, request)
            error = {"code": "quota.used_up", "message": "No submissions left.", "field": None, "hint": None}
            return httpx.Response(429, json={"error": error})

    demo = signed_in(Closed(), tmp_path)
    with pytest.raises(Exception, match="No submissions left"):
        Submitting(demo, (Entry(benchmark=ENTRY.benchmark, method=ENTRY.method),)).further()


def test_what_is_filled_later_waits_for_the_worker_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where `--boards` chooses boards without a first part, nothing has waited before."""
    monkeypatch.setattr(run, "entries", lambda *_: (ENTRY,))
    monkeypatch.setattr(run, "LOOK_SECONDS", 0.01)
    fake = FullSite()
    fake.announced = False
    demo = signed_in(fake, tmp_path)

    def pause() -> None:
        fake.announced = True

    console = Console(file=StringIO())
    fill(cast(Site, SimpleNamespace(var=tmp_path, pause=pause)), demo, console, Part.MORE)
    assert isinstance(console.file, StringIO)
    assert console.file.getvalue().splitlines()[-2:] == [f"{ENTRY}: succeeded", "Every board is filled."]
