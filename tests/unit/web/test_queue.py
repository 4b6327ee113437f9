"""Place in the queue, and estimates from what was measured."""

import random
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.web.conftest import make_run, wanted

from farfield_web.accounts.models import User
from farfield_web.runs import lease
from farfield_web.runs import queue as queue_module
from farfield_web.runs.models import Run
from farfield_web.runs.queue import fair_order, outlook, queue
from farfield_web.runs.status import Status
from farfield_web.runs.submit import submit
from farfield_web.submissions.models import Submission

PEOPLE = st.lists(st.integers(1, 4), max_size=30)


@given(PEOPLE, st.dictionaries(st.integers(1, 4), st.integers(0, 5)))
def test_fair_order_takes_who_has_least_then_oldest(people: list[int], busy: dict[int, int]) -> None:
    counts, left = Counter(busy), list(enumerate(people))
    for key in fair_order([(person, number) for number, person in enumerate(people)], busy):
        number, person = min(left, key=lambda pair: (counts[pair[1]], pair[0]))
        assert key == number
        left.remove((number, person))
        counts[person] += 1
    assert not left


@pytest.mark.services
def test_place_without_measurements(run: Run) -> None:
    found = outlook(run)
    assert (found.place, found.of, found.run_seconds, found.wait_seconds) == (1, 1, None, 0.0)


@pytest.mark.services
def test_estimates_from_the_median(entered: Submission, person: User) -> None:
    end = timezone.now()
    for trial, seconds in ((5, 10), (6, 20), (7, 90)):
        started = end - timedelta(seconds=seconds)
        make_run(entered, trial, Status.SUCCEEDED, started_at=started, finished_at=end)
    second = submit(person, wanted()).runs.get()
    found = outlook(second)
    assert (found.place, found.of, found.run_seconds, found.wait_seconds) == (2, 2, 20.0, 20.0)


@pytest.mark.services
def test_a_run_under_way_has_no_place(run: Run) -> None:
    taken = lease.claim("w", "cpu")
    assert taken is not None
    assert outlook(taken).place is None


@pytest.mark.services
def test_what_was_claimed_since_it_was_read_stands_last(run: Run, person: User) -> None:
    submit(person, wanted())
    lease.claim("w", "cpu")
    found = outlook(run)
    assert (found.place, found.of) == (2, 2)


@pytest.mark.services
def test_waiting_is_unknown_behind_what_was_never_measured(run: Run, person: User) -> None:
    assert outlook(submit(person, wanted()).runs.get()).wait_seconds is None


@pytest.mark.services
@pytest.mark.parametrize("seed", range(4))
def test_a_counted_place_is_that_of_the_turns(
    entered: Submission, person: User, other: User, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    draws, third = random.Random(seed), User.objects.create_user("emmy")
    people, now = (person, other, third), timezone.now()
    entries = [submit(one, wanted(config={"bias": 0.1 * at})) for at, one in enumerate(people)]
    for trial in range(1, 25):
        status = draws.choice([Status.QUEUED] * 4 + [Status.RUNNING])
        queued_at = now - timedelta(seconds=draws.randrange(20))
        make_run(draws.choice(entries), trial, status, priority=draws.choice([0, 0, 0, 5]), queued_at=queued_at)
    order = queue("cpu")
    assert len(order) > 10
    runs = list(Run.objects.filter(pk__in=order))
    for exact in (queue_module.EXACT, 0):
        monkeypatch.setattr(queue_module, "EXACT", exact)
        assert [outlook(run).place for run in runs] == [order.index(run.pk) + 1 for run in runs]
        assert {outlook(run).of for run in runs} == {len(order)}
    monkeypatch.setattr(queue_module, "MOST_BEFORE", 5)
    assert [outlook(run).place for run in runs] == [
        place if place <= 6 else None for run in runs if (place := order.index(run.pk) + 1)
    ]
    monkeypatch.setattr(queue_module, "MOST_WAITING", len(order) - 1)
    assert {outlook(run).of for run in runs} == {None}
