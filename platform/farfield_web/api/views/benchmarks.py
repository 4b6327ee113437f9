"""Benchmarks and their boards."""

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from farfield.errors import UnknownName
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import find
from farfield_web.api.board_serializers import BenchmarkBody, BenchmarkSummary, BoardBody, name_of
from farfield_web.api.serializers import ErrorBody
from farfield_web.api.strict import PublicView
from farfield_web.gate import viewer_of
from farfield_web.leaderboards.queries import Board, board
from farfield_web.submissions.visibility import visible

TRACK = OpenApiParameter("track", str, description="Only entries of this track.")
TIER = OpenApiParameter("tier", str, description="The board of this tier; of the first, if absent.")
VERIFIED = OpenApiParameter("verified", bool, description="Only what was run here, ranked without all other entries.")
COLUMN = OpenApiParameter("ranked_by", str, description="Name of the column to rank by; the headline's, if absent.")


class BenchmarkList(PublicView):
    """All benchmarks."""

    @extend_schema(responses=BenchmarkSummary(many=True), operation_id="benchmarks_list")
    def get(self, request: Request) -> Response:
        """The benchmarks that can be submitted to."""
        return Response(BenchmarkSummary(visible(viewer_of(request)), many=True).data)


class BenchmarkDetail(PublicView):
    """One benchmark."""

    @extend_schema(responses={200: BenchmarkBody, 404: ErrorBody}, operation_id="benchmarks_read")
    def get(self, request: Request, name: str) -> Response:
        """A benchmark's protocol and data."""
        return Response(BenchmarkBody(known(name)).data)


class Leaderboard(PublicView):
    """A board."""

    parameters = frozenset({"track", "tier", "ranked_by", "verified"})

    @extend_schema(
        parameters=[TRACK, TIER, COLUMN, VERIFIED],
        responses={200: BoardBody, 400: ErrorBody, 404: ErrorBody},
        operation_id="leaderboards_read",
    )
    def get(self, request: Request, name: str) -> Response:
        """The ranked entries of a benchmark."""
        return Response(BoardBody(board_asked(request, name)).data)


def board_asked(request: Request, name: str) -> Board:
    """The board that a query asks for. Raises ValidationError for a track, tier or column there is not, or Http404."""
    benchmark = known(name)
    track = request.query_params.get("track") or None
    if track is not None and track not in {t.name for t in benchmark.tracks}:
        raise ValidationError({"track": f"{benchmark.title} has no track {track!r}."})
    column, tier = _column(request, benchmark), _tier(request, benchmark)
    return board(benchmark, track, column, tier, verified_only=_verified(request))


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


def _verified(request: Request) -> bool:
    text = request.query_params.get("verified", "false")
    if text not in ("true", "false"):
        raise ValidationError({"verified": "It must be true or false."})
    return text == "true"


def _column(request: Request, benchmark: Benchmark) -> int:
    names = [name_of(column) for column in benchmark.columns]
    wanted = request.query_params.get("ranked_by") or names[0]
    if wanted not in names:
        raise ValidationError({"ranked_by": f"There is no column {wanted!r}; there are: {', '.join(names)}."})
    return names.index(wanted)
