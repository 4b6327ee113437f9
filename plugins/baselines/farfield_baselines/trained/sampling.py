"""Which examples a step sees: samplers as pure functions of labels or groups and of a generator.

Each gives the positions of one epoch, a batch at a time.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def shuffled(count: int, batch: int, rng: np.random.Generator) -> Iterator[Ints]:
    """All positions once. The last batch may be smaller, but never of one: BatchNorm cannot learn from it."""
    return batched(rng.permutation(count), batch)


def weighted(weights: Floats, batch: int, rng: np.random.Generator) -> Iterator[Ints]:
    """As many positions as there are weights [N], with replacement, each by its share of their sum."""
    drawn = rng.choice(len(weights), len(weights), p=weights / weights.sum())
    return batched(drawn, batch)


def even(groups: Ints) -> Floats:
    """Weights [N] under which every group that occurs has the same share; they sum to one.

    >>> even(np.array([0, 0, 3])).tolist()
    [0.25, 0.25, 0.5]
    """
    _, numbers, counts = np.unique(groups, return_inverse=True, return_counts=True)
    return np.asarray(1.0 / (counts[numbers] * len(counts)))


def by_group(groups: Ints, batch: int, groups_per_batch: int, rng: np.random.Generator) -> Iterator[Ints]:
    """Batches of `groups_per_batch` different groups, as many examples of each: WILDS' group loader.

    Groups are drawn uniformly; a group's examples without replacement unless it has no more than are wanted of it.
    There are as many batches as whole ones fit into the set, and at least one. With fewer groups, or fewer examples,
    than are asked for, a batch has what there is.
    """
    members = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    many = min(groups_per_batch, len(members))
    each = max(1, min(batch, len(groups)) // many)
    for _ in range(max(1, len(groups) // (each * many))):
        chosen = rng.choice(len(members), many, replace=False)
        yield np.concatenate([_some(members[group], each, rng) for group in chosen])


def batched(positions: Ints, batch: int) -> Iterator[Ints]:
    """The positions in batches, in their order; a last one by itself joins the batch before it."""
    starts = list(range(0, len(positions), batch))
    if batch > 1 and len(starts) > 1 and len(positions) - starts[-1] == 1:
        starts.pop()
    for start, stop in zip(starts, [*starts[1:], len(positions)], strict=True):
        yield positions[start:stop]


def _some(members: Ints, count: int, rng: np.random.Generator) -> Ints:
    return rng.choice(members, count, replace=len(members) <= count)
