"""KL matching (Hendrycks et al. 2022, arXiv 1911.11132, section 4).

OpenOOD averages over ID validation images, which no method is given here; ours are the training images, and the name
says so.
"""

import numpy as np

from farfield.numerics import softmax
from farfield_baselines.ood_detection.core import Floats, Known, Rule, Score, Seen
from farfield_baselines.ood_detection.declare import Detector

TINY = np.finfo(np.float64).tiny


def mean_probabilities(logits: Floats) -> Floats:
    """The mean probabilities [K, C] of the images that are taken for each class, of classes that some are taken for."""
    probabilities, taken_for = softmax(logits), logits.argmax(axis=1)
    return np.stack([probabilities[taken_for == c].mean(axis=0) for c in np.unique(taken_for)])


def least_divergence(probabilities: Floats, references: Floats) -> Floats:
    """min_k KL(p || q_k) of rows p [B, C] and q [K, C]: [B], at least 0."""
    entropy = (probabilities * np.log(np.maximum(probabilities, TINY))).sum(axis=1)
    crossed = probabilities @ np.log(np.maximum(references, TINY)).T
    return np.asarray(entropy - crossed.max(axis=1))


def kl_matching(known: Known, _: object) -> Score:
    """Minus the divergence from the nearest class's mean probabilities."""
    references = mean_probabilities(known.seen.logits)

    def score(seen: Seen) -> Floats:
        return -least_divergence(softmax(seen.logits), references)

    return score


RULE = Rule(make=kl_matching, fits=True)
DETECTOR = Detector(
    name="kl-matching-train",
    title="KL matching by the training images",
    rule=RULE,
    papers=("Hendrycks et al. 2022, arXiv 1911.11132",),
)
SPEC = DETECTOR.spec
