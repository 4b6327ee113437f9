"""GROOD: by the gradient at a prototype of OOD images (ElAraby et al. 2023, arXiv 2312.14427)."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from farfield import setting
from farfield.numerics import softmax
from farfield_baselines.ood_detection.core import Floats, Known, Rule, Score, Seen
from farfield_baselines.ood_detection.declare import Detector
from farfield_baselines.ood_detection.mahalanobis import class_means

VALIDATION, CENTRE = "validation", "centre"
TOGETHER = 256  # images whose distances to all training images are held


@dataclass(frozen=True, kw_only=True)
class Config:
    """What the prototype of OOD images is."""

    prototype: str = setting(
        VALIDATION,
        choices=(VALIDATION, CENTRE),
        help="The mean of the benchmark's OOD validation images, which it must have, or that of the classes' means.",
    )


def gradients(features: Floats, means: Floats, outside: Floats) -> Floats:
    """What pulls at the OOD prototype [D] when nearness to prototypes is to tell the class: [B, D] -> [B, D].

    The cross-entropy is of minus distances to the classes' means [K, D] and to it. Whatever the class, its gradient is
    the prototype's probability times the direction from the prototype to the image.
    """
    away = features[:, None] - np.concatenate([means, outside[None]])
    distances = np.linalg.norm(away, axis=2)
    share = softmax(-distances)[:, -1:]
    return np.asarray(share * away[:, -1] / np.maximum(distances[:, -1:], 1e-12))


def grood(known: Known, config: Config) -> Score:
    """Minus the squared distance of an image's gradient to the nearest of rightly classified training images."""
    features = known.seen.features.astype(np.float64)
    means, _ = class_means(features, known.labels)
    if known.outside is None or config.prototype == CENTRE:
        outside = means.mean(axis=0)
    else:
        outside = known.outside.features.astype(np.float64).mean(axis=0)
    right = known.seen.logits.argmax(axis=1) == known.labels
    bank = np.concatenate([*_parts(features[right if right.any() else ...], means, outside)])

    def score(seen: Seen) -> Floats:
        parts = _parts(seen.features.astype(np.float64), means, outside)
        return np.concatenate([-_nearest(part, bank) for part in parts])

    return score


def _parts(features: Floats, means: Floats, outside: Floats) -> Iterator[Floats]:
    for start in range(0, len(features), TOGETHER):
        yield gradients(features[start : start + TOGETHER], means, outside)


def _nearest(rows: Floats, bank: Floats) -> Floats:
    """The squared distance of rows [B, D] to the nearest of the bank [N, D]."""
    squared = np.square(rows).sum(axis=1)[:, None] + np.square(bank).sum(axis=1) - 2 * rows @ bank.T
    return np.asarray(np.maximum(squared, 0.0).min(axis=1))


RULE = Rule(make=grood, fits=True, outside=lambda config: config.prototype == VALIDATION)
DETECTOR = Detector(
    name="grood",
    title="Gradient at a prototype of OOD images (GROOD)",
    rule=RULE,
    config=Config,
    papers=("ElAraby et al. 2023, arXiv 2312.14427",),
)
SPEC = DETECTOR.spec
