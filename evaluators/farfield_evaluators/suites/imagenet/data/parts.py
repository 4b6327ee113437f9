"""The examples of a large release, made when they are asked for: a million file names and no million objects."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from farfield_evaluators.data.contents import Item
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

    def __init__(
        self, pack: Pack, sets: Mapping[str, str], domain: int, numbers: Mapping[int, int] | None = None
    ) -> None:
        """sets: the new name of each of the pack's sets that are taken.

        numbers: the new number of each class whose examples are taken; None takes all, and leaves their numbers.
        """
        self._images: Pixels = np.memmap(pack.blob, np.uint8, mode="r")
        self._spans, self._labels, self._domain, self._numbers = pack.spans, pack.labels, domain, numbers
        taken = np.ones(len(self._labels), bool) if numbers is None else np.isin(self._labels, list(numbers))
        members = ((pack.members(old), new) for old, new in sets.items())
        self._rows = [(position, new) for found, new in members for position in found[taken[found]].tolist()]

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> Item:
        position, name = self._rows[index]
        start, end = self._spans[position].tolist()
        label = int(self._labels[position])
        label = label if self._numbers is None else self._numbers[label]
        return PackedImage(images=self._images, span=(start, end), set=name, label=label, domain=self._domain)
