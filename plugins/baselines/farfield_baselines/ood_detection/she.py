"""Simplified Hopfield energy (Zhang et al. 2023, ICLR, section 3): x times the predicted class's pattern."""

import numpy as np

from farfield_baselines.ood_detection.core import Floats, Known, Rule, Score, Seen
from farfield_baselines.ood_detection.declare import Detector


def patterns(known: Known) -> Floats:
    """The mean feature of each class's rightly classified training images: [C, D].

    Where none is right it is the mean of all of the class's, and of all images for a class without any.
    """
    features, right = known.seen.features.astype(np.float64), known.seen.logits.argmax(axis=1) == known.labels
    everything = np.ones(len(features), bool)

    def pattern(number: int) -> Floats:
        own = known.labels == number
        rows = next(chosen for chosen in (own & right, own, everything) if chosen.any())
        return np.asarray(features[rows].mean(axis=0))

    return np.stack([pattern(number) for number in range(known.seen.logits.shape[1])])


def she(known: Known, _: object) -> Score:
    """The inner product of x and the pattern of the class that it is taken for."""
    stored = patterns(known)

    def score(seen: Seen) -> Floats:
        return np.asarray((seen.features * stored[seen.logits.argmax(axis=1)]).sum(axis=1))

    return score


RULE = Rule(make=she, fits=True)
DETECTOR = Detector(
    name="she",
    title="Simplified Hopfield energy (SHE)",
    rule=RULE,
    papers=("Zhang et al. 2023, openreview KkazG4lgKL",),
)
SPEC = DETECTOR.spec
