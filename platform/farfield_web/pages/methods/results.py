"""The results of a method on all boards, as its page shows them: on each the best, by its headline."""

from collections.abc import Sequence
from dataclasses import dataclass

from farfield_evaluators.benchmark import Benchmark
from farfield_web.entries.names import by_whom
from farfield_web.leaderboards.rows import Row
from farfield_web.leaderboards.tops import Top, of_method
from farfield_web.pages.boards.lines import Line, line_of
from farfield_web.pages.boards.query import Asked, asked
from farfield_web.submissions.models import Method

BEST = 10


@dataclass(frozen=True, kw_only=True)
class Result:
    """A method's entry on a board; the last one shown says how many `more` there are."""

    benchmark: Benchmark
    tier: str
    href: str
    headline: str
    by: str
    line: Line
    more: int = 0


def results_of(method: Method, benchmarks: Sequence[Benchmark]) -> list[Result]:
    """The best entries of a method on each board that it is on, with their ranks among all tracks."""
    return [result for top in of_method(method, benchmarks, BEST) for result in _results(top)]


def _results(top: Top) -> list[Result]:
    one, last = asked(top.benchmark, {"tier": top.tier}), len(top.rows) - 1
    return [
        _result(one, row, more=top.chosen - len(top.rows) if number == last else 0)
        for number, row in enumerate(top.rows)
    ]


def _result(one: Asked, row: Row, more: int) -> Result:
    return Result(
        benchmark=one.benchmark,
        tier=one.tier_title,
        href=one.address,
        headline=one.headline.title,
        by=by_whom(row.entry.submission),
        line=line_of(row, one.benchmark),
        more=more,
    )
