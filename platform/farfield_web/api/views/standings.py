"""Standings over a reader's choice of benchmarks."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from farfield_web.api.serializers import ErrorBody
from farfield_web.api.strict import PublicView
from farfield_web.gate import viewer_of
from farfield_web.leaderboards.aggregates import BYS, MOST_SOURCES
from farfield_web.leaderboards.sources import asked, found_of
from farfield_web.leaderboards.standings_body import body_of

BENCHMARKS = OpenApiParameter(
    "benchmarks",
    {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": MOST_SOURCES},
    required=True,
    description="What counts, once for each or with commas: `NAME`, `NAME@TIER`, `NAME:DOMAIN` or `NAME@TIER:DOMAIN`. "
    "Without a domain it is the board's headline.",
)
BY = OpenApiParameter(
    "by",
    str,
    enum=list(BYS),
    description="mean-rank (if absent): the mean of the ranks among entries that are on all. win-rate: the mean share "
    "of others that an entry beats, a tie counting half. mean-score: the mean figure, of one unit and direction.",
)
VERIFIED = OpenApiParameter("verified", bool, description="Only what was run here.")


class StandingsColumn(serializers.Serializer[Any]):
    """A column that counts."""

    name = serializers.CharField()
    benchmark = serializers.CharField()
    benchmark_title = serializers.CharField()
    tier = serializers.CharField(allow_blank=True)
    metric = serializers.CharField()
    domain = serializers.CharField()
    title = serializers.CharField()
    unit = serializers.CharField(allow_blank=True)
    higher_is_better = serializers.BooleanField()


class StandingsFigure(serializers.Serializer[Any]):
    """A figure in a column, as published; nulls where there is none."""

    submission = serializers.UUIDField(allow_null=True)
    value = serializers.FloatField(allow_null=True)
    stderr = serializers.FloatField(allow_null=True)


class StandingsEntrant(serializers.Serializer[Any]):
    """A method with its settings, and its figures in the order of the columns."""

    entry = serializers.CharField(help_text="The same for a method with the same settings, on whichever benchmark.")
    name = serializers.CharField()
    verified = serializers.BooleanField(help_text="Run here on all of them; else only scored here.")
    figures = StandingsFigure(many=True)


class StandingsRow(StandingsEntrant):
    """An entrant that is on all columns. Intervals are null where nothing is known of errors, or of very many."""

    value = serializers.FloatField()
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    rank = serializers.IntegerField()
    rank_low = serializers.IntegerField(allow_null=True)
    rank_high = serializers.IntegerField(allow_null=True)
    ranks = serializers.ListField(child=serializers.FloatField(), help_text="In each column; ties share the mean.")


class MissingBody(StandingsEntrant):
    """An entrant that is not ranked, for it lacks a figure in these columns. Nothing is imputed."""

    lacks = serializers.ListField(child=serializers.CharField())


class StandingsBody(serializers.Serializer[Any]):
    """Standings over several columns: all 95 % intervals of ranks hold at once in 95 of 100 such tables."""

    by = serializers.ChoiceField(choices=list(BYS))
    verified_only = serializers.BooleanField()
    compared = serializers.BooleanField(help_text="Whether there are intervals: not of more than 100 entrants.")
    columns = StandingsColumn(many=True)
    rows = StandingsRow(many=True)
    missing = MissingBody(many=True)


class StandingsView(PublicView):
    """Several benchmarks together."""

    parameters = frozenset({"benchmarks", "by", "verified"})

    @extend_schema(
        parameters=[BENCHMARKS, BY, VERIFIED],
        responses={200: StandingsBody, 400: ErrorBody},
        operation_id="standings_read",
    )
    def get(self, request: Request) -> Response:
        """Methods by mean rank, win rate or mean score over several benchmarks, with intervals."""
        query = request.query_params
        if query.get("verified", "false") not in ("true", "false"):
            raise ValidationError({"verified": "It must be true or false."})
        verified = query.get("verified") == "true"
        wanted = asked(viewer_of(request), query.getlist("benchmarks"), query.get("by") or BYS[0], verified=verified)
        return Response(StandingsBody(body_of(found_of(wanted))).data)
