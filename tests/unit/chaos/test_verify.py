"""The verifier can fail: each kind of damage, put into a database state by hand, is counted under its own name."""

from dataclasses import replace

import pytest
from chaos.pack import CLASSES, right_scores
from chaos.plugin import MARK
from chaos.verify import WRONG, Figure, Kill, RunState, State, verify

RIGHT = tuple(Figure(1, metric, domain, value) for (metric, domain), value in right_scores(2).items())
GOOD = RunState(
    id="r1", submission="s1", title="chaos 1", method="chaos-quick", answer=2, status="succeeded", worker="w",
    started=100.0, finished=102.0, log=f"{MARK} 2\n", figures=RIGHT, successes=1,
)  # fmt: skip
FAILED = replace(GOOD, status="failed", code="plugin.crashed", message="died", figures=(), successes=0)
LOST = replace(FAILED, code="platform.lost_worker", quota_returned=True, log="")
ACCEPTED = {"s1": "chaos 1"}


def problems(run: RunState, *kills: Kill) -> dict[str, int]:
    verdict = verify(State(submissions=ACCEPTED, runs=(run,)), ACCEPTED, kills)
    return {fate: verdict[fate] for fate in WRONG if verdict[fate]}


def test_a_good_run_is_no_problem() -> None:
    verdict = verify(State(submissions=ACCEPTED, runs=(GOOD,)), ACCEPTED)
    assert verdict.problems == ()
    assert verdict["succeeded"] == verdict.runs == 1


@pytest.mark.parametrize(
    ("fate", "run"),
    [
        ("doubled", replace(GOOD, successes=2)),
        ("doubled", replace(GOOD, figures=(*RIGHT, RIGHT[0]))),
        ("doubled", replace(GOOD, figures=(*RIGHT[1:], RIGHT[0]._replace(attempt=2)))),
        ("stuck", replace(GOOD, status="scoring", figures=(), successes=0)),
        ("stuck", replace(GOOD, status="queued", figures=(), successes=0)),
        ("mislabelled", replace(GOOD, figures=(*RIGHT[1:], RIGHT[0]._replace(value=0.5)))),
        ("mislabelled", replace(GOOD, figures=RIGHT[1:])),
        ("mislabelled", replace(GOOD, method="chaos-fails")),
        ("mislabelled", FAILED),
        ("mislabelled", replace(LOST, message="")),
        ("log missing", replace(GOOD, log="")),
        ("log missing", replace(GOOD, log=f"{MARK} 3\n")),
        ("quota kept", replace(LOST, quota_returned=False)),
    ],
)
def test_each_damage_is_counted_as_what_it_is(fate: str, run: RunState) -> None:
    assert problems(run) == {fate: 1}


def test_an_accepted_submission_that_is_gone_is_lost() -> None:
    assert verify(State(submissions={}, runs=()), ACCEPTED)["lost"] == 1
    assert verify(State(submissions=ACCEPTED, runs=()), ACCEPTED)["lost"] == 1


def test_a_title_entered_twice_is_doubled() -> None:
    twin = replace(GOOD, id="r2", submission="s2")
    state = State(submissions={"s1": "chaos 1", "s2": "chaos 1"}, runs=(GOOD, twin))
    assert verify(state, ACCEPTED)["doubled"] == 1


def test_two_runs_of_one_trial_are_doubled() -> None:
    state = State(submissions=ACCEPTED, runs=(GOOD, replace(GOOD, id="r2")))
    assert verify(state, ACCEPTED)["doubled"] == 1


def test_a_kill_of_that_worker_at_that_time_is_a_legitimate_end() -> None:
    assert problems(FAILED, Kill("w", 101.0)) == {}
    assert problems(FAILED, Kill("another", 101.0)) == {"mislabelled": 1}
    assert problems(FAILED, Kill("w", 200.0)) == {"mislabelled": 1}
    assert problems(replace(FAILED, log=""), Kill("w", 101.0)) == {"log missing": 1}


def test_a_failure_of_the_platform_is_counted_apart() -> None:
    verdict = verify(State(submissions=ACCEPTED, runs=(LOST,)), ACCEPTED)
    assert verdict.problems == ()
    assert verdict["platform failed"] == 1


def test_each_answer_has_scores_of_its_own() -> None:
    assert len({tuple(right_scores(answer).values()) for answer in range(CLASSES)}) == CLASSES
    assert len(set(right_scores(0).values())) > 2
