"""Label spaces: how logits over all classes are read on a set that has only some of them, before argmax.

"subset": the set has only these classes, and only their logits count (ImageNet-R and -A: 200 of 1000; Hendrycks et al.
2021). "max": the set's classes are groups of ids, and a group's logit is the highest of its members' (ObjectNet: 113
groups of 125 ImageNet ids; Barbu et al. 2019, as the ImageNet testbed evaluates it, Taori et al. 2020).
"""

from collections.abc import Sequence
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

Logits = npt.NDArray[np.floating]
Labels = npt.NDArray[np.int64]
SUBSET, MAX = "subset", "max"


class Space(Protocol):
    """What is asked of a label space: `classes` of a subset, or `groups` of ids, as numbers of the full classes."""

    @property
    def kind(self) -> Literal["subset", "max"]: ...
    @property
    def classes(self) -> Sequence[int]: ...
    @property
    def groups(self) -> Sequence[Sequence[int]]: ...


def restricted(logits: Logits, classes: Sequence[int]) -> Logits:
    """The columns of these classes [K]: [N, C] to [N, K]. Raises ValueError for a class beyond C.

    >>> restricted(np.array([[5.0, 1.0, 3.0]]), (1, 2))
    array([[1., 3.]])
    """
    _check(classes, logits.shape[1])
    return logits[:, np.asarray(classes)]


def max_projected(logits: Logits, groups: Sequence[Sequence[int]]) -> Logits:
    """The highest logit of each group: [N, C] to [N, len(groups)]. Raises ValueError for a class beyond C.

    >>> max_projected(np.array([[5.0, 1.0, 3.0, 2.0]]), ((1, 3), (2,)))
    array([[2., 3.]])
    """
    members = members_of(groups)
    _check(members, logits.shape[1])
    starts = np.r_[0, np.cumsum([len(group) for group in groups])[:-1]]
    projected: Logits = np.maximum.reduceat(logits[:, np.asarray(members)], starts, axis=1)
    return projected


def members_of(groups: Sequence[Sequence[int]]) -> list[int]:
    """All ids, group after group. Raises ValueError for a group that is empty."""
    if not all(groups):
        raise ValueError("a group of a label space has no class")
    return [number for group in groups for number in group]


def projected(logits: Logits, space: Space | None) -> Logits:
    """The logits [N, C] in a set's label space [N, K]; as they are without one."""
    if space is None:
        return logits
    return restricted(logits, space.classes) if space.kind == SUBSET else max_projected(logits, space.groups)


def positions(space: Space | None, classes: int) -> Labels:
    """Where each of the full classes [C] stands in the space; -1 for one that is not in it."""
    if space is None:
        return np.arange(classes)
    groups: Sequence[Sequence[int]] = [[c] for c in space.classes] if space.kind == SUBSET else space.groups
    members = members_of(groups)
    _check(members, classes)
    found = np.full(classes, -1, np.int64)
    found[members] = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    return found


def classes_in(space: Space | None, classes: int) -> tuple[int, ...]:
    """The pack's number of each class of a label space; of a group of classes that of its first."""
    if space is None:
        return tuple(range(classes))
    return tuple(space.classes) if space.kind == SUBSET else tuple(group[0] for group in space.groups)


def relabelled(labels: Labels, space: Space | None, classes: int) -> Labels:
    """Labels [N] as numbers in the space; -1 for one that is not in it, as for a label of no class."""
    return np.where(labels >= 0, positions(space, classes)[labels], -1)


def _check(numbers: Sequence[int], classes: int) -> None:
    found: npt.NDArray[Any] = np.asarray(numbers)
    if not len(found) or found.min() < 0 or found.max() >= classes or len(np.unique(found)) < len(found):
        raise ValueError(f"a label space must name different classes from 0 to {classes - 1}")
