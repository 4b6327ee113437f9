"""How figures are written: one place, so that a number looks the same on every page."""

import re
from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from farfield_evaluators.metric import Metric
from farfield_web import published
from farfield_web.words import capitalised

register = template.Library()
_ARXIV = re.compile(r"(arXiv[:\s]\s*\d{4}\.\d{4,5}(?:v\d+)?)", re.IGNORECASE)
_MARKS = re.compile(r"`([^`]+)`|\*([^*]+)\*")
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
def arxiv(text: str) -> SafeString:
    """The text with every arXiv number in it as a link."""
    found = _ARXIV.split(str(text))
    return format_html_join(
        "",
        "{}",
        ((_arxiv_link(part) if at % 2 else part,) for at, part in enumerate(found)),
    )


def _arxiv_link(named: str) -> SafeString:
    number = named.rsplit(maxsplit=1)[-1].rpartition(":")[2]
    return format_html('<a href="https://arxiv.org/abs/{}" rel="nofollow noopener">{}</a>', number, named)


@register.filter
def beside(first: Sequence[Any], second: Sequence[Any]) -> list[tuple[Any, Any]]:
    """Pairs of two lists of one length, such as a table's columns and a row's cells."""
    return list(zip(first, second, strict=True))


@register.filter
def marked(text: str) -> SafeString:
    """The text with what stands in `backticks` as code, and what stands in *stars* stressed."""
    parts = _MARKS.split(str(text))
    tags = ("{}", "<code>{}</code>", "<em>{}</em>")
    return format_html_join("", "{}", ((format_html(tags[at % 3], part),) for at, part in enumerate(parts) if part))


@register.filter
def article(noun: str) -> str:
    """A noun with its indefinite article: an entry, a grid."""
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"


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
