"""How figures are written: one place, so that a number looks the same on every page."""

from django import template

from farfield import Metric
from farfield_web import published
from farfield_web.words import capitalised

register = template.Library()
NONE = "\N{EN DASH}"


def shown(value: float | None, unit: str = "%", digits: int | None = None) -> str:
    """A stored value as the board writes it; an en dash when there is none."""
    return NONE if value is None else _written(published.figure(value), unit, digits)


def shown_error(stderr: float | None, unit: str = "%") -> str:
    """A standard error as it stands behind its figure; nothing when there is none."""
    return "" if stderr is None else _written(published.error(stderr), unit, None)


def _written(value: float, unit: str, digits: int | None) -> str:
    return f"{value * 100:.{1 if digits is None else digits}f}" if unit == "%" else f"{value:.{digits or 3}f}"


@register.filter
def figure(value: float | None, metric: Metric) -> str:
    """A value of this metric, without its unit (the column names it)."""
    return shown(value, metric.unit)


@register.filter
def sentence(text: str) -> str:
    """A message or a name at the beginning of a line: a capital only where it changes no identifier."""
    return capitalised(str(text))


@register.filter
def px(value: float) -> str:
    """A coordinate of a drawing, with one decimal and a point whatever the locale."""
    return f"{value:.1f}"


@register.filter
def duration(seconds: float | None) -> str:
    """A length of time in the words a person would use."""
    if seconds is None:
        return NONE
    for limit, size, unit in ((90, 1, "s"), (5400, 60, "min"), (172800, 3600, "h")):
        if seconds < limit:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 86400:.0f} days"
