"""The figures in a worker's report, checked one by one."""

import math
from collections.abc import Mapping
from typing import Any

from farfield.packaging.plain import visible
from farfield_evaluators.figure import Figure


class BadReport(ValueError):
    """The report is not of the agreed form; the message says where."""


def scores_of(items: Any) -> tuple[Figure, ...]:
    """Those of these figures that are finite: missing is missing, and no 0. Raises BadReport for one that comes twice.

    Raises KeyError, TypeError or ValueError, too, for what is no figure.
    """
    read = [_figure(item) for item in items if _finite(item["value"]) is not None]
    names = {figure.key for figure in read}
    if len(names) < len(read):
        raise BadReport("a metric is reported twice for one domain")
    return tuple(read)


def _figure(item: Mapping[str, Any]) -> Figure:
    count = item.get("n")
    return Figure(
        metric=visible(str(item["metric"]), 60),
        domain=visible(str(item["domain"]), 100),
        value=float(item["value"]),
        stderr=_finite(item.get("stderr")),
        n=None if count is None else int(count),
    )


def _finite(value: Any) -> float | None:
    if value is None:
        return None
    number = float(value)
    return number if math.isfinite(number) else None
