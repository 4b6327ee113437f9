"""The contents of a pack being built: images in a file, their hashes and columns in arrays, a window at a time.

An import of a million images holds about 100 bytes of each, besides the window.
"""

import hashlib
import os
from array import array
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any, BinaryIO, Protocol

import numpy as np
import numpy.typing as npt

from farfield.errors import reason
from farfield_evaluators.data.columns import ColumnData, ColumnError, Gathered, PackColumn
from farfield_evaluators.data.encoded import UnreadableImage

WINDOW = 64  # images held at once
MOST_THREADS = 16
DIGEST_BYTES = 32
Ints = npt.NDArray[np.int64]
Digests = npt.NDArray[np.uint8]


class Item(Protocol):
    """One example of a source.

    `columns` has its `set`, and by name what else there is: `label` (-1 without one, as of OOD), `domain` (0 without),
    `order`, its place in the source's own order (0 without), and a value for each column that the source declares.
    """

    @property
    def columns(self) -> Mapping[str, Any]: ...

    def stored(self) -> bytes:
        """The bytes the pack keeps. Raises OSError or UnreadableImage."""
        ...

    def where(self) -> str:
        """What an error message calls this example."""
        ...


class Items(Protocol):
    """The examples of a source, made when they are asked for."""

    def __len__(self) -> int: ...
    def __getitem__(self, index: int, /) -> Item: ...


@dataclass(frozen=True, kw_only=True)
class Contents:
    """N examples: digests [N, 32] and spans [N, 2] of the stored images, and columns [N]; `sets` into `set_names`.

    `columns` are those that a source declares besides.
    """

    digests: Digests
    spans: Ints
    set_names: tuple[str, ...]
    sets: Ints
    labels: Ints
    domains: Ints
    orders: Ints
    columns: tuple[ColumnData, ...] = ()
    problems: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.spans)

    def hashes(self) -> Iterator[str]:
        """Each image's SHA-256 in hexadecimal."""
        return (digest.tobytes().hex() for digest in self.digests)

    def in_order(self) -> "Contents":
        """Ordered by the images' hashes; equal images by set and label, and then by columns where any are declared."""
        words = self.digests.view(">u8").reshape(-1, DIGEST_BYTES // 8)
        least = (*(column.ranks() for column in self.columns), self.domains) if self.columns else ()
        by = np.lexsort((*least, self.labels, self.sets, *words.T[::-1]))
        base = {name: getattr(self, name)[by] for name in ("digests", "spans", "sets", "labels", "domains", "orders")}
        return Contents(set_names=self.set_names, **base, columns=tuple(column.at(by) for column in self.columns))


def store(examples: Items, unsorted: BinaryIO, columns: Sequence[PackColumn] = ()) -> Contents:
    """Write every image as the pack keeps it, in the source's order; `problems` has a sentence for each that failed."""
    table, problems, position = _Table(columns), [], 0
    for example, image in _stored(examples):
        try:
            if isinstance(image, Exception):
                raise image
            table.add(example.columns, position + len(image))
        except (OSError, UnreadableImage, ColumnError) as error:
            problems.append(f"{example.where()}: {reason(error)}")
            continue
        unsorted.write(image)
        position += len(image)
        table.digests += hashlib.sha256(image).digest()
    return table.contents(problems)


class _Table:
    """The columns of the examples so far."""

    def __init__(self, columns: Sequence[PackColumn]) -> None:
        self.digests = bytearray()
        self._numbers = {name: array("q") for name in ("ends", "sets", "labels", "domains", "orders")}
        self._names: dict[str, int] = {}
        self._more = [Gathered(column) for column in columns]

    def add(self, columns: Mapping[str, Any], end: int) -> None:
        """Raises ColumnError, with nothing added, for a value that its column cannot hold."""
        values = [gathered.checked(columns) for gathered in self._more]
        number = self._names.setdefault(columns["set"], len(self._names))
        places = [columns.get(name, without) for name, without in (("label", -1), ("domain", 0), ("order", 0))]
        for column, value in zip(self._numbers.values(), (end, number, *places), strict=True):
            column.append(value)
        for gathered, value in zip(self._more, values, strict=True):
            gathered.add(value)

    def contents(self, problems: list[str]) -> Contents:
        columns = {name: np.array(values, np.int64) for name, values in self._numbers.items()}
        ends = columns.pop("ends")
        set_names = tuple(sorted(self._names))
        ranks = np.array([set_names.index(name) for name in self._names], np.int64)
        return Contents(
            digests=np.frombuffer(self.digests, np.uint8).reshape(-1, DIGEST_BYTES),
            spans=np.stack([np.concatenate([np.zeros(1, np.int64), ends])[:-1], ends], axis=1),
            set_names=set_names,
            **{**columns, "sets": ranks[columns["sets"]] if self._names else columns["sets"]},
            columns=tuple(gathered.data() for gathered in self._more),
            problems=tuple(problems),
        )


def read(blob: BinaryIO, start: int, end: int) -> bytes:
    """The bytes from start to end."""
    blob.seek(start)
    return blob.read(end - start)


def _stored(examples: Items) -> Iterator[tuple[Item, bytes | Exception]]:
    """Every example with its image, or with what is wrong with it; images are read and checked by threads."""
    indices = iter(range(len(examples)))
    with ThreadPoolExecutor(min(MOST_THREADS, os.cpu_count() or 1)) as pool:
        while window := [examples[i] for i in islice(indices, WINDOW)]:
            yield from zip(window, pool.map(_attempt, window), strict=True)


def _attempt(example: Item) -> bytes | Exception:
    try:
        return example.stored()
    except (OSError, UnreadableImage) as error:
        return error
