"""The curve of a run: checked as strictly as its scores, stored beside them, over all trials, and never ranked."""

from typing import Any

import pytest
from tests.unit.web.conftest import BOARD, make_run, report_of

from farfield.runtime.curve import MOST_POINTS
from farfield_evaluators.catalog import find
from farfield_evaluators.wire import VERSION, Report, defaults
from farfield_web.accounts.models import User
from farfield_web.leaderboards.curves import curve_of
from farfield_web.leaderboards.queries import board, entry_of
from farfield_web.runs import lease, verbs
from farfield_web.runs.curves import as_json
from farfield_web.runs.models import Run
from farfield_web.runs.outcomes import lose_attempt
from farfield_web.runs.report import parse
from farfield_web.runs.reported import BadReport
from farfield_web.runs.status import Status
from farfield_web.runs.tasks import store_report
from farfield_web.submissions.models import Submission

services = pytest.mark.services
ID, SHIFTS = ("accuracy", "id"), ("accuracy", "shifts")
NAN, INFINITE = float("nan"), float("inf")
Json = dict[str, Any]


def score(domain: str, value: Any, stderr: Any = 0.01) -> Json:
    return {"metric": "accuracy", "domain": domain, "value": value, "stderr": stderr, "n": 20}


def point(at: Any, of_id: Any = 0.9, of_shifts: Any = 0.5) -> Json:
    return {"point": at, "scores": [score("id", of_id), score("shifts", of_shifts)]}


CURVE = [point(0.0, 0.6, 0.7), point(0.5, 0.8, 0.75), point(1.0)]


@pytest.fixture
def leased(run: Run) -> Run:
    taken = lease.claim("w", "cpu")
    assert taken is not None
    return taken


def parsed(curve: Any) -> list[Json]:
    """The points of a report with this curve, as they would be stored."""
    number = "00000000-0000-0000-0000-000000000001"
    told = {"run": number, "token": "t", "attempt": 1, "outcome": "succeeded", "curve": curve}
    return as_json(parse({"wire": VERSION, **defaults(Report), **told}).curve)


def test_a_curve_is_kept_as_it_came() -> None:
    assert parsed(CURVE) == CURVE


def test_a_report_need_not_have_one() -> None:
    assert parsed([]) == []


def test_as_many_points_as_allowed_pass() -> None:
    assert len(parsed([point(n) for n in range(MOST_POINTS)])) == MOST_POINTS


@pytest.mark.parametrize(
    ("curve", "why"),
    [
        ({"point": 0.5}, "expected a list"),
        ("0.5", "expected a list"),
        (0, "expected a list"),
        ([point(n) for n in range(MOST_POINTS + 1)], "32 is the most"),
        ([0.5], "expected an object"),
        ([point(0.5), point(0.4)], "do not ascend"),
        ([point(0.5), point(0.5)], "do not ascend"),
        ([point(NAN)], "finite number"),
        ([point(0.1), point(INFINITE)], "finite number"),
        ([point(-INFINITE)], "finite number"),
        ([point(True)], "finite number"),
        ([point("0.5")], "finite number"),
        ([point(None)], "finite number"),
        ([point(10**400)], "OverflowError"),
        ([{"scores": [score("id", 0.5)]}], "KeyError"),
        ([{"point": 0.5}], "KeyError"),
        ([{"point": 0.5, "scores": []}], "no scores at 0.5"),
        ([{"point": 0.5, "scores": {"metric": "accuracy"}}], "no scores at 0.5"),
        ([{"point": 0.5, "scores": [{"metric": "accuracy"}]}], "KeyError"),
        ([{"point": 0.5, "scores": ["accuracy"]}], "TypeError"),
        ([{"point": 0.5, "scores": [score("id", "high")]}], "ValueError"),
        ([{"point": 0.5, "scores": [score("id", 0.5)] * 2}], "reported twice"),
        ([point(0.1), {"point": 0.5, "scores": [score("id", 10**400)]}], "OverflowError"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_no_curve_is_refused_with_its_reason(curve: Any, why: str) -> None:
    with pytest.raises(BadReport, match=why):
        parsed(curve)


@pytest.mark.parametrize("missing", [None, NAN, INFINITE], ids=str)
def test_a_figure_that_is_missing_is_left_out_and_so_is_a_point_of_nothing(missing: float | None) -> None:
    left = {"point": 0.1, "scores": [score("id", 0.9)]}
    assert parsed([point(0.1, 0.9, missing), point(0.2, missing, missing)]) == [left]
    assert parsed([{"point": 1.0, "scores": [score("id", 0.5, missing)]}])[0]["scores"][0]["stderr"] is None


@services
def test_success_stores_the_curve_and_the_ranked_figures_stay_the_runs_own(leased: Run) -> None:
    store_report(report_of(leased, curve=CURVE))
    run = Run.objects.get()
    assert (run.state, run.curve) == (Status.SUCCEEDED, CURVE)
    assert {(s.domain, s.value) for s in run.scores.all()} == {("id", 0.5), ("shifts", 0.5)}
    row = board(find(BOARD)).rows[0]
    assert row.figures[0] is not None
    assert (row.rank, row.figures[0].value) == (1, 0.5)
    assert [one.point for one in row.entry.curve] == [0.0, 0.5, 1.0]


@services
def test_an_older_workers_report_has_none(leased: Run) -> None:
    store_report(report_of(leased))
    assert Run.objects.get().curve == []


@services
def test_a_bad_curve_loses_the_attempt_and_nothing_of_the_report_is_kept(leased: Run) -> None:
    store_report(report_of(leased, curve=[point(0.5), point(0.1)]))
    run = Run.objects.get()
    assert (run.state, run.attempt, run.curve, run.scores.count()) == (Status.QUEUED, 2, [], 0)


@services
def test_a_failed_run_has_none(leased: Run) -> None:
    failure = {"code": "plugin.raised", "message": "no"}
    store_report(report_of(leased, outcome="failed", scores=[], failure=failure, curve=CURVE))
    run = Run.objects.get()
    assert (run.state, run.curve) == (Status.FAILED, [])


@services
def test_no_curve_of_an_earlier_attempt_stays(leased: Run, person: User) -> None:
    Run.objects.update(curve=CURVE)  # past the verbs: only a run that has succeeded has one
    leased.refresh_from_db()
    lose_attempt(leased, "platform.lost", "the worker was lost")
    assert Run.objects.get().curve == []
    Run.objects.update(curve=CURVE)
    verbs.cancel(leased.submission, person)
    verbs.retry(leased.submission, person)
    assert Run.objects.get().curve == []
    taken = lease.claim("w", "cpu")
    assert taken is not None
    store_report(report_of(taken, curve=CURVE[:1]))
    assert Run.objects.get().curve == CURVE[:1]


def test_a_curve_is_the_mean_over_trials_with_its_error_over_them() -> None:
    found = curve_of([[point(0.5, 0.8, 0.4)], [point(0.5, 0.6, 0.6)]])
    assert [one.point for one in found] == [0.5]
    figure = found[0].figures[ID]
    assert (figure.value, figure.stderr) == pytest.approx((0.7, 0.1))
    assert figure.trials == 2


def test_of_one_trial_the_errors_are_those_over_examples() -> None:
    figure = curve_of([CURVE])[1].figures[SHIFTS]
    assert (figure.value, figure.stderr, figure.trials) == (0.75, 0.01, 1)


def test_a_point_that_a_trial_lacks_is_left_out_and_so_is_a_figure() -> None:
    only_id = {"point": 1.0, "scores": [score("id", 0.7)]}
    found = curve_of([CURVE, [point(0.5), only_id]])
    assert [one.point for one in found] == [0.5, 1.0]
    assert set(found[1].figures) == {ID}
    only_shifts = {"point": 1.0, "scores": [score("shifts", 0.7)]}
    assert curve_of([[only_id], [only_shifts]]) == ()
    assert curve_of([CURVE, []]) == ()
    assert curve_of([]) == ()


@services
def test_only_runs_that_have_succeeded_count(entered: Submission) -> None:
    Run.objects.update(status=Status.SUCCEEDED.value, curve=[point(0.5, 0.8)])
    make_run(entered, 1, Status.SUCCEEDED, curve=[point(0.5, 0.6)])
    make_run(entered, 2, Status.FAILED, curve=[point(0.9)])
    found = entry_of(Submission.objects.get()).curve
    assert [(one.point, one.figures[ID].trials) for one in found] == [(0.5, 2)]
    assert found[0].figures[ID].value == pytest.approx(0.7)


@services
def test_the_api_gives_it_in_the_form_of_the_report(leased: Run, call: Any) -> None:
    store_report(report_of(leased, curve=CURVE))
    assert call("get", f"runs/{leased.pk}").json()["curve"] == CURVE
    assert call("get", f"submissions/{leased.submission_id}").json()["runs"][0]["curve"] == CURVE


@services
def test_the_api_gives_an_empty_one_where_there_is_none(run: Run, call: Any) -> None:
    assert call("get", f"runs/{run.pk}").json()["curve"] == []
