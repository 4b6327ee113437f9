"""The results of a method on all boards, as its page shows them, and the versions that were entered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min

from farfield_evaluators.benchmark import Benchmark
from farfield_web.entries.names import by_whom
from farfield_web.leaderboards.tops import Top, of_method
from farfield_web.pages.boards.lines import Line, line_of
from farfield_web.pages.boards.query import asked
from farfield_web.submissions.models import Method, Submission
from farfield_web.submissions.visibility import Viewer, entered_where_seen

BEST = 10


@dataclass(frozen=True, kw_only=True)
class Result:
    """A method's entry on a board, on which `ranked` have a rank; the last one shown says how many `more` there are.

    The first of a board is its `best`, of so many `entries` of the method.
    """

    benchmark: Benchmark
    tier: str
    href: str
    headline: str
    by: str
    line: Line
    ranked: int
    entries: int
    best: bool = False
    more: int = 0


@dataclass(frozen=True, kw_only=True)
class Version:
    """A version of a method that was entered, how often, and when for the first and the last time."""

    name: str
    entries: int
    first: datetime
    last: datetime


def results_of(method: Method, benchmarks: Sequence[Benchmark]) -> list[Result]:
    """The best entries of a method on each board that it is on, best first, with their ranks among all tracks."""
    return [result for top in of_method(method, benchmarks, BEST) for result in _results(top)]


def versions_of(method: Method, viewer: Viewer) -> list[Version]:
    """What was entered of a method where this person may look, the newest first; a run names its version."""
    entered = Submission.objects.filter(entered_where_seen(viewer), method=method).exclude(method_version="")
    counted = (
        entered.order_by().values_list("method_version").annotate(Count("pk"), Min("created_at"), Max("created_at"))
    )
    found = [Version(name=name, entries=count, first=first, last=last) for name, count, first, last in counted]
    return sorted(found, key=lambda version: version.last, reverse=True)


def _results(top: Top) -> list[Result]:
    one, last = asked(top.benchmark, {"tier": top.tier}), len(top.rows) - 1
    return [
        Result(
            benchmark=one.benchmark,
            tier=one.tier_title,
            href=one.address,
            headline=one.headline.title,
            by=by_whom(row.entry.submission),
            line=line_of(row, one.benchmark),
            ranked=top.ranked,
            entries=top.chosen,
            best=number == 0,
            more=top.chosen - len(top.rows) if number == last else 0,
        )
        for number, row in enumerate(top.rows)
    ]
