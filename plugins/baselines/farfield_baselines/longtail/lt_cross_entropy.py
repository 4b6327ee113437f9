"""Cross-entropy, the baseline of long tails, with the four ways of sampling of Kang et al. 2020, arXiv 1910.09217."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from farfield import MethodSpec, TrainingSet, setting
from farfield_baselines.longtail.core import LongTail, LongTailConfig
from farfield_baselines.longtail.declare import DECOUPLING, method
from farfield_baselines.longtail.representation import representation
from farfield_baselines.longtail.samplers import Floats, image_weights
from farfield_baselines.trained import sampling
from farfield_baselines.trained.core import Ints
from farfield_baselines.trained.declare import First
from farfield_baselines.trained.first import Begun

INSTANCE = "instance"
POWERS = {"square-root": 0.5, "class-balanced": 1.0}


@dataclass(frozen=True, kw_only=True)
class SamplingConfig(LongTailConfig):
    """How often an image comes."""

    sampling: str = setting(
        INSTANCE,
        choices=(INSTANCE, *POWERS, "progressive"),
        help="Images alike, classes by the square root of their counts, classes alike, or from the first to the third.",
    )


class CrossEntropy(Begun, LongTail):
    """The mean cross-entropy of images that come as they are, or rare classes more often.

    Of images as they are it is the representation that decoupled methods begin with.
    """

    def order(self, train: TrainingSet, epoch: int, rng: np.random.Generator) -> Iterator[Ints]:
        if self.config.sampling == INSTANCE:
            return super().order(train, epoch, rng)
        return sampling.weighted(self.chances(train.labels, epoch), self.config.batch, rng)

    def chances(self, labels: Ints, epoch: int) -> Floats:
        """The chance of each image [N] in this epoch."""
        if self.config.sampling in POWERS:
            return image_weights(labels, POWERS[self.config.sampling])
        done = epoch / float(self.config.epochs)
        return (1.0 - done) * image_weights(labels, 0.0) + done * image_weights(labels, 1.0)


FIRST = First(train=representation, config=LongTailConfig, only={"sampling": INSTANCE})
SPEC: MethodSpec = method(
    "lt-cross-entropy", CrossEntropy, "Cross-entropy on a long tail", (DECOUPLING,), SamplingConfig, FIRST
)
