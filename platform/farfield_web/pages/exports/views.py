"""Boards and entries for other sites and tools: files, a badge, a board to embed, and news."""

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from farfield_evaluators.benchmark import Benchmark
from farfield_web.api.links import page
from farfield_web.exports.badge import as_badge
from farfield_web.exports.openood import as_openood, is_openood
from farfield_web.exports.parquet import as_parquet
from farfield_web.exports.standing import STANDS, state_of
from farfield_web.kept import kept
from farfield_web.leaderboards.board_pages import row_of_entry
from farfield_web.leaderboards.queries import Row, board_page, current_data
from farfield_web.leaderboards.revision import revision_of, revision_of_all
from farfield_web.leaderboards.selection import Selection
from farfield_web.pages.boards.benchmarks import croissant_of, find_or_404
from farfield_web.pages.boards.views import board_asked
from farfield_web.pages.exports.board_json import as_file, facts_of
from farfield_web.pages.exports.feed import as_atom, board_items, site_items
from farfield_web.submissions.models import Submission

ATOM = "application/atom+xml; charset=utf-8"
# An embedded board may stand in any page; nothing of it runs, is sent, or is loaded from elsewhere.
EMBEDDED = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *"
EMBED_ROWS, MOST_EMBED_ROWS = 10, 50


@require_safe
def board_json(request: HttpRequest, name: str) -> HttpResponse:
    """The whole board as JSON, with an ETag that changes with it; what is asked is as for the board."""
    wanted, found = board_asked(request, name)
    content, tag = as_file(found, timezone.now())
    response = _file(content, "application/json", wanted.benchmark, ".json")
    response["ETag"] = tag
    return response


@require_safe
def board_parquet(request: HttpRequest, name: str) -> HttpResponse:
    """The board as Parquet; what is asked is as for the board."""
    wanted, found = board_asked(request, name, beside=())
    content = as_parquet(found, facts_of(found))
    return _file(content, "application/vnd.apache.parquet", wanted.benchmark, ".parquet")


@require_safe
def board_openood(request: HttpRequest, name: str) -> HttpResponse:
    """A board of OOD detection with the eight columns of OpenOOD's; 404 for other boards."""
    wanted, found = board_asked(request, name)
    if not is_openood(wanted.benchmark):
        raise Http404(f"{wanted.benchmark.title} has no near and far AUROC, which OpenOOD's columns are.")
    text = as_openood(found, request.build_absolute_uri(wanted.address))
    return _file(text.encode(), "text/csv; charset=utf-8", wanted.benchmark, "-openood.csv")


@require_safe
def croissant(request: HttpRequest, name: str) -> HttpResponse:
    """What the benchmark's data are, as Croissant 1.1."""
    benchmark = find_or_404(name)
    described = croissant_of(benchmark, current_data(benchmark.name))
    return JsonResponse(described, content_type="application/ld+json", json_dumps_params={"indent": 2})


@require_safe
def badge(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The rank of an entry on its board as a picture."""
    submission = get_object_or_404(Submission.objects.select_related("method", "owner"), pk=pk)
    benchmark = submission.known_benchmark
    title = benchmark.title if benchmark else submission.benchmark
    response = HttpResponse(as_badge(title, _place(submission, benchmark)), content_type="image/svg+xml")
    response["Cache-Control"] = "private, max-age=300"
    return response


@require_safe
@xframe_options_exempt
def embed(request: HttpRequest, name: str) -> HttpResponse:
    """The first rows of a board for another page: `?rows=` many, `?highlight=` marks an entry by its number."""
    benchmark = find_or_404(name)
    found = board_page(benchmark, "", Selection(size=_rows(request)))
    rows = [_embedded(row) for row in found.rows]
    context = {
        "benchmark": benchmark,
        "address": page("board", benchmark.name),
        "rows": rows,
        "column": found.column,
        "metric": benchmark.metric(found.column.metric),
        "highlight": request.GET.get("highlight", ""),
    }
    response = render(request, "exports/embed.html", context)
    response["Content-Security-Policy"] = EMBEDDED
    return response


@require_safe
@kept(lambda request, name: revision_of(find_or_404(name).name))
def board_feed(request: HttpRequest, name: str) -> HttpResponse:
    """What is new on a board, as Atom."""
    benchmark = find_or_404(name)
    own = reverse("board-feed", args=[name])
    feed = as_atom(benchmark.title, reverse("board", args=[name]), own, board_items(benchmark.name))
    return HttpResponse(feed, content_type=ATOM)


@require_safe
@kept(lambda request: revision_of_all())
def site_feed(request: HttpRequest) -> HttpResponse:
    """What is new on all boards that everybody may see, as Atom."""
    return HttpResponse(as_atom("Farfield", "/", reverse("site-feed"), site_items()), content_type=ATOM)


def _place(submission: Submission, benchmark: Benchmark | None) -> str:
    """The rank in words, or why there is none."""
    state = state_of(submission)["state"]
    if state != STANDS or benchmark is None:
        return state if state != STANDS else "withdrawn benchmark"
    row, ranked = row_of_entry(benchmark, submission)
    return f"rank {row.rank} of {ranked}" if row is not None and row.rank is not None else "not ranked"


def _embedded(row: Row) -> dict[str, Any]:
    one = row.entry.submission
    return {"row": row, "number": str(one.pk), "address": page("submission", one.pk), "figure": row.figures[0]}


def _rows(request: HttpRequest) -> int:
    """How many rows are asked for, within bounds."""
    text = request.GET.get("rows", "")
    known = text.isascii() and text.isdigit() and len(text) < 6
    return min(max(int(text), 1), MOST_EMBED_ROWS) if known else EMBED_ROWS


def _file(content: bytes, kind: str, benchmark: Benchmark, suffix: str) -> HttpResponse:
    file = HttpResponse(content, content_type=kind)
    file["Content-Disposition"] = f'attachment; filename="{benchmark.name.replace("/", "-")}{suffix}"'
    return file
