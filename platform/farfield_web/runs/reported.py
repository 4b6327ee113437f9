"""The figures in a worker's report, checked one by one."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from farfield.plain import visible


class BadReport(ValueError):
    """The report is not of the agreed form; the message says where."""


@dataclass(frozen=True, kw_only=True)
class ReportedScore:
    """One figure. A value that is not a finite number is never stored: missing is missing, and no 0."""

    metric: str
    domain: str
    value: float
    stderr: float | None
    n: int | None


def scores_of(items: Any) -> tuple[ReportedScore, ...]:
    """Those of these figures that are finite. Raises BadReport for one that comes twice.

    Raises KeyError, TypeError or ValueError, too, for what is no figure.
    """
    read = [_score(item) for item in items if _finite(item["value"]) is not None]
    names = {(score.metric, score.domain) for score in read}
    if len(names) < len(read):
        raise BadReport("a metric is reported twice for one domain")
    return tuple(read)


def _score(item: Mapping[str, Any]) -> ReportedScore:
    count = item.get("n")
    return ReportedScore(
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
