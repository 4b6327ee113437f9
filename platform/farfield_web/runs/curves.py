"""The curve in a worker's report: the figures of the same training, read at other points of a line of models."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from farfield.runtime.curve import MOST_POINTS
from farfield_evaluators.figure import Figure
from farfield_web.runs.reported import BadReport, scores_of


@dataclass(frozen=True, kw_only=True)
class ReportedPoint:
    """A point of the curve, such as WiSE-FT's alpha, and the figures of the board's columns there."""

    point: float
    scores: tuple[Figure, ...]


def points_of(value: Any) -> tuple[ReportedPoint, ...]:
    """The points of a report's curve, at most MOST_POINTS, in ascending order; none for a run without a curve.

    A point of which no figure is finite is left out. Raises BadReport for what is not of the agreed form, and
    KeyError, TypeError or ValueError, too, for what is no figure.
    """
    items = [] if value is None else value
    if not isinstance(items, list | tuple):
        raise BadReport(f"expected the curve as a list, got {type(value).__name__}")
    if len(items) > MOST_POINTS:
        raise BadReport(f"the curve has {len(items)} points; {MOST_POINTS} is the most")
    read = [_point(item) for item in items]
    for before, after in pairwise(read):
        if after.point <= before.point:
            raise BadReport(f"the points of the curve do not ascend: {after.point} comes after {before.point}")
    return tuple(one for one in read if one.scores)


def as_json(points: Sequence[ReportedPoint]) -> list[dict[str, Any]]:
    """The curve as it is stored with a run, and given out by the API: in the form of the report."""
    return [{"point": one.point, "scores": [score.as_json() for score in one.scores]} for one in points]


def _point(item: Any) -> ReportedPoint:
    if not isinstance(item, dict):
        raise BadReport(f"expected a point of the curve as an object, got {type(item).__name__}")
    point, scores = item["point"], item["scores"]
    if isinstance(point, bool) or not isinstance(point, int | float) or not math.isfinite(point):
        raise BadReport(f"expected a point of the curve as a finite number, got {point!r}"[:200])
    if not isinstance(scores, list) or not scores:
        raise BadReport(f"the curve has no scores at {point}")
    return ReportedPoint(point=float(point), scores=scores_of(scores))
