"""ASH, extremely simple activation shaping (Djurisic et al. 2023, arXiv 2209.09858, section 3)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from farfield import setting
from farfield_baselines.ood_detection.choice import CHOSEN, on_held_out_classes
from farfield_baselines.ood_detection.core import Floats, Known, Rule, Score, Seen
from farfield_baselines.ood_detection.declare import Detector
from farfield_baselines.ood_detection.energy import negative_energy
from farfield_baselines.ood_detection.search import grid

GRID = (65.0, 70.0, 75.0, 80.0, 85.0, 90.0, 95.0)  # OpenOOD v1.5's
PERCENTILE_HELP = (
    "Share of each image's activations that is set to zero, in percent. OpenOOD's is 90; the paper's for ImageNet: 90 "
    f"for s, 65 for b, 60 for p. -1 is {CHOSEN}."
)


@dataclass(frozen=True, kw_only=True)
class Config:
    """The variant and how much is pruned: by default OpenOOD's, which is b."""

    variant: str = setting("b", choices=("s", "b", "p"), help="What is left is scaled (s), made equal (b) or kept (p).")
    percentile: float = setting(90.0, ge=-1.0, le=95.0, help=PERCENTILE_HELP)


def pruned(features: Floats, percentile: float) -> Floats:
    """Each row's highest activations, the others 0: [B, D]."""
    keep = features.shape[1] - round(features.shape[1] * percentile / 100.0)
    places = np.argpartition(-features, keep - 1, axis=1)[:, :keep]
    left = np.zeros_like(features)
    np.put_along_axis(left, places, np.take_along_axis(features, places, axis=1), axis=1)
    return left


def sharpness(features: Floats, percentile: float) -> Floats:
    """exp(sum of a row / sum of its highest activations), for activations of at least 0: [B, D] -> [B].

    1 for a row whose highest activations do not add up to more than 0: there is no ratio to scale by.
    """
    before, after = features.sum(axis=1), pruned(features, percentile).sum(axis=1)
    return np.asarray(np.exp(np.where(after > 0, before / np.where(after > 0, after, 1.0), 0.0)))


def scaled(features: Floats, percentile: float) -> Floats:
    """ASH-S: what is left times the row's sharpness."""
    return np.asarray(pruned(features, percentile) * sharpness(features, percentile)[:, None])


def levelled(features: Floats, percentile: float) -> Floats:
    """ASH-B: what is left gets one value, such that the sum is that before."""
    keep = features.shape[1] - round(features.shape[1] * percentile / 100.0)
    places = np.argpartition(-features, keep - 1, axis=1)[:, :keep]
    left = np.zeros_like(features)
    value = features.sum(axis=1, keepdims=True) / keep
    np.put_along_axis(left, places, np.broadcast_to(value, places.shape), axis=1)
    return left


SHAPES: Mapping[str, Callable[[Floats, float], Floats]] = {"s": scaled, "b": levelled, "p": pruned}


def shaping(variant: str) -> Callable[[Known, float], Score]:
    """The energy score after that variant's shaping, for each percentile."""

    def with_percentile(known: Known, percentile: float) -> Score:
        def score(seen: Seen) -> Floats:
            return negative_energy(known.head(SHAPES[variant](seen.features.astype(np.float64), percentile)))

        return score

    return with_percentile


def ash(known: Known, config: Config) -> Score:
    """The configured shaping, its percentile chosen where it is not given."""
    make = shaping(config.variant)
    return make(known, on_held_out_classes(make, GRID, known) if config.percentile == -1.0 else config.percentile)


RULE = Rule(make=ash, fits=True, grid=grid(percentile=GRID))
DETECTOR = Detector(
    name="ash",
    title="Activation shaping (ASH) with the energy score",
    rule=RULE,
    config=Config,
    papers=("Djurisic et al. 2023, arXiv 2209.09858",),
)
SPEC = DETECTOR.spec
