"""The boards."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from farfield import Benchmark
from farfield_web.leaderboards.queries import board as read_board
from farfield_web.leaderboards.queries import current_data
from farfield_web.pages.board_view import view_of
from farfield_web.pages.views.benchmarks import find_or_404


@require_safe
@vary_on_headers("HX-Request")
def board(request: HttpRequest, name: str) -> HttpResponse:
    """A benchmark's board: `?track=` filters, `?by=metric:domain` ranks by another column."""
    benchmark = find_or_404(name)
    found = read_board(benchmark, _track(request, benchmark), _column(request, benchmark))
    context = {
        "section": "benchmarks",
        "benchmark": benchmark,
        "data": current_data(benchmark.name),
        "view": view_of(found),
    }
    part = bool(request.headers.get("HX-Request")) and not request.headers.get("HX-History-Restore-Request")
    return render(request, "pages/parts/board.html" if part else "pages/board.html", context)


def _track(request: HttpRequest, benchmark: Benchmark) -> str | None:
    wanted = request.GET.get("track") or None
    if wanted is not None and wanted not in {track.name for track in benchmark.tracks}:
        raise Http404(f"{benchmark.title} has no such track.")
    return wanted


def _column(request: HttpRequest, benchmark: Benchmark) -> int:
    wanted = request.GET.get("by")
    if not wanted:
        return 0
    names = [f"{column.metric}:{column.domain}" for column in benchmark.columns]
    if wanted not in names:
        raise Http404(f"{benchmark.title} has no such column.")
    return names.index(wanted)
