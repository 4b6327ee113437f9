"""The first page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from farfield_web.gate import viewer_of
from farfield_web.leaderboards.axes import reference_of
from farfield_web.leaderboards.queries import Board, board, with_data
from farfield_web.pages.boards.board_charts import chart_of
from farfield_web.pages.boards.charts import COMPACT
from farfield_web.pages.boards.examples import BY, strip_of
from farfield_web.pages.boards.lines import line_of
from farfield_web.pages.boards.query import Asked
from farfield_web.pages.boards.view import boards_of, entered_boards
from farfield_web.submissions.models import Submission
from farfield_web.submissions.visibility import visible

TOP, CHART_ROWS = 3, 5


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this is, the boards with their first three, and how to submit."""
    entered = entered_boards(Submission.objects.all())
    known = visible(viewer_of(request))
    shown = [best for benchmark in known if (best := _fullest(boards_of(benchmark, entered)))]
    ready, used = with_data(), {one.benchmark.name for one, _ in shown}
    shown.sort(key=lambda pair: (pair[0].benchmark.name not in ready, -len(pair[1].rows)))
    empty = [benchmark for benchmark in known if benchmark.name not in used]
    first = next((found for _, found in shown if any(row.rank for row in found.rows)), None)
    context = {
        "section": "",
        "boards": [_summary(one, found) for one, found in shown],
        "with_data": ready,
        "ready": [benchmark for benchmark in empty if benchmark.name in ready],
        "waiting": [benchmark for benchmark in empty if benchmark.name not in ready],
        "credit": BY,
        "figure": _figure(first) if first else None,
    }
    return render(request, "pages/home.html", context)


def _fullest(boards: list[Asked]) -> tuple[Asked, Board] | None:
    """Of a benchmark's boards the one with the most ranked entries, of equals the first; None when all are empty."""
    read = [(one, board(one.benchmark, tier=one.tier)) for one in boards]
    filled = [(one, found) for one, found in read if found.rows]
    return max(filled, key=lambda pair: len([row for row in pair[1].rows if row.rank]), default=None)


def _summary(one: Asked, found: Board) -> dict[str, object]:
    ranked = [row for row in found.rows if row.rank is not None]
    return {
        "benchmark": found.benchmark,
        "strip": strip_of(found.benchmark.name),
        "href": one.address,
        "tier": one.tier_title,
        "headline": one.headline.title,
        "count": len(found.rows),
        "top": [line_of(row, found.benchmark) for row in ranked[:TOP]],
    }


def _figure(found: Board) -> dict[str, object]:
    reference = reference_of(found.benchmark)
    return {
        "benchmark": found.benchmark,
        "chart": chart_of(found, limit=CHART_ROWS, layout=COMPACT),
        "titles": (found.columns[0].title, reference.title if reference else ""),
    }
