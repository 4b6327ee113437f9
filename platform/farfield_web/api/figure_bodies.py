"""The JSON of what an entry's runs gave together: its figures, and what was chosen among its runs."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from farfield_evaluators.run_plan import Chosen
from farfield_web import published
from farfield_web.api.figures import ErrorField, FigureField

Json = dict[str, Any]


class ChosenBody(serializers.Serializer[Any]):
    """What a group of runs gave for one figure: `at` says which group by axis, `facts` what was chosen in it."""

    metric = serializers.CharField()
    domain = serializers.CharField()
    value = FigureField()
    stderr = ErrorField(allow_null=True)
    n = serializers.IntegerField(allow_null=True)
    at = serializers.DictField()
    facts = serializers.SerializerMethodField()

    @extend_schema_field(serializers.DictField())
    def get_facts(self, chosen: Chosen) -> Json:
        return rounded_facts(chosen.facts)


def rounded_facts(facts: Mapping[str, Any]) -> Json:
    """As they may leave the site."""
    return {name: published.figure(value) if isinstance(value, float) else value for name, value in facts.items()}


class SubmissionFigureBody(serializers.Serializer[Any]):
    """A figure of what there is so far, rounded; `stderr` is over `trials` if several, `n` the examples of them all.

    `std` is the standard deviation over trials (ddof 1) of a benchmark whose `spread` is that, else null; `ci95`
    likewise the 95% interval.
    """

    metric = serializers.CharField()
    domain = serializers.CharField()
    value = FigureField()
    stderr = ErrorField(allow_null=True)
    std = ErrorField(allow_null=True)
    ci95 = ErrorField(allow_null=True)
    n = serializers.IntegerField(allow_null=True)
    trials = serializers.IntegerField()


class SweepScore(serializers.Serializer[Any]):
    """A figure of the board, rounded, of what there is so far; `stderr` is over trials if several."""

    metric = serializers.CharField()
    domain = serializers.CharField()
    value = FigureField()
    stderr = ErrorField(allow_null=True)


class SweepBody(serializers.Serializer[Any]):
    """An entry of which runs are selected: how many are in which state, what was selected among those that are done.

    An item of `selected` has the `rule`, the group by axis, what was chosen (0 to 1, rounded) and its `test` figure
    over `n` examples.
    """

    tier = serializers.CharField()
    runs = serializers.DictField(child=serializers.IntegerField(), help_text="`total`, and the number in each state.")
    selected = serializers.ListField(child=serializers.DictField())
    scores = SweepScore(many=True)
