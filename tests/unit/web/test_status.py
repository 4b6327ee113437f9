"""The transition table, and the function that keeps it."""

import itertools

import pytest
from django.db import transaction
from django.utils import timezone
from tests.unit.web.conftest import make_run

from farfield_web.runs.models import Run
from farfield_web.runs.status import LEASED, OPEN, TERMINAL, TRANSITIONS, IllegalTransition, Status, move, overall
from farfield_web.submissions.models import Submission

PAIRS = list(itertools.product(Status, Status))
ALLOWED = {
    ("queued", "preparing"), ("queued", "failed"), ("queued", "cancelled"),
    ("preparing", "running"), ("preparing", "queued"), ("preparing", "failed"), ("preparing", "cancelled"),
    ("running", "scoring"), ("running", "queued"), ("running", "failed"), ("running", "cancelled"),
    ("scoring", "succeeded"), ("scoring", "queued"), ("scoring", "failed"), ("scoring", "cancelled"),
    ("failed", "queued"), ("cancelled", "queued"),
}  # fmt: skip


def test_the_table_is_the_agreed_one() -> None:
    assert {(a.value, b.value) for a, targets in TRANSITIONS.items() for b in targets} == ALLOWED
    assert set(TRANSITIONS) == set(Status)


def test_states_are_open_or_terminal() -> None:
    assert set(Status) == OPEN | TERMINAL
    assert set(LEASED) < OPEN


@pytest.mark.services
@pytest.mark.parametrize(("source", "target"), PAIRS, ids=lambda s: s.value)
def test_every_pair(entered: Submission, source: Status, target: Status) -> None:
    run = make_run(entered, 7, source)
    if (source.value, target.value) in ALLOWED:
        move(run, target, "because")
        event = run.events.get()
        assert (event.kind, event.source, event.target, event.message) == ("moved", source, target, "because")
    else:
        with pytest.raises(IllegalTransition, match=f"from {source.value}"):
            move(run, target)
        assert not run.events.exists()
    expected = target if (source.value, target.value) in ALLOWED else source
    assert Run.objects.get(pk=run.pk).state is expected


@pytest.mark.services
@pytest.mark.parametrize("changed", [{"status": "cancelled"}, {"attempt": 2}, {"token": "new"}], ids=str)
def test_a_run_that_changed_meanwhile_is_not_moved(entered: Submission, changed: dict[str, object]) -> None:
    run = make_run(entered, 7, Status.RUNNING)
    Run.objects.filter(pk=run.pk).update(**changed)
    with transaction.atomic(), pytest.raises(IllegalTransition):
        move(run, Status.SCORING)
    assert not run.events.exists()


@pytest.mark.services
def test_fields_and_time_are_written_with_the_state(entered: Submission) -> None:
    run, before = make_run(entered, 7, Status.QUEUED), timezone.now()
    move(run, Status.PREPARING, token="fresh", worker="w")
    stored = Run.objects.get(pk=run.pk)
    assert (stored.token, stored.worker, run.token) == ("fresh", "w", "fresh")
    assert stored.status_at >= before


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([], "queued"),
        (["queued", "queued"], "queued"),
        (["queued", "succeeded"], "running"),
        (["queued", "running", "preparing"], "running"),
        (["scoring", "failed"], "scoring"),
        (["succeeded", "succeeded"], "succeeded"),
        (["succeeded", "failed", "cancelled"], "failed"),
        (["succeeded", "cancelled"], "cancelled"),
    ],
)
def test_the_status_of_a_submission(statuses: list[str], expected: str) -> None:
    assert overall(statuses) == expected
