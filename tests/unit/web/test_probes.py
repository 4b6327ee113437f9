"""What the probes found: stored as it came, and told on the board in words."""

from typing import Any

import pytest
from tests.unit.web.conftest import BOARD, report_of

from farfield_evaluators.catalog import find
from farfield_web.leaderboards.labels import BATCH, EARLY, NOT_RUN, RANDOM, labels_of
from farfield_web.leaderboards.queries import board
from farfield_web.runs import lease
from farfield_web.runs.models import Run
from farfield_web.runs.tasks import store_report

AT_ONCE = {"after_training": False}


def probes(**changes: Any) -> dict[str, Any]:
    return {
        "examples": 32,
        "deterministic": True,
        "batch_independent": True,
        "largest_difference": 0.0,
        "declared": {"transductive": False, "stochastic": False},
        **changes,
    }


@pytest.fixture
def leased(run: Run) -> Run:
    taken = lease.claim("w", "cpu")
    assert taken is not None
    return taken


@pytest.mark.services
@pytest.mark.parametrize("given", [{}, None, probes(), probes(largest_difference=1), AT_ONCE])
def test_probes_are_stored(leased: Run, given: Any) -> None:
    store_report(report_of(leased, probes=given))
    assert Run.objects.get().probes == (given or {})


@pytest.mark.services
def test_an_older_workers_report_has_none(leased: Run) -> None:
    store_report(report_of(leased))
    assert Run.objects.get().probes == {}


@pytest.mark.services
@pytest.mark.parametrize(
    "given",
    [
        {"examples": 3},
        {"after_training": "no"},
        "text",
        [probes()],
        probes(examples=-1),
        probes(examples=True),
        probes(examples=10**30),
        probes(deterministic="yes"),
        probes(batch_independent=None),
        probes(largest_difference=float("nan")),
        probes(largest_difference=float("inf")),
        probes(largest_difference=-1.0),
        probes(largest_difference="0"),
        probes(declared={}),
        probes(declared={"transductive": 1, "stochastic": False}),
    ],
    ids=str,
)
def test_bad_probes_are_a_bad_report(leased: Run, given: Any) -> None:
    store_report(report_of(leased, probes=given))
    run = Run.objects.get()
    assert (run.status, run.attempt, run.probes) == ("queued", 2, {})


@pytest.mark.services
def test_the_board_says_what_was_found(leased: Run, call: Any) -> None:
    store_report(report_of(leased, probes=probes(batch_independent=False)))
    assert board(find(BOARD)).rows[0].entry.labels == (BATCH,)
    row = call("get", f"leaderboards/{BOARD}").json()["rows"][0]
    assert (row["labels"], row["kind"]) == ([BATCH], "configuration")


@pytest.mark.parametrize(
    ("kind", "runs", "labels"),
    [
        ("plugin", [], ()),
        ("plugin", [{}], ()),
        ("plugin", [probes()], ()),
        ("predictions", [{}], (NOT_RUN,)),
        ("plugin", [probes(deterministic=False)], (RANDOM,)),
        ("plugin", [probes(), probes(deterministic=False)], (RANDOM,)),
        (
            "plugin",
            [probes(deterministic=False, batch_independent=False, declared={"transductive": True, "stochastic": True})],
            (f"{BATCH} (declared)", f"{RANDOM} (declared)"),
        ),
        ("plugin", [{}, AT_ONCE], (EARLY,)),
        ("plugin", [{"after_training": True}], ()),
        ("plugin", [probes(declared={"transductive": True, "stochastic": True})], ()),
        ("plugin", [probes(batch_independent=False, declared={"stochastic": True})], (BATCH,)),
    ],
    ids=str,
)
def test_labels(kind: str, runs: list[dict[str, Any]], labels: tuple[str, ...]) -> None:
    assert labels_of(kind, runs) == labels
