"""What the arrays that a run brings must be: written by rule in the sandbox, and read by the same rule outside."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
ITEM_BYTES = 8
MOST_DETECTIONS = 300  # of one image, where a benchmark says nothing else


@dataclass(frozen=True, kw_only=True)
class Size:
    """What the size of a run's arrays follows from: N test examples, C classes, T targets, K checkpoints, M texts.

    examples: of data selection, those to choose from.
    masks: whether detections have masks. detections: how many count of one image, from 1. open: whether episodes have
    queries of none of their classes, which methods score.
    """

    examples: int
    classes: int = 0
    targets: int = 1
    checkpoints: int = 0
    masks: bool = False
    detections: int = MOST_DETECTIONS
    texts: int = 0
    open: bool = False


@dataclass(frozen=True, kw_only=True)
class ArrayRule:
    """What an array that a run brings must be.

    shape: the whole of it; with `counts` that of one row, of which any example has any number: the array named there,
    int64 [N], says how many, and bounds them; with `columns` all but its last axis, whose length says the array named
    there, int64 [1], which bounds it. dtype: as the runner writes it; a reader takes any of its kind.
    Every number is finite where `finite`, and in lowest..highest.
    of_inputs: whether its rows are of the test inputs; any other array is made before the first of them is given.
    """

    shape: tuple[int, ...]
    dtype: str = "float32"
    counts: str = ""
    columns: str = ""
    of_inputs: bool = True
    lowest: float = -np.inf
    highest: float = np.inf
    finite: bool = True

    def shape_given(self, arrays: Mapping[str, Array]) -> tuple[int, ...]:
        """The whole shape, where the arrays of counts and columns are known and were checked."""
        shape = (*self.shape, int(arrays[self.columns][0])) if self.columns else self.shape
        return (int(arrays[self.counts].sum()), *shape) if self.counts else shape

    def problem(self, name: str, array: Array, arrays: Mapping[str, Array]) -> str:
        """What is wrong with an array, in a sentence; empty where nothing is. `arrays` has those that came before."""
        shape = self.shape_given(arrays)
        if array.shape != shape:
            return f"{name} has the shape {array.shape}; expected {shape}, a row per {self._row}"
        whole = np.dtype(self.dtype).kind in "iu"
        if array.dtype.kind not in ("iu" if whole else "f"):
            return f"{name} must be whole numbers" if whole else f"{name} must be floating point and finite everywhere"
        if self.finite and not _all_finite(array):
            return f"{name} must be floating point and finite everywhere"
        if array.size and not (self.lowest <= array.min() and array.max() <= self.highest):
            return f"{name} must lie in {self.lowest:g}..{self.highest:g}"
        return ""

    def most_values(self, rules: "Mapping[str, ArrayRule]") -> int:
        """How many numbers the array holds at most."""
        each = int(np.prod(self.shape, dtype=np.int64)) * (int(rules[self.columns].highest) if self.columns else 1)
        return each * rules[self.counts].shape[0] * int(rules[self.counts].highest) if self.counts else each

    @property
    def item_bytes(self) -> int:
        """What one of its numbers takes: run lengths are many, and as they are; others may be in double precision."""
        kind = np.dtype(self.dtype)
        return kind.itemsize if kind.kind == "u" else ITEM_BYTES

    @property
    def _row(self) -> str:
        if self.counts:
            return f"row that {self.counts} counts"
        return "test image" if self.of_inputs else "text"


def most_bytes(rules: Mapping[str, ArrayRule]) -> int:
    """What these arrays take at most."""
    return sum(rule.item_bytes * rule.most_values(rules) for rule in rules.values())


def _all_finite(array: Array) -> bool:
    """In pieces, so that a mapped array is not held whole."""
    flat = array.reshape(-1)
    step = 1 << 20
    return all(bool(np.isfinite(flat[start : start + step]).all()) for start in range(0, flat.size, step))
