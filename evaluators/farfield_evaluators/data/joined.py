"""Several sequences of examples as one, for data sets too large to hold an object for each image."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from farfield_evaluators.data.contents import Item, Items


class Joined:
    """Several sequences of examples, one after the other."""

    def __init__(self, parts: Sequence[Items]) -> None:
        self._parts = [part for part in parts if len(part)]
        self._ends = list(accumulate(map(len, self._parts)))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def __getitem__(self, index: int) -> Item:
        if not 0 <= index < len(self):
            raise IndexError(index)
        number = bisect_right(self._ends, index)
        return self._parts[number][index - (self._ends[number - 1] if number else 0)]
