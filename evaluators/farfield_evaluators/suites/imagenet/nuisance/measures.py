"""Where along trajectories of a growing shift a classifier fails: pure functions of hits, trajectories and scales.

Duenkel et al., CNS-Bench: Benchmarking Image Classifier Robustness Under Continuous Nuisance Shifts, ICCV 2025 (arXiv
2507.17651); its release, odunkel/CNS-Bench 3c09a99, `EvalFilter.compute_failure_points`. A trajectory is one thing,
generated from one seed, at all scales. The release looks for the first failure in the order of the file, which is
another where names are sorted as text, 500 after 2500; here it is always in the order of scales.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from farfield_evaluators.metrics.calibration import Estimate
from farfield_evaluators.metrics.classification import Hits

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
NEVER = 3.0  # counts as the failure point of a trajectory that never fails, half a step beyond the last scale


@dataclass(frozen=True, kw_only=True)
class Failures:
    """points [F]: the failure points of those trajectories that fail, and how many there are of all of them."""

    points: Floats
    trajectories: int

    @property
    def mean(self) -> Estimate | None:
        """Mean failure point, over the trajectories that fail, and its standard error; None without any."""
        return _mean(self.points) if len(self.points) else None

    @property
    def spread(self) -> float | None:
        """Standard deviation (ddof 1) of the failure points; None with fewer than two."""
        return float(self.points.std(ddof=1)) if len(self.points) > 1 else None

    @property
    def margin(self) -> Estimate:
        """Mean over all trajectories of NEVER less the failure point, where one that never fails counts 0."""
        whole = np.zeros(self.trajectories)
        whole[: len(self.points)] = NEVER - self.points
        return _mean(whole)


def failures(hits: Hits, trajectories: Ints, scales: Floats) -> Failures:
    """The failure point of a trajectory is its smallest scale at which it is no hit. All three [N], N > 0.

    >>> failures(np.array([True, False, False, True]), np.array([0, 0, 0, 1]), np.array([0.0, 1.0, 0.5, 0.0])).points
    array([0.5])
    """
    first = np.full(int(trajectories.max()) + 1, np.inf)
    np.minimum.at(first, trajectories[~hits], scales[~hits])
    return Failures(points=first[np.isfinite(first)], trajectories=len(np.unique(trajectories)))


def accuracies(hits: Hits, scales: Floats) -> dict[float, float]:
    """Accuracy at each scale, from the smallest on."""
    return {float(scale): float(hits[scales == scale].mean()) for scale in np.unique(scales)}


def _mean(values: Floats) -> Estimate:
    error = float(values.std(ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else None
    return Estimate(value=float(values.mean()), stderr=error)
