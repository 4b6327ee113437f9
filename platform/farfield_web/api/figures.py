"""JSON fields of figures, rounded as everything that leaves the site, and of what an entry is by its rules."""

from typing import Any

from rest_framework import serializers

from farfield_evaluators.figure import Figure
from farfield_evaluators.plans.means import spread_of
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
    """A figure with the standard deviation over its repeats, where that is what its plan shows."""
    return {**vars(figure), "std": None if spread == "stderr" else spread_of(figure, spread)}
