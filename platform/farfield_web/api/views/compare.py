"""Entries of one board against one another."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from farfield_web.api.board_serializers import FigureBody
from farfield_web.api.serializers import ErrorBody
from farfield_web.api.strict import PublicView
from farfield_web.contrasts.asking import ERRORS, MADE, WAITING, found_for
from farfield_web.contrasts.body import body_of
from farfield_web.contrasts.chosen import LEAST, MOST, choice
from farfield_web.gate import viewer_of

ENTRIES = OpenApiParameter(
    "entries",
    {"type": "array", "items": {"type": "string", "format": "uuid"}, "minItems": LEAST, "maxItems": MOST},
    required=True,
    description="Keys of submissions to one board, once for each: `entries=...&entries=...`.",
)


class ComparedEntry(serializers.Serializer[Any]):
    """An entry; others name it by its place in this list."""

    submission = serializers.UUIDField()
    name = serializers.CharField()
    kind = serializers.CharField()
    verified = serializers.BooleanField()
    labels = serializers.ListField(child=serializers.CharField())
    seen = serializers.CharField(help_text="What of the test data its training data has, as its author declares.")
    costs = serializers.DictField(
        child=serializers.FloatField(allow_null=True),
        help_text="seconds: of a run, the mean over runs. memory: peak of any run, in GiB. warm: the share of "
        "base models, features, texts and pixels that its runs found in a cache. Null where not known.",
    )


class SettingBody(serializers.Serializer[Any]):
    """A setting, or another fact of how the entries were made, with its value for each."""

    name = serializers.CharField()
    values = serializers.ListField(child=serializers.JSONField(allow_null=True))
    differs = serializers.BooleanField()


class ContrastBody(serializers.Serializer[Any]):
    """The difference of `first` less `second`, as published, with the 95 % interval of this difference alone."""

    first = serializers.IntegerField()
    second = serializers.IntegerField()
    difference = serializers.FloatField()
    stderr = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    p_value = serializers.FloatField(help_text="Two-sided; all pairs and figures of this answer are counted.")
    paired = serializers.BooleanField(help_text="By the same examples; else by standard errors, as if independent.")


class ComparedFigure(serializers.Serializer[Any]):
    """A figure that at least two of the entries have."""

    metric = serializers.CharField()
    domain = serializers.CharField()
    title = serializers.CharField()
    column = serializers.BooleanField(help_text="Whether it is a column of the board.")
    unit = serializers.CharField(allow_blank=True)
    higher_is_better = serializers.BooleanField()
    values = FigureBody(many=True, allow_null=True)
    contrasts = ContrastBody(many=True)


class AgreementBody(serializers.Serializer[Any]):
    """Shares of a domain's examples that both, one or neither of two entries' first runs have right."""

    domain = serializers.CharField()
    first = serializers.IntegerField()
    second = serializers.IntegerField()
    examples = serializers.IntegerField()
    both = serializers.FloatField()
    only_first = serializers.FloatField()
    only_second = serializers.FloatField()
    neither = serializers.FloatField()
    only = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField()),
        allow_null=True,
        help_text="Where labels are public: places in the pack of some examples that only the first, and only the "
        "second has right.",
    )


class OnBoardBody(serializers.Serializer[Any]):
    """Which of two is better by the headline beyond chance, with all pairs of their board counted; null: neither."""

    first = serializers.IntegerField()
    second = serializers.IntegerField()
    better = serializers.IntegerField(allow_null=True)


class CompareBody(serializers.Serializer[Any]):
    """Entries of one board against one another."""

    benchmark = serializers.CharField()
    tier = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(
        choices=[MADE, WAITING, ERRORS],
        help_text="made: example by example. waiting: by errors until the site has compared examples, in seconds; ask "
        "again. errors: by errors, for there is no more.",
    )
    public_labels = serializers.BooleanField()
    least_examples = serializers.IntegerField(help_text="Of which agreement is told where labels are hidden.")
    entries = ComparedEntry(many=True)
    settings = SettingBody(many=True)
    figures = ComparedFigure(many=True)
    agreements = AgreementBody(many=True)
    on_board = OnBoardBody(many=True)


class Compare(PublicView):
    """Two to five entries of a board."""

    parameters = frozenset({"entries"})

    @extend_schema(
        parameters=[ENTRIES],
        responses={200: CompareBody, 400: ErrorBody, 404: ErrorBody, 409: ErrorBody},
        operation_id="compare_read",
    )
    def get(self, request: Request) -> Response:
        """Entries of one board against one another: differences with tests, settings, agreement and costs."""
        wanted = choice(viewer_of(request), request.query_params.getlist("entries"))
        return Response(CompareBody(body_of(wanted, found_for(wanted))).data)
