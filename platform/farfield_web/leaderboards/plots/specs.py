"""Pieces of Vega-Lite specifications that all plots share. Pure functions; nothing here knows a database.

Colours are those of the site by day. The site's page puts in those of the reader's mode; a specification that was taken
elsewhere draws with these. Expressions are few and plain, because the site's pages interpret them: its content policy
forbids eval.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Json = dict[str, Any]
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
COLOURS = ("#0b6165", "#9a4f14", "#566266", "#5b4a9c", "#256b3a", "#a3262a", "#84908f", "#3a6ea5")
INK, MUTED, LINE = "#1b2528", "#566266", "#dedbd1"
RUN_HERE, NOT_RUN, REPORTED = "run here", "predictions, not run here", "reported by its authors, not run here"
TRUST = (RUN_HERE, NOT_RUN, REPORTED)
SHAPES, FILLS = ("circle", "diamond", "circle"), (COLOURS[0], COLOURS[1], "transparent")
LEAST, MOST = 0.001, 0.999  # of a share that has a place on a logit axis
TICKS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995)
AS_PERCENT = "format(100 / (1 + exp(-datum.value)), '.3~g') + ' %'"


def chart(description: str, layers: Sequence[Json], **more: Any) -> Json:
    """A whole specification of layers on one pair of axes."""
    base = {"$schema": SCHEMA, "description": description, "width": "container", "height": 420}
    return {**base, **more, "layer": list(layers), "config": config()}


def config() -> Json:
    """How axes, text and marks look, without a background."""
    text = {"labelColor": INK, "titleColor": INK, "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal"}
    return {
        "background": None,
        "font": "system-ui, sans-serif",
        "view": {"stroke": None},
        "axis": {**text, "gridColor": LINE, "domainColor": MUTED, "tickColor": MUTED, "labelOverlap": True},
        "legend": {**text, "orient": "bottom", "title": None, "labelLimit": 320, "columns": 1},
        "range": {"category": list(COLOURS)},
        "scale": {"continuousPadding": 12},
    }


def data(rows: Iterable[Mapping[str, Any]]) -> Json:
    """Rows inline."""
    return {"values": [dict(row) for row in rows]}


def marks(trust: Iterable[str], **encoding: Any) -> Json:
    """A mark for each row: a dot for what was run here, a diamond for predictions, a ring for reports.

    `trust` are those of TRUST that there are: the legend has no others.
    """
    named = [(each, TRUST.index(each)) for each in TRUST if each in trust]
    ranges = {"shape": SHAPES, "fill": FILLS, "stroke": COLOURS}
    by_trust = {
        channel: {
            "field": "trust",
            "type": "nominal",
            "scale": {"domain": [each for each, _ in named], "range": [values[place] for _, place in named]},
        }
        for channel, values in ranges.items()
    }
    mark = {"type": "point", "size": 70, "strokeWidth": 1.5, "opacity": 1}
    return {"mark": mark, "encoding": {**by_trust, **encoding}}


def axis(name: str, title: str, **more: Any) -> Json:
    """A quantitative axis that need not begin at 0."""
    return {"field": name, "type": "quantitative", "title": title, "scale": {"zero": False}, **more}


def percent_axis(name: str, title: str) -> Json:
    """A linear axis of shares, written in per cent."""
    return axis(name, f"{title} (%)", axis={"labelExpr": "format(100 * datum.value, '.3~g')", "tickCount": 8})


def unit_axis(name: str, title: str, unit: str) -> Json:
    """A linear axis of a metric with this unit."""
    return percent_axis(name, title) if unit == "%" else axis(name, title)


def logit_axis(name: str, title: str, values: Sequence[float]) -> Json:
    """An axis of logits of these shares, whose ticks are written as shares in per cent."""
    low, high = (logit(each) for each in (min(values), max(values)))
    room = max(0.15, (high - low) * 0.05)
    ticks = [round(logit(each), 6) for each in TICKS if low - room <= logit(each) <= high + room]
    scale = {"domain": [round(low - room, 4), round(high + room, 4)], "nice": False}
    return axis(name, title, scale=scale, axis={"values": ticks, "labelExpr": AS_PERCENT})


def logit(share: float) -> float:
    """log(p / (1 - p)); of 0 and 1, and what is very near them, that of the nearest share with a place on the axis."""
    inner = min(max(share, LEAST), MOST)
    return math.log(inner / (1 - inner))


def share(place: float) -> float:
    """The share at a place on a logit axis."""
    return 1 / (1 + math.exp(-place))


def line(rows: Iterable[Mapping[str, Any]], x: Json, y: Json, **mark: Any) -> Json:
    """A line through rows of its own, in the order of x."""
    return {"data": data(rows), "mark": {"type": "line", **mark}, "encoding": {"x": x, "y": y}}


def tooltip(*fields: tuple[str, str, str]) -> list[Json]:
    """What is told of the mark under the pointer: (name, title, unit of the value, or "text")."""
    return [_told(*one) for one in fields]


def _told(name: str, title: str, unit: str) -> Json:
    if unit == "text":
        return {"field": name, "type": "nominal", "title": title}
    numbers = {"field": name, "type": "quantitative", "title": title}
    return {**numbers, "format": ".2%" if unit == "%" else ".4~g"}
