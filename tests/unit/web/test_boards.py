"""Boards: which results are on them."""

from typing import Any

import pytest
from django.test import Client
from tests.unit.web.conftest import BOARD, board_data, described, report_of, wanted

from farfield_evaluators.catalog import find
from farfield_web.accounts.models import User
from farfield_web.leaderboards.queries import Board, board, current_data
from farfield_web.runs import lease
from farfield_web.runs.announce import announce
from farfield_web.runs.models import Run, Score
from farfield_web.runs.submit import submit
from farfield_web.runs.tasks import store_report
from farfield_web.submissions.models import BenchmarkData, Method, Submission

pytestmark = [pytest.mark.services, pytest.mark.django_db]


def evaluated(
    person: User, value: float | None, key: str | None = None, stderr: float | None = 0.01, **changes: Any
) -> Submission:
    submission = submit(person, wanted(**changes))
    run = lease.claim("w", "cpu")
    assert run is not None
    scores = [{"metric": "accuracy", "domain": "id", "value": 0.9, "stderr": stderr, "n": 9}]
    if value is not None:
        scores.append({"metric": "accuracy", "domain": "shifts", "value": value, "stderr": stderr, "n": 9})
    store_report(report_of(run, scores=scores, **({"comparability_key": key} if key else {})))
    return submission


def shown(**options: Any) -> Board:
    return board(find(BOARD), **options)


@pytest.mark.parametrize("stderr", [None, 0.01])
def test_the_page_explains_standard_errors_where_there_are_some(
    announced: None, person: User, client: Client, stderr: float | None
) -> None:
    evaluated(person, 0.3, stderr=stderr)
    page = client.get(f"/boards/{BOARD}/").content.decode()
    explained = ["In per cent, ± one standard error." in page, "<dt>The figure after ±" in page, "<dt>Tied" in page]
    assert explained == [stderr is not None] * 3
    assert ("These figures have no standard error" in page) is (stderr is None)


def test_entries_are_ranked_by_the_headline(announced: None, person: User, other: User) -> None:
    low = evaluated(person, 0.3)
    best = evaluated(other, 0.7, config={"bias": 0.3})
    missing = evaluated(person, None, config={"bias": 0.1})
    near = evaluated(person, 0.69, config={"bias": 0.2})
    rows = shown().rows
    assert [(row.entry.submission, row.rank, row.tied_with_best) for row in rows] == [
        (best, 1, False),
        (near, 2, True),
        (low, 3, False),
        (missing, None, False),
    ]
    assert rows[3].reason == "no result for Mean of shifts"
    headline = rows[0].figures[0]
    assert headline is not None
    assert (headline.value, headline.stderr, headline.trials) == (0.7, 0.01, 1)
    assert rows[0].figures[2] is None


def test_another_column_can_rank(announced: None, person: User) -> None:
    evaluated(person, None)
    assert [row.rank for row in shown(ranked_by=1).rows] == [1]


def test_a_resubmission_unchanged_shows_the_newest_only(announced: None, person: User, other: User) -> None:
    evaluated(person, 0.9)
    newest = evaluated(person, 0.89, config={"bias": 0.5})
    theirs = evaluated(other, 0.88)
    assert [row.entry.submission for row in shown().rows] == [newest, theirs]


def test_unfinished_submissions_are_not_entries(entered: Submission) -> None:
    assert shown().rows == ()


def test_results_on_other_data_are_listed_apart(announced: None, person: User) -> None:
    old = evaluated(person, 0.9)
    announce("worker-1", [described()], {BOARD: board_data("e" * 64)})
    new_key = find(BOARD).comparability_key("e" * 64)
    new = evaluated(person, 0.4, key=new_key)
    now = shown()
    assert now.key == new_key
    assert [row.entry.submission for row in now.rows] == [new]
    assert [(row.entry.submission, row.rank) for row in now.apart] == [(old, None)]
    assert now.apart[0].reason == "not comparable: evaluated on other data"


def test_tracks_filter(announced: None, person: User) -> None:
    evaluated(person, 0.9)
    assert len(shown(track="open").rows) == 1
    assert shown(track="scratch").rows == ()


def test_a_board_before_any_worker_is_empty(db: None) -> None:
    assert (shown().key, shown().rows) == (None, ())


def test_announcing_again_changes_what_is_current(announced: None) -> None:
    announce("worker-1", [described(version="2.0")], {BOARD: board_data("e" * 64)})
    announce("worker-1", [described(version="2.0")], {BOARD: board_data()})
    data = current_data(BOARD)
    assert data is not None
    assert (data.fingerprint, data.classes, data.counts["train"]) == ("f" * 64, ["dog", "cat"], 10)
    assert BenchmarkData.objects.count() == 2
    assert Method.objects.get().version == "2.0"


def test_a_method_of_another_worker_stays_available(announced: None) -> None:
    announce("worker-2", [described("second")], {})
    announce("worker-1", [], {})
    assert {m.name: m.available for m in Method.objects.all()} == {"constant": False, "second": True}


def test_data_of_another_release_is_refused_and_the_rest_is_kept(db: None) -> None:
    for name, data, code in (
        ("none/such", board_data(), "benchmark.unknown"),
        (BOARD, {**board_data(), "key": "other"}, "benchmark.mismatch"),
    ):
        (refused,) = announce("w", [described()], {name: data})
        assert (refused.name, refused.code, refused.what) == (name, code, "benchmark")
    assert not BenchmarkData.objects.exists()
    assert Method.objects.exists()


def with_runs(submission: Submission, count: int) -> None:
    """As many runs, all of them done; each has figures of its own, and a probe."""
    (first,) = submission.runs.all()
    values = {name: getattr(first, name) for name in ("seed", "resource", "line", "status", "status_at", "queued_at")}
    values |= {"comparability_key": first.comparability_key, "probes": {"deterministic": True}}
    runs = Run.objects.bulk_create(
        Run(submission=submission, trial=n, cell={"trial": n}, **values) for n in range(1, count)
    )
    Score.objects.bulk_create(
        Score(run=run, attempt=1, metric="accuracy", domain=domain, value=0.5) for run in runs for domain in ("id", "x")
    )


@pytest.mark.parametrize("runs", [10, 1000])
def test_a_board_costs_the_same_however_many_runs(
    announced: None, person: User, runs: int, django_assert_num_queries: Any
) -> None:
    submission = evaluated(person, 0.7)
    with_runs(submission, runs)
    with django_assert_num_queries(4) as asked:
        (row,) = shown().rows
    assert (row.entry.progress.total, len(row.entry.figures)) == (runs, 2)
    assert not any("runs_score" in query["sql"] for query in asked.captured_queries)
