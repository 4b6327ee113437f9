"""How many runs wait, told exactly while they are few, and about while they are many."""

import uuid
from copy import copy
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.unit.web.conftest import make_run

from farfield_web.operations import overview
from farfield_web.operations.overview import benchmark_states, queues
from farfield_web.runs import depth as depth_module
from farfield_web.runs import lease
from farfield_web.runs.depth import about, depth, in_words
from farfield_web.runs.models import Run
from farfield_web.runs.status import Status
from farfield_web.submissions.models import Submission

pytestmark = pytest.mark.services


def test_what_waits_and_what_is_under_way(entered: Submission) -> None:
    for trial in (7, 8):
        make_run(entered, trial, Status.QUEUED)
    waiting = Run.objects.filter(status=Status.QUEUED).order_by("queued_at")
    held, count, oldest = lease.claim("w", "cpu"), waiting.count(), waiting[0].queued_at
    assert held is not None
    [queue] = queues()
    assert (queue.resource, queue.waiting, queue.under_way, queue.oldest) == ("cpu", count, 1, oldest)
    assert {state.name: state.waits for state in benchmark_states()}[entered.benchmark] == str(count)


def test_the_operators_table_costs_the_same_however_many_benchmarks(
    entered: Submission, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    with CaptureQueriesContext(connection) as before:
        benchmark_states()
    names = ("ood-detection/mini", "domainbed/pacs")
    for number, name in enumerate(names, 1):
        other = copy(entered)
        other.pk, other.benchmark = uuid.uuid4(), name
        other.save(force_insert=True)
        for trial in range(number):
            make_run(other, trial, Status.QUEUED)
    monkeypatch.setattr(overview, "MANY", 2)
    monkeypatch.setattr(depth_module, "MANY", 2)
    monkeypatch.setattr(depth_module, "EXACT", 1)
    with django_assert_num_queries(len(before)):
        waits = {state.name: state.waits for state in benchmark_states()}
    assert [waits[name] for name in names] == ["1", "more than 1"]


def test_many_are_told_from_the_statistics(entered: Submission, monkeypatch: pytest.MonkeyPatch) -> None:
    Run.objects.filter(submission=entered).delete()
    for trial in range(34):
        make_run(entered, trial, Status.QUEUED if trial < 26 else Status.SUCCEEDED)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE runs_run")
    waiting = Run.objects.filter(status=Status.QUEUED)
    assert depth(waiting) == 26
    monkeypatch.setattr(depth_module, "EXACT", 5)
    monkeypatch.setattr(depth_module, "MANY", 6)
    assert depth(waiting) == 30
    assert in_words(depth(waiting)) == "about 30"
    assert depth(waiting.filter(trial__lt=3)) == 3


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (1, "more than 10,000"),
        (14_900, "more than 10,000"),
        (15_100, "about 20,000"),
        (46_000, "about 50,000"),
        (54_000, "about 50,000"),
        (480_000, "about 500,000"),
    ],
)
def test_what_the_statistics_are_off_by_is_not_shown(said: int, words: str) -> None:
    assert in_words(about(said)) == words
