"""What is told of a person: their entries that are public, and the best places of these."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, QuerySet

from farfield_web.accounts.models import User
from farfield_web.entries.names import authored
from farfield_web.leaderboards.board_pages import board_page
from farfield_web.leaderboards.selection import Selection
from farfield_web.pages.boards.query import Asked, asked
from farfield_web.people.entries import WITH_TEAM
from farfield_web.people.models import Team
from farfield_web.submissions.models import Submission
from farfield_web.submissions.visibility import Viewer, entered_where_seen, with_scores

MOST_ENTRIES, MOST_PLACES = 20, 8


@dataclass(frozen=True, kw_only=True)
class Place:
    """The best rank on a board."""

    title: str
    href: str
    rank: int
    name: str


def entries_of(person: User, viewer: Viewer) -> QuerySet[Submission]:
    """Those that this viewer may read the person's name on, newest first."""
    seen = Submission.objects.filter(entered_where_seen(viewer), authored(person.username, viewer), owner=person)
    return seen.select_related("method", "upload__content", "owner", WITH_TEAM).prefetch_related("runs", "rulings")


def entries_for(team: Team, viewer: Viewer) -> QuerySet[Submission]:
    """Those that were made for a team, where this viewer may read by whom."""
    seen = Submission.objects.filter(entered_where_seen(viewer), team_entry__team=team, anonymous_since=None)
    return seen.select_related("method", "upload__content", "owner", WITH_TEAM).prefetch_related("runs", "rulings")


def people_of(viewer: Viewer, name: str = "") -> QuerySet[Any, Any]:
    """Who has entries that this viewer may read the names on, with how many and since when; those with most first.

    `name` is a part of the name, in any case.
    """
    entered = Submission.objects.filter(
        entered_where_seen(viewer), anonymous_since=None, owner__is_active=True, owner__username__icontains=name
    )
    counted = (
        entered.order_by()
        .values("owner__username")
        .annotate(entries=Count("pk"), boards=Count("benchmark", distinct=True), latest=Max("created_at"))
    )
    return counted.order_by("-entries", "owner__username")


def best_places(person: User, entries: QuerySet[Submission], viewer: Viewer) -> list[Place]:
    """On each board that these entries are on the best rank of theirs, best first."""
    known = {benchmark.name: benchmark for benchmark in with_scores(viewer)}
    on = entries.order_by().values_list("benchmark", "tier").distinct()
    found = [_best(person, asked(known[name], {"tier": tier})) for name, tier in on if name in known]
    return sorted((place for place in found if place), key=lambda place: (place.rank, place.title))[:MOST_PLACES]


def _best(person: User, one: Asked) -> Place | None:
    rows = board_page(one.benchmark, one.tier, Selection(authors=(person.username,), size=1)).rows
    if not rows or rows[0].rank is None:
        return None
    title = f"{one.benchmark.title}, {one.tier_title}" if one.tier_title else one.benchmark.title
    return Place(title=title, href=one.address, rank=rows[0].rank, name=rows[0].entry.submission.display_name)
