"""The boards."""

from collections.abc import Collection
from urllib.parse import parse_qs, urlsplit

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from farfield_evaluators.benchmark import Benchmark, Column
from farfield_evaluators.plans.means import spread_words
from farfield_web.kept import kept
from farfield_web.leaderboards.queries import Board, current_data, with_data
from farfield_web.leaderboards.revision import revision_of
from farfield_web.pages.boards.benchmarks import find_or_404
from farfield_web.pages.boards.board_bibtex import as_bibtex
from farfield_web.pages.boards.board_csv import as_csv as board_as_csv
from farfield_web.pages.boards.board_latex import as_latex
from farfield_web.pages.boards.group_board import as_csv as groups_as_csv
from farfield_web.pages.boards.opening import opened
from farfield_web.pages.boards.query import Asked, asked
from farfield_web.pages.boards.rows import everything, read
from farfield_web.pages.boards.view import view_of
from farfield_web.pages.describe import paper, rules_in_words

SEARCH_BOX = "q"


@require_safe
@vary_on_headers("HX-Request")
@kept(lambda request, name: revision_of(find_or_404(name).name))
def board(request: HttpRequest, name: str) -> HttpResponse:
    """A benchmark's board: what addresses ask of it is told in `query`, `filters` and `look`.

    A form says everything, usual or not: `apply` leads to the address that says only what is asked for.
    """
    wanted = _asked(request, find_or_404(name))
    part = bool(request.headers.get("HX-Request")) and not request.headers.get("HX-History-Restore-Request")
    if "apply" in request.GET and not part:
        return HttpResponseRedirect(wanted.address)
    response = _page(request, wanted, "pages/parts/board.html" if part else "pages/board.html")
    if "apply" in request.GET:
        response[_history(request, wanted)] = wanted.address
    return response


def _page(request: HttpRequest, wanted: Asked, template: str) -> HttpResponse:
    benchmark, shown = wanted.benchmark, read(wanted)
    context = {
        "section": "benchmarks",
        "benchmark": benchmark,
        "data": current_data(benchmark.name),
        "key": shown.board.key,
        "trials": benchmark.plan.trials(wanted.tier),
        "many_runs": benchmark.plan.count(wanted.tier) > 1,
        "spread": spread_words(benchmark.plan.spread, benchmark.plan.trials(wanted.tier)),
        "standing_rules": rules_in_words(benchmark),
        "standing_source": paper(benchmark.standing.source) if benchmark.standing else None,
        "compared_by_examples": any(row.place is not None and row.place.paired for row in shown.board.rows),
        "view": view_of(shown, wanted),
        "with_data": with_data(),
    }
    return render(request, template, context)


def _history(request: HttpRequest, wanted: Asked) -> str:
    """Which header tells the browser the address: what is typed makes history once, and none of its letters."""
    here = urlsplit(request.headers.get("HX-Current-URL", ""))
    typed_on = request.headers.get("HX-Trigger") == SEARCH_BOX and SEARCH_BOX in parse_qs(here.query)
    return "HX-Replace-Url" if typed_on or here.query == wanted.query else "HX-Push-Url"


@require_safe
def groups(request: HttpRequest, name: str) -> HttpResponse:
    """The figures of every group of the same board's entries, as CSV; what is asked is as for the board."""
    wanted, found = board_asked(request, name)
    return _file(wanted, groups_as_csv(found), "text/csv", "-groups.csv")


@require_safe
def board_csv(request: HttpRequest, name: str) -> HttpResponse:
    """The board as CSV; what is asked is as for the board."""
    wanted, found = board_asked(request, name, beside=())
    return _file(wanted, board_as_csv(found), "text/csv", ".csv")


@require_safe
def board_latex(request: HttpRequest, name: str) -> HttpResponse:
    """The ranked entries as a LaTeX table; what is asked is as for the board."""
    wanted, found = board_asked(request, name, beside=())
    text = as_latex(found, request.build_absolute_uri(wanted.address), timezone.now())
    return _file(wanted, text, "application/x-latex", ".tex")


@require_safe
def board_bibtex(request: HttpRequest, name: str) -> HttpResponse:
    """What to cite of the board; what is asked is as for the board."""
    wanted, found = board_asked(request, name, beside=())
    text = as_bibtex(found, request.build_absolute_uri(wanted.address), timezone.now())
    return _file(wanted, text, "application/x-bibtex", ".bib")


def board_asked(request: HttpRequest, name: str, *, beside: Collection[Column] | None = None) -> tuple[Asked, Board]:
    """What an address asks of a board, and all rows that are wanted: a file has no pages.

    Entries have the figures of the board's columns and those `beside` them; with None all that they have.
    """
    wanted = _asked(request, find_or_404(name))
    return wanted, everything(wanted, beside=beside)


def _file(wanted: Asked, text: str, kind: str, suffix: str) -> HttpResponse:
    file = HttpResponse(text, content_type=f"{kind}; charset=utf-8")
    file["Content-Disposition"] = f'attachment; filename="{wanted.benchmark.name.replace("/", "-")}{suffix}"'
    return file


def _asked(request: HttpRequest, benchmark: Benchmark) -> Asked:
    try:
        wanted = asked(benchmark, dict(request.GET.lists()))
        return wanted if request.GET.get("tier") else wanted.in_tier(opened(benchmark)).on_page(wanted.page)
    except LookupError as error:
        raise Http404(str(error)) from error
