"""Fast decision boundary detector (Liu & Qin 2024, arXiv 2312.11536, section 3)."""

from dataclasses import dataclass

import numpy as np

from farfield import setting
from farfield_baselines.ood_detection.choice import CHOSEN, on_held_out_classes
from farfield_baselines.ood_detection.core import Floats, Head, Ints, Known, Rule, Score, Seen
from farfield_baselines.ood_detection.declare import Detector
from farfield_baselines.ood_detection.search import grid

HELP = (
    "What the distances are divided by: the feature's distance to the training images' mean (the paper's), or its "
    f"length (norm). choose: {CHOSEN}, as OpenOOD chooses it on its validation images."
)
RULERS = ("mean", "norm")


@dataclass(frozen=True, kw_only=True)
class Config:
    """By what the distances to the boundaries are measured."""

    ruler: str = setting("mean", choices=(*RULERS, "choose"), help=HELP)


def between_rows(head: Head) -> Floats:
    """The length of the difference of each two rows of the last layer [K, K]; 1 where they are equal."""
    weight = head.weight.astype(np.float64)
    squared = np.square(weight).sum(axis=1)
    lengths = np.sqrt(np.maximum(squared[:, None] + squared - 2.0 * weight @ weight.T, 0.0))
    alike = np.eye(len(weight), dtype=bool) | (lengths == 0.0)
    return np.where(alike, 1.0, lengths)


def sum_of_distances(logits: Floats, rows: Ints, lengths: Floats) -> Floats:
    """The distances in feature space to the boundaries between the best class and each other, added up: [B].

    logits [B, C], the rows [B, C] of the last layer that they come from, and the `between_rows` of that layer.
    """
    best = logits.argmax(axis=1)
    own = rows[np.arange(len(rows)), best]
    return np.asarray(((logits.max(axis=1, keepdims=True) - logits) / lengths[own[:, None], rows]).sum(axis=1))


def with_ruler(known: Known, ruler: str) -> Score:
    """The sum of the distances over the feature's distance to the mean, or over its length."""
    lengths = between_rows(known.head)
    origin = known.seen.features.astype(np.float64).mean(axis=0) if ruler == "mean" else 0.0

    def score(seen: Seen) -> Floats:
        distances = sum_of_distances(seen.logits.astype(np.float64), known.head.rows(seen.features), lengths)
        return np.asarray(distances / np.maximum(np.linalg.norm(seen.features - origin, axis=1), 1e-12))

    return score


def fdbd(known: Known, config: Config) -> Score:
    """`with_ruler`, chosen where that is asked for."""
    chosen = config.ruler == "choose"
    return with_ruler(known, on_held_out_classes(with_ruler, RULERS, known) if chosen else config.ruler)


RULE = Rule(make=fdbd, fits=True, grid=grid(ruler=("mean", "norm")))
DETECTOR = Detector(
    name="fdbd",
    title="Fast decision boundary detector (fDBD)",
    rule=RULE,
    config=Config,
    papers=("Liu & Qin 2024, arXiv 2312.11536",),
)
SPEC = DETECTOR.spec
