"""What is told of a person: their entries that are public, and the best places of these."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from farfield_evaluators.catalog import benchmarks
from farfield_web.accounts.models import User
from farfield_web.leaderboards.queries import board
from farfield_web.pages.boards.view import boards_of, entered_boards
from farfield_web.people.entries import WITH_TEAM
from farfield_web.people.models import Team
from farfield_web.submissions.models import Submission
from farfield_web.submissions.visibility import Viewer, entered_where_seen

MOST_ENTRIES, MOST_PLACES = 20, 8


@dataclass(frozen=True, kw_only=True)
class Place:
    """The best rank on a board."""

    title: str
    href: str
    rank: int
    of: int
    name: str


def entries_of(person: User, viewer: Viewer) -> QuerySet[Submission]:
    """Those that this viewer may read the person's name on, newest first."""
    seen = Submission.objects.filter(entered_where_seen(viewer), authored(person.username, viewer), owner=person)
    return seen.select_related("method", "upload__content", "owner", WITH_TEAM).prefetch_related("runs", "rulings")


def entries_for(team: Team, viewer: Viewer) -> QuerySet[Submission]:
    """Those that were made for a team, where this viewer may read by whom."""
    seen = Submission.objects.filter(entered_where_seen(viewer), team_entry__team=team, anonymous_since=None)
    return seen.select_related("method", "upload__content", "owner", WITH_TEAM).prefetch_related("runs", "rulings")


def best_places(entries: QuerySet[Submission]) -> list[Place]:
    """On each board the best rank of these entries, best first."""
    keys = set(entries.values_list("pk", flat=True))
    entered = entered_boards(entries.prefetch_related(None).select_related(None))
    found = [
        place
        for benchmark in benchmarks()
        for one in boards_of(benchmark, entered)
        if (place := _best(one, board(benchmark, tier=one.tier).rows, keys)) is not None
    ]
    return sorted(found, key=lambda place: (place.rank, place.title))[:MOST_PLACES]


def _best(one: Any, rows: Iterable[Any], keys: set[Any]) -> Place | None:
    ranked = [row for row in rows if row.rank is not None]
    mine = [row for row in ranked if row.entry.submission.pk in keys]
    if not mine:
        return None
    first = min(mine, key=lambda row: row.rank)
    title = f"{one.benchmark.title}, {one.tier_title}" if one.tier_title else one.benchmark.title
    return Place(
        title=title, href=one.address, rank=first.rank, of=len(ranked), name=first.entry.submission.display_name
    )
