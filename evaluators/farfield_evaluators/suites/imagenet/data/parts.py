"""The examples of a large release, made when they are asked for: a million file names and no million objects."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Protocol

import numpy as np

from farfield_evaluators.data.contents import Item, Items
from farfield_evaluators.data.packs import Example, Pack, Pixels, Placed


class MakeExample(Protocol):
    """What makes an example of a file, as `Example` does."""

    def __call__(self, *, path: Path, set: str, label: int, domain: int, order: int) -> Item: ...


@dataclass(frozen=True, kw_only=True)
class Part:
    """Images of one folder that share their set, label and domain."""

    folder: Path
    files: tuple[str, ...]
    set: str
    label: int
    domain: int = 0
    make: MakeExample = Example

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> Item:
        path = self.folder / self.files[index]
        return self.make(path=path, set=self.set, label=self.label, domain=self.domain, order=0)


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


@dataclass(frozen=True, kw_only=True)
class PackedImage(Placed):
    """An example of a pack, taken into another one as it is stored."""

    images: Pixels
    span: tuple[int, int]
    set: str
    label: int
    domain: int
    order: int = 0

    def stored(self) -> bytes:
        return self.images[slice(*self.span)].tobytes()

    def where(self) -> str:
        return f"the packed image at {self.span[0]}"


class Packed:
    """A pack's examples under another pack's names of sets and another domain."""

    def __init__(self, pack: Pack, sets: Mapping[str, str], domain: int) -> None:
        """sets: the new name of each of the pack's sets that are taken."""
        self._images: Pixels = np.memmap(pack.blob, np.uint8, mode="r")
        self._rows = [(position, new) for old, new in sets.items() for position in pack.members(old).tolist()]
        self._spans, self._labels, self._domain = pack.spans, pack.labels, domain

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> Item:
        position, name = self._rows[index]
        start, end = self._spans[position].tolist()
        label = int(self._labels[position])
        return PackedImage(images=self._images, span=(start, end), set=name, label=label, domain=self._domain)
