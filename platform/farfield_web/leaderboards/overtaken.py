"""Telling people that entries of others have come to stand above theirs."""

from collections.abc import Iterable

from django.db import transaction

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import benchmarks
from farfield_web.leaderboards.queries import Row, board
from farfield_web.people import told
from farfield_web.people.models import EntryTold
from farfield_web.people.notices import OVERTAKEN, wishers
from farfield_web.submissions.models import Submission


def look(benchmark: str, tier: str) -> int:
    """Tell whose entry on this board was overtaken since the last time; how many were told.

    Entries of the same person overtake nobody. Looking for the first time at an entry tells nothing.
    """
    people = set(wishers(OVERTAKEN))
    entered = Submission.objects.filter(benchmark=benchmark, tier=tier, owner__in=people)
    known = next((each for each in benchmarks() if each.name == benchmark), None)
    return _tell(known, tier, people) if known is not None and people and entered.exists() else 0


def look_at_all() -> int:
    """Every board that somebody has an entry on who wants to be told."""
    of = Submission.objects.filter(owner__in=wishers(OVERTAKEN)).order_by()
    return sum(look(*named) for named in of.values_list("benchmark", "tier").distinct())


def above(row: Row, rows: Iterable[Row]) -> int:
    """How many entries of others rank above this one."""
    owner = row.entry.submission.owner_id
    ranked = ((other.rank, other.entry.submission.owner_id) for other in rows)
    return sum(rank is not None and rank < (row.rank or 0) and whose != owner for rank, whose in ranked)


def _tell(benchmark: Benchmark, tier: str, people: set[int]) -> int:
    rows = board(benchmark, tier=tier).rows
    mine = [row for row in rows if row.rank is not None and row.entry.submission.owner_id in people]
    return sum(_told(row, above(row, rows), benchmark.title) for row in mine)


def _told(row: Row, count: int, title: str) -> bool:
    submission = row.entry.submission
    with transaction.atomic():
        EntryTold.objects.get_or_create(submission=submission)
        last = EntryTold.objects.select_for_update().get(submission=submission)
        before, last.above = last.above, count
        last.save(update_fields=["above"])
        if before is None or count <= before:
            return False
        told.overtaken(submission, count - before, row.rank or 0, title)
        return True
