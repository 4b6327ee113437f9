"""Few-shot sets of a pack: which training images are the first shots of each class, and what sets they make up.

A pack's training images lie in sets of growing size, and each number of shots joins the first of these. As in
CLIP_benchmark's linear probe, images are taken in one random order until each class has so many.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
SHOTS = (1, 2, 4, 8, 16)
ALL = "all"
REST = "rest"
SEED = 0


def learned_set(number: int | str) -> str:
    """The set that joins so many images of each class, or all.

    >>> learned_set(4), learned_set(ALL)
    ('shots-4', 'shots-all')
    """
    return f"shots-{number}"


def step_sets(labels: Ints, seed: int = SEED) -> list[str]:
    """Of each training image [N] with these labels the set that it lies in: that of the fewest shots that it is among.

    >>> step_sets(np.array([0, 0, 0, 1]), seed=0)
    ['train-4', 'train-2', 'train-1', 'train-1']
    """
    order = np.random.default_rng(seed).permutation(len(labels))
    seen: dict[int, int] = {}
    steps = [""] * len(labels)
    for place in order.tolist():
        before = seen.get(int(labels[place]), 0)
        seen[int(labels[place])] = before + 1
        steps[place] = _step(next((number for number in SHOTS if before < number), REST))
    return steps


def joins(labels: Ints) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The sets by number of shots, each with what it joins.

    Those of more images than a class has are left out, as CLIP_benchmark refuses them.
    """
    if not len(labels):
        return ()
    least = int(np.bincount(labels)[np.unique(labels)].min())
    held = set(step_sets(labels))
    few = [
        (learned_set(number), _parts(SHOTS[: place + 1], held)) for place, number in enumerate(SHOTS) if number <= least
    ]
    return (*few, (learned_set(ALL), _parts((*SHOTS, REST), held)))


def _parts(steps: Sequence[int | str], held: set[str]) -> tuple[str, ...]:
    return tuple(_step(step) for step in steps if _step(step) in held)


def _step(number: int | str) -> str:
    return f"train-{number}"
