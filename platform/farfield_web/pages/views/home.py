"""The first page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from farfield_evaluators.catalog import BENCHMARKS
from farfield_web.leaderboards.queries import Board, board
from farfield_web.pages.board_view import compact_chart, line_of, reference_of

TOP = 3


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this is, the boards with their first three, and how to submit."""
    boards = [board(benchmark) for benchmark in BENCHMARKS]
    figures = (one for one in boards if any(row.rank for row in one.rows))
    first = next(figures, None)
    context = {
        "section": "",
        "boards": [_summary(one) for one in boards],
        "figure": _figure(first) if first else None,
    }
    return render(request, "pages/home.html", context)


def _summary(found: Board) -> dict[str, object]:
    ranked = [row for row in found.rows if row.rank is not None]
    return {
        "benchmark": found.benchmark,
        "headline": found.columns[0].title,
        "count": len(found.rows),
        "top": [line_of(row, found.benchmark) for row in ranked[:TOP]],
    }


def _figure(found: Board) -> dict[str, object]:
    reference = reference_of(found.benchmark)
    return {
        "benchmark": found.benchmark,
        "chart": compact_chart(found),
        "titles": (found.columns[0].title, reference.title if reference else ""),
    }
