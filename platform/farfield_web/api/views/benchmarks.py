"""Benchmarks and their boards."""

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from farfield.errors import UnknownName
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import find
from farfield_web.api.board_serializers import BenchmarkBody, BenchmarkSummary, BoardBody, name_of
from farfield_web.api.pagination import named_page
from farfield_web.api.serializers import ErrorBody
from farfield_web.api.strict import PublicView
from farfield_web.gate import viewer_of
from farfield_web.kept import served
from farfield_web.leaderboards.axes import drawn_beside
from farfield_web.leaderboards.queries import Board, board, board_page, tier_of
from farfield_web.leaderboards.revision import revision_of
from farfield_web.leaderboards.selection import MOST_ROWS, Selection
from farfield_web.leaderboards.selection import VERIFIED as VERIFIED_BADGE
from farfield_web.submissions.visibility import visible

TRACK = OpenApiParameter("track", str, description="Only entries of this track.")
TIER = OpenApiParameter("tier", str, description="The board of this tier; of the first, if absent.")
VERIFIED = OpenApiParameter("verified", bool, description="Only what was run here.")
PHASE = OpenApiParameter("phase", str, description="Only entries of the phase of this name.")
APART = OpenApiParameter("apart", bool, description="The pages of those that are not comparable, in place of rows.")
PAGE = OpenApiParameter("page", int, description="From 1.")
CURSOR = OpenApiParameter("cursor", str, description="From `next` or `previous` of a page.")
PAGE_SIZE = OpenApiParameter("page_size", int, description="Rows on a page, 50 if absent, at most 200.")
COLUMN = OpenApiParameter("ranked_by", str, description="Name of the column to rank by; the headline's, if absent.")
MOST_PAGES = 1_000_000


class BenchmarkPage(serializers.Serializer[Any]):
    """A page of benchmarks."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = BenchmarkSummary(many=True)


class BenchmarkList(PublicView):
    """All benchmarks."""

    parameters = frozenset({"cursor", "page_size"})

    @extend_schema(
        parameters=[CURSOR, PAGE_SIZE], responses={200: BenchmarkPage, 400: ErrorBody}, operation_id="benchmarks_list"
    )
    def get(self, request: Request) -> Response:
        """The benchmarks that can be submitted to, by name."""
        return Response(BenchmarkPage(named_page(request, list(visible(viewer_of(request))))).data)


class BenchmarkDetail(PublicView):
    """One benchmark."""

    @extend_schema(responses={200: BenchmarkBody, 404: ErrorBody}, operation_id="benchmarks_read")
    def get(self, request: Request, name: str) -> Response:
        """A benchmark's protocol and data."""
        return Response(BenchmarkBody(known(name)).data)


class Leaderboard(PublicView):
    """A board."""

    parameters = frozenset({"track", "tier", "ranked_by", "verified", "phase", "apart", "page", "page_size"})

    @extend_schema(
        parameters=[TRACK, TIER, COLUMN, VERIFIED, PHASE, APART, PAGE, PAGE_SIZE],
        responses={200: BoardBody, 400: ErrorBody, 404: ErrorBody},
        operation_id="leaderboards_read",
    )
    def get(self, request: Request, name: str) -> HttpResponseBase:
        """The entries of a benchmark, ranked ones first, in pages; ranks are of the whole board."""
        benchmark = known(name)
        return served(request, lambda: revision_of(benchmark.name), lambda: _board(request, benchmark))


def _board(request: Request, benchmark: Benchmark) -> HttpResponse:
    tier = tier_of(benchmark, _tier(request, benchmark))
    selection = _selection(request, benchmark)
    found = board_page(benchmark, tier, selection)
    others = () if found.apart == 0 or selection.apart else board_page(benchmark, tier, _apart(selection)).rows
    answer = {
        "benchmark": benchmark,
        "track": request.query_params.get("track") or None,
        "tier": tier,
        "verified_only": _flag(request, "verified"),
        "key": found.key,
        "columns": benchmark.columns,
        "ranked_by": name_of(found.column),
        "rows": () if selection.apart else found.rows,
        "apart": found.rows if selection.apart else others,
        "apart_count": found.apart,
        "entries": found.entries,
        "revision": found.revision,
        "count": found.total,
        "page_number": found.page,
        "pages": found.pages,
        "next": _link(request, found.page + 1) if found.page < found.pages else None,
        "previous": _link(request, found.page - 1) if found.page > 1 else None,
    }
    return HttpResponse(JSONRenderer().render(BoardBody(answer).data), content_type="application/json")


def _selection(request: Request, benchmark: Benchmark) -> Selection:
    track = request.query_params.get("track") or None
    if track is not None and track not in {t.name for t in benchmark.tracks}:
        raise ValidationError({"track": f"{benchmark.title} has no track {track!r}."})
    column = benchmark.columns[_column(request, benchmark)]
    return Selection(
        tracks=(track,) if track else (),
        badges=(VERIFIED_BADGE,) if _flag(request, "verified") else (),
        phases=(phase,) if (phase := request.query_params.get("phase")) else (),
        metric=column.metric,
        domain=column.domain,
        apart=_flag(request, "apart"),
        page=_number(request, "page", 1, MOST_PAGES),
        size=_number(request, "page_size", 50, MOST_ROWS),
    )


def _apart(selection: Selection) -> Selection:
    """The first of those that are not comparable."""
    return replace(selection, apart=True, page=1)


def _link(request: Request, page: int) -> str:
    query = request.query_params.copy()
    query["page"] = str(page)
    return f"{settings.SITE_URL}{request.path}?{query.urlencode(safe=':')}"


def board_asked(request: Request, name: str) -> Board:
    """The board that a query asks for, with the figures that plots draw.

    Raises ValidationError for a track, tier or column there is not, or Http404.
    """
    benchmark = known(name)
    track = request.query_params.get("track") or None
    if track is not None and track not in {t.name for t in benchmark.tracks}:
        raise ValidationError({"track": f"{benchmark.title} has no track {track!r}."})
    column, tier = _column(request, benchmark), _tier(request, benchmark)
    beside = [*drawn_beside(benchmark, benchmark.columns[0]), *drawn_beside(benchmark, benchmark.columns[column])]
    return board(benchmark, track, column, tier, verified_only=_flag(request, "verified"), beside=beside)


def known(name: str) -> Benchmark:
    """The benchmark, or 404."""
    try:
        return find(name)
    except UnknownName as error:
        raise Http404 from error


def _tier(request: Request, benchmark: Benchmark) -> str:
    wanted = request.query_params.get("tier", "")
    names = [tier.name for tier in benchmark.plan.tiers]
    if wanted and wanted not in names:
        has = f"it has: {', '.join(names)}" if names else "it has no tiers"
        raise ValidationError({"tier": f"{benchmark.title} has no tier {wanted!r}; {has}."})
    return wanted


def _flag(request: Request, name: str) -> bool:
    text = request.query_params.get(name, "false")
    if text not in ("true", "false"):
        raise ValidationError({name: "It must be true or false."})
    return text == "true"


def _number(request: Request, name: str, usual: int, most: int) -> int:
    text = request.query_params.get(name, str(usual))
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0
    if not 1 <= number <= most:
        raise ValidationError({name: f"It must be a number from 1 to {most}."})
    return number


def _column(request: Request, benchmark: Benchmark) -> int:
    names = [name_of(column) for column in benchmark.columns]
    wanted = request.query_params.get("ranked_by") or names[0]
    if wanted not in names:
        raise ValidationError({"ranked_by": f"There is no column {wanted!r}; there are: {', '.join(names)}."})
    return names.index(wanted)
