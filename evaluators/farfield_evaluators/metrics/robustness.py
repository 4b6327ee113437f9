"""Effective robustness: how much higher an OOD accuracy is than the ID accuracy lets expect.

rho = acc_ood - beta(acc_id), where beta is a line between the logits of both accuracies, fitted by ordinary least
squares over standard models (Taori et al. 2020, arXiv 2007.00644, section 3.1); on ImageNet-A, whose images were chosen
because a ResNet-50 fails on them, it is two. Accuracies are fractions in 0..1.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

LEAST_ID = 0.55
"""The testbed fits its lines on models with at least this ID accuracy."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """logit(y) = slope * logit(x) + intercept, for accuracies x (ID) and y (OOD) in 0..1."""

    slope: float
    intercept: float

    def __call__(self, x: float) -> float:
        """The OOD accuracy to be expected at the ID accuracy x, 0..1; at 0 and 1 the limit."""
        if not 0 < x < 1:
            return _limit(self, x)
        return _sigmoid(self.slope * logit(x) + self.intercept)

    def at(self, x: float) -> "Line":
        """The line that holds at the ID accuracy x."""
        return self


@dataclass(frozen=True, kw_only=True)
class Pieces:
    """A line for ID accuracies below the pivot, 0..1, and another from there on; they need not meet."""

    pivot: float
    below: Line
    above: Line

    def __call__(self, x: float) -> float:
        """The OOD accuracy to be expected at the ID accuracy x, 0..1."""
        return self.at(x)(x)

    def at(self, x: float) -> Line:
        """The line that holds at the ID accuracy x."""
        return self.below if x < self.pivot else self.above


Expected = Line | Pieces

# Fits of the testbed over its standard models. For R, A and ObjectNet, x is the accuracy of val on the shift's classes.
# On A its own script fits the models on both sides of ResNet-50's accuracy apart: one line over all would put the best
# models above what is expected where the testbed has them below.
TESTBED: Mapping[str, Expected] = {
    "v2": Line(slope=0.923229, intercept=-0.497690),
    "objectnet": Line(slope=0.980910, intercept=-1.928289),
    "sketch": Line(slope=1.070915, intercept=-2.370073),
    "r": Line(slope=0.636844, intercept=-2.107716),
    "a": Pieces(
        pivot=0.9186,
        below=Line(slope=0.689446, intercept=-5.140046),
        above=Line(slope=2.955960, intercept=-10.277397),
    ),
}


def logit(share: float) -> float:
    """log(p / (1 - p)) of a share strictly between 0 and 1."""
    return math.log(share / (1 - share))


def fit_line(points: Iterable[tuple[float, float]], least_id: float = LEAST_ID) -> Line | None:
    """The line through (ID, OOD) accuracies of standard models; None where they do not determine one.

    Left out are models below `least_id`, and accuracies of 0 or 1, whose logit is infinite. At least two different ID
    accuracies must be left.
    """
    used = [(logit(x), logit(y)) for x, y in points if 0 < x < 1 and x >= least_id and 0 < y < 1]
    if len({x for x, _ in used}) < 2:
        return None
    mean_x, mean_y = (math.fsum(values) / len(used) for values in zip(*used, strict=True))
    spread = math.fsum((x - mean_x) ** 2 for x, _ in used)
    slope = math.fsum((x - mean_x) * (y - mean_y) for x, y in used) / spread
    return Line(slope=slope, intercept=mean_y - slope * mean_x)


def effective_robustness(id_accuracy: float, ood_accuracy: float, line: Expected) -> float:
    """acc_ood - line(acc_id), in -1..1; 0 is what a standard model reaches.

    >>> round(effective_robustness(0.7613, 0.6321, TESTBED["v2"]), 3)
    -0.007
    """
    return ood_accuracy - line(id_accuracy)


def robustness_stderr(id_accuracy: float, id_error: float, ood_error: float, line: Expected) -> float:
    """Standard error by the delta method, from those of both accuracies; the line's own error is not counted."""
    if not 0 < id_accuracy < 1:
        return ood_error
    expected = line(id_accuracy)
    steepness = line.at(id_accuracy).slope * expected * (1 - expected) / (id_accuracy * (1 - id_accuracy))
    return math.hypot(ood_error, steepness * id_error)


def _sigmoid(value: float) -> float:
    """1 / (1 + exp(-v)) without overflow."""
    small = math.exp(-abs(value))
    return 1 / (1 + small) if value >= 0 else small / (1 + small)


def _limit(line: Line, x: float) -> float:
    if not 0 <= x <= 1:
        raise ValueError(f"an accuracy is a share from 0 to 1, not {x}")
    if line.slope == 0:
        return _sigmoid(line.intercept)
    return x if line.slope > 0 else 1 - x
