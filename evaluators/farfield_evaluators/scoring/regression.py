"""Scorers of regression: how close what is told of one target comes to what is right."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from farfield_evaluators.figure import Figure
from farfield_evaluators.metric import Metric
from farfield_evaluators.metrics.calibration import Estimate
from farfield_evaluators.scoring.scorer import Wanted, figure_of
from farfield_evaluators.scoring.test import Array, Outcome, Test

Floats = npt.NDArray[np.float64]
PEARSON = Metric(
    name="pearson",
    title="Pearson r",
    higher_is_better=True,
    description="Correlation of what is told with what is right; from -1 to 1.",
    unit="",
)
MSE = Metric(
    name="mse",
    title="MSE",
    higher_is_better=False,
    description="Mean squared error, in the square of the target's unit.",
    unit="",
)
R2 = Metric(
    name="r2",
    title="R2",
    higher_is_better=True,
    description="Coefficient of determination: 1 minus the squared error over that of always telling the set's mean.",
    unit="",
)


def pearson(told: Floats, right: Floats) -> float | None:
    """Correlation of [N] with [N]; None where either does not vary.

    >>> pearson(np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 6.0])), pearson(np.ones(3), np.arange(3.0))
    (1.0, None)
    """
    a, b = told - told.mean(), right - right.mean()
    norm = float(np.sqrt((a @ a) * (b @ b)))
    return float(np.clip(a @ b / norm, -1, 1)) if norm > 0 else None


def mse(told: Floats, right: Floats) -> float:
    """Mean squared difference of [N] and [N].

    >>> mse(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
    2.0
    """
    return float(np.mean((told - right) ** 2))


def r2(told: Floats, right: Floats) -> float | None:
    """1 minus the squared error over the variance of what is right; None where that does not vary.

    >>> r2(np.array([1.0, 2.0]), np.array([1.0, 2.0])), r2(np.zeros(2), np.ones(2))
    (1.0, None)
    """
    spread = float(np.mean((right - right.mean()) ** 2))
    return 1 - mse(told, right) / spread if spread > 0 else None


_COMPUTED: Mapping[str, Callable[[Floats, Floats], float | None]] = {
    PEARSON.name: pearson,
    MSE.name: mse,
    R2.name: r2,
}


@dataclass(frozen=True, kw_only=True)
class Told:
    """Pearson r, MSE and R2 of one target: the pack's column of this name, which is the `place`-th that is told."""

    target: str
    place: int = 0
    gives: tuple[Metric, ...] = (PEARSON, MSE, R2)

    @property
    def outcome(self) -> Outcome:
        """What is told of each example."""
        return Outcome(columns=(f"told-{self.target}",), of=self._told)

    def needs(self, test: Test) -> Iterable[Outcome]:
        return (self.outcome,)

    def score(self, tests: Sequence[Test], wanted: Wanted) -> Iterator[Figure]:
        for metric in self.gives:
            if metric.name in wanted.metrics:
                values = [(test, self._value(metric, test)) for test in tests if len(test)]
                own = [figure_of(metric, test, Estimate(value=v, stderr=None)) for test, v in values if v is not None]
                yield from wanted.of(metric, own, tests)

    def _value(self, metric: Metric, test: Test) -> float | None:
        told: Array = test.outcome(self.outcome)[self.outcome.columns[0]]
        return _COMPUTED[metric.name](told, test.targets[self.target])

    def _told(self, test: Test) -> Mapping[str, Array]:
        return {self.outcome.columns[0]: test.outputs["values"][:, self.place].astype(np.float64)}
