"""The boards."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.plans.means import spread_words
from farfield_web.leaderboards.queries import Board, current_data, with_data
from farfield_web.leaderboards.queries import board as read_board
from farfield_web.pages.boards.benchmarks import find_or_404
from farfield_web.pages.boards.board_bibtex import as_bibtex
from farfield_web.pages.boards.board_csv import as_csv as board_as_csv
from farfield_web.pages.boards.board_latex import as_latex
from farfield_web.pages.boards.group_board import as_csv as groups_as_csv
from farfield_web.pages.boards.query import Asked, asked
from farfield_web.pages.boards.view import view_of
from farfield_web.pages.describe import paper, rules_in_words


@require_safe
@vary_on_headers("HX-Request")
def board(request: HttpRequest, name: str) -> HttpResponse:
    """A benchmark's board.

    `?track=` filters, `?by=metric:domain` ranks by another column, `?reported=1` adds published figures, `?verified=1`
    leaves out what was not run here. Where there are some, `?tier=` chooses the tier and `?rule=` the selection.
    """
    wanted = _asked(request, find_or_404(name))
    benchmark = wanted.benchmark
    found = read_board(benchmark, wanted.track, wanted.ranked_by, wanted.tier, verified_only=wanted.verified)
    context = {
        "section": "benchmarks",
        "benchmark": benchmark,
        "data": current_data(benchmark.name),
        "key": found.key,
        "trials": benchmark.plan.trials(wanted.tier),
        "many_runs": benchmark.plan.count(wanted.tier) > 1,
        "spread": spread_words(benchmark.plan.spread, benchmark.plan.trials(wanted.tier)),
        "standing_rules": rules_in_words(benchmark),
        "standing_source": paper(benchmark.standing.source) if benchmark.standing else None,
        "compared_by_examples": any(row.place is not None and row.place.paired for row in found.rows),
        "view": view_of(found, wanted),
        "with_data": with_data(),
    }
    part = bool(request.headers.get("HX-Request")) and not request.headers.get("HX-History-Restore-Request")
    return render(request, "pages/parts/board.html" if part else "pages/board.html", context)


@require_safe
def groups(request: HttpRequest, name: str) -> HttpResponse:
    """The figures of every group of the same board's entries, as CSV; what is asked is as for the board."""
    wanted, found = _board_asked(request, name)
    return _file(wanted, groups_as_csv(found), "text/csv", "-groups.csv")


@require_safe
def board_csv(request: HttpRequest, name: str) -> HttpResponse:
    """The board as CSV; what is asked is as for the board."""
    wanted, found = _board_asked(request, name)
    return _file(wanted, board_as_csv(found), "text/csv", ".csv")


@require_safe
def board_latex(request: HttpRequest, name: str) -> HttpResponse:
    """The ranked entries as a LaTeX table; what is asked is as for the board."""
    wanted, found = _board_asked(request, name)
    text = as_latex(found, request.build_absolute_uri(wanted.address), timezone.now())
    return _file(wanted, text, "application/x-latex", ".tex")


@require_safe
def board_bibtex(request: HttpRequest, name: str) -> HttpResponse:
    """What to cite of the board; what is asked is as for the board."""
    wanted, found = _board_asked(request, name)
    text = as_bibtex(found, request.build_absolute_uri(wanted.address), timezone.now())
    return _file(wanted, text, "application/x-bibtex", ".bib")


def _board_asked(request: HttpRequest, name: str) -> tuple[Asked, Board]:
    wanted = _asked(request, find_or_404(name))
    found = read_board(wanted.benchmark, wanted.track, wanted.ranked_by, wanted.tier, verified_only=wanted.verified)
    return wanted, found


def _file(wanted: Asked, text: str, kind: str, suffix: str) -> HttpResponse:
    file = HttpResponse(text, content_type=f"{kind}; charset=utf-8")
    file["Content-Disposition"] = f'attachment; filename="{wanted.benchmark.name.replace("/", "-")}{suffix}"'
    return file


def _asked(request: HttpRequest, benchmark: Benchmark) -> Asked:
    try:
        return asked(benchmark, request.GET.dict())
    except LookupError as error:
        raise Http404(str(error)) from error
