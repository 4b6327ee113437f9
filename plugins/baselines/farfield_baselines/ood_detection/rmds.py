"""Relative Mahalanobis distance (Ren et al. 2021, arXiv 2106.09022, section 2)."""

import numpy as np

from farfield_baselines.ood_detection.core import Floats, Known, Rule, Score, Seen
from farfield_baselines.ood_detection.declare import Detector
from farfield_baselines.ood_detection.mahalanobis import Config, class_means, least_distance


def rmds(known: Known, config: Config) -> Score:
    """The squared distance to the mean of all training images, less that to the nearest class's mean.

    The covariance is that about the mean of all for the one, and that within the classes for the other.
    """
    features = known.seen.features.astype(np.float64)
    means, centred = class_means(features, known.labels)
    middle = features.mean(axis=0, keepdims=True)
    to_class = least_distance(means, centred, config.shrinkage)
    to_middle = least_distance(middle, features - middle, config.shrinkage)

    def score(seen: Seen) -> Floats:
        return to_middle(seen.features) - to_class(seen.features)

    return score


RULE = Rule(make=rmds, fits=True)
DETECTOR = Detector(
    name="rmds",
    title="Relative Mahalanobis distance",
    rule=RULE,
    config=Config,
    papers=("Ren et al. 2021, arXiv 2106.09022", "Ledoit & Wolf 2004, doi 10.1016/S0047-259X(03)00096-4"),
)
SPEC = DETECTOR.spec
