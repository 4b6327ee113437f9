"""The figures of CNS-Bench: failure points of trajectories, and what accuracy falls by at each scale."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from farfield_evaluators.figure import Figure
from farfield_evaluators.metric import Metric
from farfield_evaluators.metrics.calibration import Estimate
from farfield_evaluators.scoring.classification import HIT
from farfield_evaluators.scoring.scorer import Wanted, figure_of
from farfield_evaluators.scoring.test import LABEL, Outcome, Test
from farfield_evaluators.suites.imagenet.nuisance.measures import Failures, Floats, Ints, accuracies, failures

SEED, SCALE = "seed", "scale"
SCALES = ("0", "0.5", "1", "1.5", "2", "2.5")
"""As the pack's column has them."""


def _thousandths(scale: str) -> str:
    return f"{int(1000 * float(scale)):04}"


FAILURE_POINT = Metric(
    name="failure-point",
    title="Failure point",
    higher_is_better=True,
    description="Mean over the trajectories that fail of the smallest scale at which they do; CNS-Bench's fp_avg.",
    unit="",
)
FAILURE_SPREAD = Metric(
    name="failure-point-spread",
    title="Failure points, standard deviation",
    higher_is_better=False,
    description="Standard deviation (ddof 1) of the failure points; CNS-Bench's fp_std.",
    unit="",
)
LAST_FAILURE = Metric(
    name="failure-point-largest",
    title="Largest failure point",
    higher_is_better=True,
    description="The largest scale at which any trajectory first fails; CNS-Bench's fp_max.",
    unit="",
)
FAILED = Metric(
    name="failed-trajectories",
    title="Failed trajectories",
    higher_is_better=False,
    description="Share of the trajectories that fail at some scale; CNS-Bench's N_failed over all of them.",
)
MARGIN = Metric(
    name="failure-margin",
    title="Failure margin",
    higher_is_better=False,
    description="Mean over all trajectories of 3 less the failure point, 0 where there is none; CNS-Bench's "
    "margin_fp_avg.",
    unit="",
)
DROPS = {
    scale: Metric(
        name=f"accuracy-drop-{_thousandths(scale)}",
        title=f"Accuracy drop at {scale}",
        higher_is_better=False,
        description=f"Accuracy at scale 0 less that at scale {scale}.",
    )
    for scale in SCALES[1:]
}
FAILING = {
    scale: Metric(
        name=f"failing-at-{_thousandths(scale)}",
        title=f"Failing at {scale}",
        higher_is_better=False,
        description=f"Trajectories that first fail at scale {scale}, over the number of images at scale 0.",
    )
    for scale in SCALES
}


@dataclass(frozen=True, kw_only=True)
class Trajectories:
    """The figures of each shift, and the means over shifts of those that are means themselves."""

    gives: tuple[Metric, ...] = (
        *(FAILURE_POINT, FAILURE_SPREAD, LAST_FAILURE, FAILED, MARGIN),
        *(*DROPS.values(), *FAILING.values()),
    )

    def needs(self, test: Test) -> Iterable[Outcome]:
        return (HIT,)

    def score(self, tests: Sequence[Test], wanted: Wanted) -> Iterator[Figure]:
        given = [(test, dict(_figures(test))) for test in tests]
        for metric in self.gives:
            figures = [figure_of(metric, test, said[metric]) for test, said in given if metric in said]
            alone = metric in (FAILURE_SPREAD, LAST_FAILURE)
            yield from (figures if alone else wanted.of(metric, figures, tests))


def _figures(test: Test) -> Iterator[tuple[Metric, Estimate]]:
    hits, scales = test.outcome(HIT)["hit"], scales_of(test)
    found, by_scale = failures(hits, trajectories_of(test), scales), accuracies(hits, scales)
    yield MARGIN, found.margin
    yield FAILED, _exact(len(found.points) / found.trajectories)
    if found.mean:
        yield FAILURE_POINT, found.mean
        yield LAST_FAILURE, _exact(float(found.points.max()))
    if found.spread is not None:
        yield FAILURE_SPREAD, _exact(found.spread)
    if 0.0 in by_scale:
        yield from _against_none(found, by_scale, int((scales == 0.0).sum()))


def _against_none(found: Failures, by_scale: dict[float, float], unshifted: int) -> Iterator[tuple[Metric, Estimate]]:
    for name, metric in DROPS.items():
        if float(name) in by_scale:
            yield metric, _exact(by_scale[0.0] - by_scale[float(name)])
    for name, metric in FAILING.items():
        yield metric, _exact(int((found.points == float(name)).sum()) / unshifted)


def trajectories_of(test: Test) -> Ints:
    """The trajectory of each image [N], from 0: its class and its seed."""
    pairs = np.stack([test.attributes[LABEL].numbers, test.attributes[SEED].numbers])
    numbers: Ints = np.unique(pairs, axis=1, return_inverse=True)[1].reshape(-1)
    return numbers


def scales_of(test: Test) -> Floats:
    """The scale of each image [N]."""
    column = test.attributes[SCALE]
    return np.array([float(value) for value in column.values])[column.numbers]


def _exact(value: float) -> Estimate:
    return Estimate(value=value, stderr=None)


TRAJECTORIES = Trajectories()
