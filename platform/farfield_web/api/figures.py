"""JSON fields of figures, rounded as everything that leaves the site, and of what an entry is by its rules."""

from typing import Any

from rest_framework import serializers

from farfield_evaluators.figure import Figure
from farfield_evaluators.plans.means import named_spreads
from farfield_evaluators.run_plan import Spread
from farfield_evaluators.standing import NOT_STANDARD, STANDARD
from farfield_web import published


class FigureField(serializers.FloatField):
    """A figure with about four significant digits."""

    def to_representation(self, value: Any) -> float:  # type: ignore[override] # the stubs say text
        return published.figure(float(value))


class ErrorField(serializers.FloatField):
    """A standard error with three significant digits."""

    def to_representation(self, value: Any) -> float:  # type: ignore[override] # the stubs say text
        return published.error(float(value))


class StandingBody(serializers.Serializer[Any]):
    """What an entry is by the rules of its benchmark's authors: standard, or not-standard with the reasons."""

    of = serializers.CharField(help_text="Whose rules these are.")
    name = serializers.ChoiceField(choices=[STANDARD, NOT_STANDARD])
    reasons = serializers.ListField(child=serializers.CharField())
    sentence = serializers.CharField()


def with_spread(figure: Figure, spread: Spread) -> dict[str, Any]:
    """A figure with the spread over its repeats that its plan shows, by its name; None by those that it does not."""
    return {**vars(figure), **named_spreads(figure, spread)}


class AskedLabelsBody(serializers.Serializer[Any]):
    """How many labels a run asked for in each round, of so many rounds with at most so many labels each."""

    asked = serializers.ListField(child=serializers.IntegerField())
    rounds = serializers.IntegerField()
    per_round = serializers.IntegerField()
