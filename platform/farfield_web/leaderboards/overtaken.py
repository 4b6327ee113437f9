"""Telling people that entries of others have come to stand above theirs."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import benchmarks
from farfield_web.hosting.hidden import hidden_now
from farfield_web.leaderboards.models import StandingPlace
from farfield_web.leaderboards.standings import standing_of_column
from farfield_web.people import told
from farfield_web.people.models import EntryTold
from farfield_web.people.notices import OVERTAKEN, wishers
from farfield_web.submissions.models import Submission


def look(benchmark: str, tier: str) -> int:
    """Tell whose entry on this board was overtaken since the last time; how many were told.

    Entries of the same person overtake nobody. Looking for the first time at an entry tells nothing, and while scores
    are hidden nobody is told.
    """
    people = set(wishers(OVERTAKEN))
    entered = Submission.objects.filter(benchmark=benchmark, tier=tier, owner__in=people)
    known = next((each for each in benchmarks() if each.name == benchmark), None)
    if known is None or not people or not entered.exists() or hidden_now(benchmark):
        return 0
    return _tell(known, tier, people)


def look_at_all() -> int:
    """Every board that somebody has an entry on who wants to be told."""
    of = Submission.objects.filter(owner__in=wishers(OVERTAKEN)).order_by()
    return sum(look(*named) for named in of.values_list("benchmark", "tier").distinct())


def above(ranks: Sequence[int], own: Sequence[int], rank: int) -> int:
    """How many entries of others rank above this rank, of all ranks and one's own, both in order.

    >>> above([1, 2, 2, 4], [2, 4], 4)
    2
    """
    return bisect_left(ranks, rank) - bisect_left(own, rank)


def _tell(benchmark: Benchmark, tier: str, people: set[int]) -> int:
    standing = standing_of_column(benchmark, tier, benchmark.columns[0])
    places = StandingPlace.objects.filter(standing=standing, rank__isnull=False).order_by("rank")
    listed = [(rank or 0, owner, key) for rank, owner, key in places.values_list("rank", "line__owner", "line")]
    ranks = [rank for rank, _, _ in listed]
    by_owner: dict[int, list[int]] = defaultdict(list)
    for rank, owner, _ in listed:
        by_owner[owner].append(rank)
    mine = {key: (rank, owner) for rank, owner, key in listed if owner in people}
    entries = Submission.objects.filter(pk__in=mine).select_related("owner", "method")
    return sum(
        _told(one, rank, above(ranks, by_owner[owner], rank), benchmark.title)
        for one in entries
        for rank, owner in [mine[one.pk]]
    )


def _told(submission: Submission, rank: int, count: int, title: str) -> bool:
    with transaction.atomic():
        EntryTold.objects.get_or_create(submission=submission)
        last = EntryTold.objects.select_for_update().get(submission=submission)
        before, last.above = last.above, count
        last.save(update_fields=["above"])
        if before is None or count <= before:
            return False
        told.overtaken(submission, count - before, rank, title)
        return True
