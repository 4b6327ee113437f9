"""The contents of a pack being built: images in a file, their hashes and columns in arrays, a window at a time.

An import of a million images holds about 100 bytes of each, besides the window.
"""

import hashlib
import os
from array import array
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO, Protocol

import numpy as np
import numpy.typing as npt

from farfield.errors import reason
from farfield_evaluators.data.encoded import UnreadableImage

WINDOW = 64  # images held at once
MOST_THREADS = 16
DIGEST_BYTES = 32
Ints = npt.NDArray[np.int64]
Digests = npt.NDArray[np.uint8]


class Item(Protocol):
    """One example of a source: set, label (-1 for OOD), domain number, and place in the source's own order."""

    @property
    def set(self) -> str: ...
    @property
    def label(self) -> int: ...
    @property
    def domain(self) -> int: ...
    @property
    def order(self) -> int: ...

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
    """N examples: digests [N, 32] and spans [N, 2] of the stored images, and columns [N]; `sets` into `set_names`."""

    digests: Digests
    spans: Ints
    set_names: tuple[str, ...]
    sets: Ints
    labels: Ints
    domains: Ints
    orders: Ints
    problems: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.spans)

    def hashes(self) -> Iterator[str]:
        """Each image's SHA-256 in hexadecimal."""
        return (digest.tobytes().hex() for digest in self.digests)

    def in_order(self) -> "Contents":
        """Ordered by the images' hashes; equal images by set and label."""
        words = self.digests.view(">u8").reshape(-1, DIGEST_BYTES // 8)
        by = np.lexsort((self.labels, self.sets, *words.T[::-1]))
        columns = {
            name: getattr(self, name)[by] for name in ("digests", "spans", "sets", "labels", "domains", "orders")
        }
        return Contents(set_names=self.set_names, **columns)


def store(examples: Items, unsorted: BinaryIO) -> Contents:
    """Write every image as the pack keeps it, in the source's order; `problems` has a sentence for each that failed."""
    digests, numbers = bytearray(), {name: array("q") for name in ("ends", "sets", "labels", "domains", "orders")}
    names: dict[str, int] = {}
    problems, position = [], 0
    for example, image in _stored(examples):
        if isinstance(image, Exception):
            problems.append(f"{example.where()}: {reason(image)}")
            continue
        unsorted.write(image)
        digests += hashlib.sha256(image).digest()
        row = (position := position + len(image), names.setdefault(example.set, len(names)))
        for column, value in zip(numbers.values(), (*row, example.label, example.domain, example.order), strict=True):
            column.append(value)
    return _contents(digests, numbers, names, problems)


def read(blob: BinaryIO, start: int, end: int) -> bytes:
    """The bytes from start to end."""
    blob.seek(start)
    return blob.read(end - start)


def _contents(
    digests: bytearray, numbers: dict[str, "array[int]"], names: dict[str, int], problems: list[str]
) -> Contents:
    columns = {name: np.array(values, np.int64) for name, values in numbers.items()}
    ends = columns.pop("ends")
    set_names = tuple(sorted(names))
    ranks = np.array([set_names.index(name) for name in names], np.int64)
    return Contents(
        digests=np.frombuffer(digests, np.uint8).reshape(-1, DIGEST_BYTES),
        spans=np.stack([np.concatenate([np.zeros(1, np.int64), ends])[:-1], ends], axis=1),
        set_names=set_names,
        **{**columns, "sets": ranks[columns["sets"]] if names else columns["sets"]},
        problems=tuple(problems),
    )


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
