"""A detector's hyperparameter, chosen by AUROC on held-out classes of the ID training images."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from farfield_baselines.ood_detection.core import Floats, Ints, Known, Score, Seen

Value = TypeVar("Value")
With = Callable[[Known, Value], Score]
CHOSEN = "chosen on held-out classes of the ID training images"
FOLDS = 2


def auroc(id_scores: Floats, ood_scores: Floats) -> float:
    """P(an ID score > an OOD score) + half of P(equal), over all pairs.

    >>> auroc(np.array([2.0, 3.0]), np.array([1.0, 2.0]))
    0.875
    """
    ordered = np.sort(np.asarray(ood_scores, np.float64))
    below, up_to = (np.searchsorted(ordered, id_scores, side=side).mean() for side in ("left", "right"))
    return float(below + up_to) / (2 * len(ordered))


def best(scores: Sequence[float], values: Sequence[Value]) -> Value:
    """The value of the highest score; the first of equals."""
    return values[int(np.argmax(scores))]


def on_held_out_classes(make: With[Value], values: Sequence[Value], known: Known) -> Value:
    """The value that best tells classes which were left out from images of the others, without any OOD image.

    The classes that occur are dealt to two folds. Each fold plays OOD once: the detector learns from every second
    image of the other classes, with the last layer restricted to them, and the rest of their images are ID. The
    AUROC's mean over the folds decides; the first of equals wins. Raises ValueError when the training images have
    too few classes, or too few images of them.
    """
    occurring = np.unique(known.labels)
    parts = [_split(known, occurring[fold::FOLDS], occurring) for fold in range(FOLDS)]
    if not all(len(seen) for _, id_val, ood_val in parts for seen in (id_val, ood_val)):
        raise ValueError("too few ID training images to choose a setting on held-out classes; give its value")
    means = [
        np.mean([_separation(make(fitted, v), id_val, ood_val) for fitted, id_val, ood_val in parts]) for v in values
    ]
    return best([float(mean) for mean in means], values)


def _split(known: Known, left_out: Ints, occurring: Ints) -> tuple[Known, Seen, Seen]:
    """(what the detector learns from, ID validation, left-out classes), all seen through the kept classes' layer."""
    kept = np.setdiff1d(occurring, left_out)
    head = known.head.restricted(kept)
    inside = np.flatnonzero(np.isin(known.labels, kept))
    # By class, so that the halves hold every class that has two images.
    inside = inside[np.argsort(known.labels[inside], kind="stable")]
    learned, validated, outside = inside[::2], inside[1::2], np.flatnonzero(np.isin(known.labels, left_out))

    def through(rows: Ints) -> Seen:
        features = known.seen.features[rows]
        return Seen(features=features, logits=known.seen.logits[rows][:, kept])

    labels = np.searchsorted(kept, known.labels[learned])
    return Known(head=head, seen=through(learned), labels=labels), through(validated), through(outside)


def _separation(score: Score, id_val: Seen, ood_val: Seen) -> float:
    return auroc(score(id_val), score(ood_val))
