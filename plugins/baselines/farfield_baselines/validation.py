"""A validation part of the training split, for what a method chooses. The test images are never looked at."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield import TrainingSet
from farfield.runtime.dataset import LabeledSet

Ints = npt.NDArray[np.int64]


def split(labels: Ints, share: float, seed: int) -> tuple[Ints, Ints]:
    """Positions (kept, held out) of labels [N], each ascending: round(share N) are held out, and at least one.

    Each class gives about its share, and keeps one image at least, so fewer are held out where classes are small. Where
    every class has one image, images are held out whatever their class.
    """
    rng = np.random.default_rng(seed)
    place = np.concatenate([_places(np.flatnonzero(labels == label), rng) for label in np.unique(labels)])
    if not len(place):
        place = np.array([(rng.random(), position) for position in range(len(labels))])
    first = place[np.argsort(place[:, 0], kind="stable"), 1].astype(np.int64)
    held = np.sort(first[: max(1, round(share * len(labels)))])
    return np.setdiff1d(np.arange(len(labels)), held), held


def _places(members: Ints, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """(order, position) of all members of a class but one, [n - 1, 2]: the orders of a class are spread over 0..1."""
    drawn = rng.permutation(members)[: len(members) - 1]
    return np.column_stack([(np.arange(len(drawn)) + rng.random()) / len(members), drawn])


def part_of(train: TrainingSet, positions: Ints) -> LabeledSet:
    """The examples at these positions, read when they are needed."""
    targets = None if train.targets is None else train.targets[positions]
    return LabeledSet(_Part(train, positions), train.labels[positions], train.domains[positions], targets)


def best(candidates: Sequence[float], accuracy: Callable[[float], float]) -> tuple[float, list[float]]:
    """(the first candidate of the highest accuracy, all accuracies)."""
    found = [accuracy(candidate) for candidate in candidates]
    return candidates[int(np.argmax(found))], found


def accuracy(predict: Callable[[npt.NDArray[Any]], npt.NDArray[Any]], part: LabeledSet, batch: int = 64) -> float:
    """Share of the part's inputs whose highest logit is the label's."""
    hits = [predict(found.inputs).argmax(axis=1) == found.labels for found in part.batches(batch)]
    return float(np.concatenate(hits).mean())


class _Part:
    """Some inputs of a set."""

    largest_batch = None

    def __init__(self, whole: TrainingSet, positions: Ints) -> None:
        self._whole, self._positions = whole, positions

    def __len__(self) -> int:
        return len(self._positions)

    def read(self, indices: Ints) -> npt.NDArray[Any]:
        return self._whole.take(self._positions[indices]).inputs
