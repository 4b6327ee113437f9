"""Test inputs kept outside the sandbox until a run asks for them: where they lie, and what the run sees instead."""

import math
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from farfield.runtime.dataset import GROUPS
from farfield.runtime.exchange import About
from farfield_workers.feed import CHUNK_BYTES, Array, Ints, Store, make_pipes

TEST = "test"


class EncodedStore:
    """Encoded images, end to end, after their lengths and the sides they are prepared to, int64 [B, 2]."""

    def __init__(self, folder: Path, window: int) -> None:
        self._spans: Ints = np.load(folder / "spans.npy", allow_pickle=False)
        prepared = folder / "prepared.npy"
        none = np.zeros(len(self._spans), np.int64)
        self._sides: Ints = np.load(prepared, allow_pickle=False) if prepared.exists() else none
        self._blob = os.open(folder / "images.bin", os.O_RDONLY | os.O_CLOEXEC)
        self.about = About(count=len(self._spans), window=window)

    def sizes(self, positions: Ints) -> bytes:
        lengths = self._lengths(positions)
        return np.ascontiguousarray(np.stack([lengths, self._sides[positions]], axis=1), np.int64).tobytes()

    def total(self, positions: Ints) -> int:
        return int(self._lengths(positions).sum()) + 16 * len(positions)

    def pieces(self, positions: Ints) -> Iterator[bytes]:
        for start, stop in self._spans[positions].tolist():
            piece = os.pread(self._blob, stop - start, start)
            if len(piece) != stop - start:
                raise OSError(f"images.bin ends before byte {stop}")
            yield piece

    def close(self) -> None:
        os.close(self._blob)

    def _lengths(self, positions: Ints) -> Ints:
        spans = self._spans[positions]
        return np.asarray(spans[:, 1] - spans[:, 0])


class RowStore:
    """The rows of an array [N, ...], as they lie in memory."""

    def __init__(self, path: Path, window: int) -> None:
        self._rows: Array = np.load(path, mmap_mode="r", allow_pickle=False)
        count, *shape = self._rows.shape
        self._size = int(self._rows.dtype.itemsize * math.prod(shape))
        self.about = About(count=count, window=window, dtype=self._rows.dtype.str, shape=tuple(shape))

    def sizes(self, positions: Ints) -> bytes:
        return b""

    def total(self, positions: Ints) -> int:
        return self._size * len(positions)

    def pieces(self, positions: Ints) -> Iterator[bytes]:
        together = max(1, CHUNK_BYTES // max(1, self._size))
        for start in range(0, len(positions), together):
            yield self._rows[positions[start : start + together]].tobytes()

    def close(self) -> None:
        """A map goes with whoever holds it."""


def withhold(source: Path, beside: Path, window: int) -> Store:
    """Take the test inputs out of the staged job folder `source`, to `beside`; pipes lie in their place."""
    (source / TEST).rename(beside)
    store = _store(beside, window)
    (source / TEST).mkdir()
    store.about.write(source / TEST)
    if (beside / GROUPS).exists():
        shutil.copyfile(beside / GROUPS, source / TEST / GROUPS)
    make_pipes(source / TEST)
    return store


def _store(folder: Path, window: int) -> Store:
    for name in ("images.npy", "features.npy"):
        if (folder / name).exists():
            return RowStore(folder / name, window)
    return EncodedStore(folder, window)
