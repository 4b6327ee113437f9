"""A worker's suites count where the site has the same ones; what differs is refused by name, and the rest goes on."""

from typing import Any

import pytest
from tests.unit.web.conftest import BOARD, KEY, board_data, described, report_of

from farfield_evaluators.catalog import catalog, find
from farfield_web.runs.models import Run
from farfield_web.runs.suites import difference, hold, why_foreign
from farfield_web.runs.tasks import store_report
from farfield_web.submissions.models import BenchmarkData, Method, Submission, Worker

pytestmark = [pytest.mark.services, pytest.mark.django_db]
MINE = catalog().owners[BOARD]
SUITE = {**MINE.identity.as_json(), "benchmarks": [benchmark.name for benchmark in MINE.suite.benchmarks]}
OTHERS = [
    {**each.identity.as_json(), "benchmarks": [benchmark.name for benchmark in each.suite.benchmarks]}
    for each in catalog().installed
    if each is not MINE
]
ANNOUNCEMENT = {"worker": "w", "methods": [described()], "benchmarks": {BOARD: board_data()}}
VERSION = MINE.identity.version


def announce(as_worker: Any, *suites: Any, refused: tuple[Any, ...] = ()) -> dict[str, Any]:
    response = as_worker("announce", {**ANNOUNCEMENT, "suites": list(suites), "refused_suites": list(refused)})
    assert response.status_code == 200
    answer: dict[str, Any] = response.json()
    return answer


def test_the_sites_own_suites_are_taken_and_kept_with_the_worker(as_worker: Any) -> None:
    assert announce(as_worker, SUITE, *OTHERS) == {"refused": [], "refused_benchmarks": []}
    worker = Worker.objects.get()
    assert worker.suites == [{**suite, "refused": ""} for suite in (SUITE, *OTHERS)]
    assert worker.benchmarks == [BOARD]


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"version": "0.0.9"}, "suite.other_version", f"0.0.9, the site {VERSION}: upgrade the worker to {VERSION}"),
        ({"version": "99.1"}, "suite.other_version", f"99.1, the site {VERSION}: upgrade the site to 99.1"),
        ({"version": "nonsense"}, "suite.other_version", "install the same version on both"),
        ({"digest": "0" * 16}, "suite.other_version", "install the same build of it on both"),
        ({"distribution": "theirs"}, "suite.other_version", "of theirs, the site of farfield-platform: uninstall"),
        ({"name": "theirs", "distribution": "theirs"}, "suite.unknown", f"install theirs {VERSION} on the site"),
    ],
)
def test_what_the_site_has_otherwise_is_refused_by_name(as_worker: Any, change: Any, code: str, said: str) -> None:
    answer = announce(as_worker, {**SUITE, **change}, *OTHERS)
    (line,) = answer["refused"]
    assert line.startswith(f"the suite {change.get('name', 'mini')}: ")
    assert said in line
    assert line.endswith(f"[{code}]")
    assert answer["refused_benchmarks"] == SUITE["benchmarks"]
    assert BenchmarkData.objects.count() == 0
    assert Method.objects.exists(), "the rest of the offer goes on"
    worker = Worker.objects.get()
    assert worker.benchmarks == []
    assert [bool(suite["refused"]) for suite in worker.suites] == [True, *(False for _ in OTHERS)]


@pytest.mark.parametrize("nonsense", ["text", {}, {**SUITE, "benchmarks": "all"}, {**SUITE, "more": 1}, None])
def test_what_cannot_be_read_is_refused_and_the_others_are_taken(as_worker: Any, nonsense: Any) -> None:
    (line,) = announce(as_worker, nonsense, SUITE)["refused"]
    assert line.endswith("[suite.bad_data]")
    assert BenchmarkData.objects.get().benchmark == BOARD


def test_what_the_worker_itself_cannot_use_is_kept_with_its_reason(as_worker: Any) -> None:
    broken = {"name": "b", "distribution": "d", "version": "1", "reason": "suite 'b' of d 1: it raised\x00"}
    assert announce(as_worker, SUITE, refused=(broken, "text"))["refused"] == []
    kept = Worker.objects.get().suites
    assert (kept[1]["name"], kept[1]["distribution"], kept[1]["digest"], kept[1]["benchmarks"]) == ("b", "d", "", [])
    assert kept[1]["refused"] == "suite 'b' of d 1: it raised\N{REPLACEMENT CHARACTER}"
    assert kept[2]["refused"] == "the worker cannot use it"


def test_a_site_that_was_upgraded_gives_nothing_to_workers_of_before(as_worker: Any, entered: Submission) -> None:
    announce(as_worker, SUITE)
    stored = [{**SUITE, "version": "0.0.1", "refused": ""}]
    Worker.objects.filter(name="w").update(suites=stored)
    claim = {"worker": "w", "resource": "cpu"}
    assert as_worker("claim", claim).status_code == 204
    Worker.objects.filter(name="w").update(suites=[{**SUITE, "refused": ""}])
    assert as_worker("claim", claim).status_code == 200


def test_a_result_of_another_version_of_the_suite_is_never_stored(as_worker: Any, run: Run) -> None:
    assert as_worker("claim", {"worker": "w", "resource": "cpu"}).status_code == 200
    run.refresh_from_db()
    others = ({**MINE.identity.as_json(), "version": "0.0.1"}, {"name": "mini"})
    for suite in others:
        store_report(report_of(run, environment={"suite": suite}))
        attempt = run.attempt
        run.refresh_from_db()
        assert (run.status, run.attempt) == ("queued", attempt + 1)
        assert not run.scores.exists()
        assert as_worker("claim", {"worker": "w", "resource": "cpu"}).status_code == 200
        run.refresh_from_db()
    said = "".join(run.events.values_list("message", flat=True))
    assert f"upgrade the worker to {VERSION}" in said
    assert "the report does not say by which suite it came" in said
    store_report(report_of(run, environment={"suite": MINE.identity.as_json()}))
    run.refresh_from_db()
    assert (run.status, run.comparability_key) == ("succeeded", KEY)


def test_a_report_must_say_by_the_version_of_which_suite_it_came() -> None:
    assert why_foreign(BOARD, {"suite": MINE.identity.as_json()}) == ""
    assert why_foreign(BOARD, {}).startswith("the report does not say by which suite it came")
    other = next(each for each in catalog().installed if each.suite.name != MINE.suite.name)
    assert "and the result came by" in why_foreign(BOARD, {"suite": other.identity.as_json()})
    unknown = {**MINE.identity.as_json(), "name": "else"}
    assert "the site has no suite of that name" in why_foreign("else/board", {"suite": unknown})


def test_the_same_suite_has_no_difference() -> None:
    assert difference(MINE.identity, MINE.identity) == ""
    assert hold([SUITE]).refused == ()
    assert find(BOARD).name in SUITE["benchmarks"]
