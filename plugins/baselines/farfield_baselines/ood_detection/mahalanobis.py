"""Mahalanobis distance to the nearest class (Lee et al. 2018, arXiv 1807.03888, section 2.1)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from farfield import setting
from farfield_baselines.ood_detection.core import Floats, Ints, Known, Rule, Score
from farfield_baselines.ood_detection.declare import Detector

HELP = (
    "Share of a multiple of the identity in the covariance, 0..1. 0 is OpenOOD's; -1 estimates it from the training "
    "images (Ledoit & Wolf 2004), which is worth it where they are few."
)
NULL = float(np.finfo(np.float64).eps)  # variances below this share of the largest, times the width, count as none


@dataclass(frozen=True, kw_only=True)
class Config:
    """How the covariance is estimated."""

    shrinkage: float = setting(0.0, ge=-1.0, le=1.0, help=HELP)

    def __post_init__(self) -> None:
        if -1.0 < self.shrinkage < 0.0:
            raise ValueError("shrinkage: give a share in 0..1, or -1")


def class_means(features: Floats, labels: Ints) -> tuple[Floats, Floats]:
    """(the means [K, D] of the classes that occur, in their order; the features minus their class's mean [N, D])."""
    features = features.astype(np.float64)
    occurring, numbers = np.unique(labels, return_inverse=True)
    sums = np.zeros((len(occurring), features.shape[1]))
    np.add.at(sums, numbers, features)
    means = sums / np.bincount(numbers)[:, None]
    return means, features - means[numbers]


def ledoit_wolf(centred: Floats) -> float:
    """The share of the identity that minimises the expected squared error of the covariance, in 0..1.

    Ledoit & Wolf 2004, doi 10.1016/S0047-259X(03)00096-4, section 3.2, for centred rows [N, D]: the error of the
    entries of S over the squared distance of S from its mean variance times the identity.
    """
    images, width = centred.shape
    covariance = centred.T @ centred / images
    spread = np.square(covariance).sum() - np.square(np.trace(covariance)) / width
    fourth = np.square(np.square(centred).sum(axis=1)).sum() / images
    error = (fourth - np.square(covariance).sum()) / images
    return float(np.clip(error / spread, 0.0, 1.0)) if spread > 0 else 1.0


def covariance_of(centred: Floats, shrinkage: float) -> Floats:
    """(1 - share) S + share * mean variance * identity: [D, D]."""
    share = ledoit_wolf(centred) if shrinkage == -1.0 else shrinkage
    covariance = centred.T @ centred / len(centred)
    width = len(covariance)
    return np.asarray((1.0 - share) * covariance + share * np.trace(covariance) / width * np.eye(width))


def whitening(covariance: Floats) -> Floats:
    """The map [D, R] under which the squared length is the form of the covariance's pseudo-inverse, R its rank.

    As scikit-learn inverts it for OpenOOD: directions in which the training images do not vary
    within their classes count nothing. With fewer images than dimensions those are many.
    """
    variances, directions = np.linalg.eigh(covariance)
    some = variances > len(covariance) * NULL * variances.max(initial=0.0)
    return np.asarray(directions[:, some] / np.sqrt(variances[some]))


def least_distance(means: Floats, centred: Floats, shrinkage: float) -> Callable[[Floats], Floats]:
    """Features [B, D] -> the squared distance to the nearest of the means [K, D], under the covariance of `centred`."""
    # In whitened coordinates the distance is the Euclidean one, so [B, K, D] need not be held.
    whiten = whitening(covariance_of(centred, shrinkage))
    whitened = means @ whiten

    def distance(features: Floats) -> Floats:
        rows = features.astype(np.float64) @ whiten
        return np.asarray(np.stack([np.square(rows - mean).sum(axis=1) for mean in whitened], axis=1).min(axis=1))

    return distance


def mahalanobis(known: Known, config: Config) -> Score:
    """Minus the squared distance to the nearest class's mean, under the covariance within classes, shared by all."""
    distance = least_distance(*class_means(known.seen.features, known.labels), config.shrinkage)
    return lambda seen: -distance(seen.features)


RULE = Rule(make=mahalanobis, fits=True)
DETECTOR = Detector(
    name="mahalanobis",
    title="Mahalanobis distance to the nearest class",
    rule=RULE,
    config=Config,
    papers=("Lee et al. 2018, arXiv 1807.03888", "Ledoit & Wolf 2004, doi 10.1016/S0047-259X(03)00096-4"),
)
SPEC = DETECTOR.spec
