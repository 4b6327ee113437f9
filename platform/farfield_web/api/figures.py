"""JSON fields of figures: rounded as everything that leaves the site."""

from typing import Any

from rest_framework import serializers

from farfield_web import published


class FigureField(serializers.FloatField):
    """A figure with about four significant digits."""

    def to_representation(self, value: Any) -> float:  # type: ignore[override] # the stubs say text
        return published.figure(float(value))


class ErrorField(serializers.FloatField):
    """A standard error with three significant digits."""

    def to_representation(self, value: Any) -> float:  # type: ignore[override] # the stubs say text
        return published.error(float(value))
