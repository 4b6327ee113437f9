"""Protocol probes: a slice of the test inputs is predicted again, once exactly as before and once in other company.

The first repeat keeps batches and order and changes the seeds of the usual generators: a difference means that the
method is not deterministic. The second reverses the order and changes the batch size: a difference means that a
prediction depends on the rest of the test batch. What is compared, and how closely, is decided outside.
"""

import random
import secrets
import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from farfield.protocols import Inputs, Ints
from farfield.runtime.dataset import Source
from farfield.runtime.loops import Array

REPEAT, REORDERED = "probe-repeat", "probe-reordered"
LEAST_EXAMPLES = 32
Outputs = Callable[[Source, int], Array]  # (inputs, batch size) -> predictions [N, ...]


class Part:
    """Some inputs of a source, in another order."""

    def __init__(self, source: Source, indices: Ints) -> None:
        self._source = source
        self._indices = indices

    @property
    def largest_batch(self) -> int | None:
        return self._source.largest_batch

    def __len__(self) -> int:
        return len(self._indices)

    def read(self, indices: Ints) -> Inputs:
        return self._source.read(self._indices[indices])


def probed_count(total: int, batch: int) -> int:
    """How many examples are probed: whole batches, at least LEAST_EXAMPLES, from the start of the staged order."""
    batches = -(-LEAST_EXAMPLES // batch)
    return min(total, batches * batch)


def probe(outputs: Outputs, source: Source, batch: int) -> dict[str, Array]:
    """The two repeats, rows in staged order: {REPEAT: [K, ...], REORDERED: [K, ...]}."""
    first = np.arange(probed_count(len(source), batch))
    return repeats(
        lambda: outputs(Part(source, first), batch), lambda: outputs(Part(source, first[::-1]), batch // 2 + 1)[::-1]
    )


def repeats(again: Callable[[], Array], reordered: Callable[[], Array]) -> dict[str, Array]:
    """What both give, in the staged order, with other seeds than the predictions had."""
    _reseed(secrets.randbits(31))
    return {REPEAT: again(), REORDERED: reordered()}


def side_by_side(arrays: Mapping[str, Array]) -> Array:
    """The arrays of one run, each with N rows, as the columns of one float64 array [N, D]."""
    columns = [np.asarray(a, np.float64).reshape(len(a), -1) for _, a in sorted(arrays.items())]
    return np.concatenate(columns, axis=1)


def _reseed(seed: int) -> None:
    """The generators that a method may have left unseeded. Torch only where the method has imported it."""
    random.seed(seed)
    np.random.seed(seed)  # the very generator that old code draws from
    torch: Any = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(seed)
