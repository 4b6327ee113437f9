"""The inputs of a staged folder, by position, as they travel to a run: encoded images, or rows of an array."""

import math
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from farfield_workers.feed import CHUNK_BYTES, Array, Ints, Piece


class EncodedStore:
    """Encoded images, end to end, after their lengths and the sides they are prepared to, int64 [B, 2]."""

    dtype = ""
    shape: tuple[int, ...] = ()

    def __init__(self, folder: Path) -> None:
        self._spans: Ints = np.load(folder / "spans.npy", allow_pickle=False)
        prepared = folder / "prepared.npy"
        none = np.zeros(len(self._spans), np.int64)
        self._sides: Ints = np.load(prepared, allow_pickle=False) if prepared.exists() else none
        self._blob = os.open(folder / "images.bin", os.O_RDONLY | os.O_CLOEXEC)
        self.count = len(self._spans)

    def sizes(self, positions: Ints) -> bytes:
        lengths = self._lengths(positions)
        return np.ascontiguousarray(np.stack([lengths, self._sides[positions]], axis=1), np.int64).tobytes()

    def total(self, positions: Ints) -> int:
        return int(self._lengths(positions).sum()) + 16 * len(positions)

    def pieces(self, positions: Ints) -> Iterator[Piece]:
        for start, stop in self._spans[positions].tolist():
            yield self._piece(start, stop)

    def close(self) -> None:
        os.close(self._blob)

    def item(self, position: int) -> tuple[bytes, int]:
        """An encoded image, and the side to which it is prepared."""
        start, stop = self._spans[position].tolist()
        return self._piece(start, stop), int(self._sides[position])

    def _piece(self, start: int, stop: int) -> bytes:
        piece = os.pread(self._blob, stop - start, start)
        if len(piece) != stop - start:
            raise OSError(f"images.bin ends before byte {stop}")
        return piece

    def _lengths(self, positions: Ints) -> Ints:
        spans = self._spans[positions]
        return np.asarray(spans[:, 1] - spans[:, 0])


class RowStore:
    """The rows of an array [N, ...], as they lie in memory."""

    def __init__(self, path: Path) -> None:
        self._rows: Array = np.load(path, mmap_mode="r", allow_pickle=False)
        self.count, *shape = self._rows.shape
        self.dtype, self.shape = self._rows.dtype.str, tuple(shape)
        self._size = int(self._rows.dtype.itemsize * math.prod(shape))

    def sizes(self, positions: Ints) -> bytes:
        return b""

    def total(self, positions: Ints) -> int:
        return self._size * len(positions)

    def pieces(self, positions: Ints) -> Iterator[Piece]:
        together = max(1, CHUNK_BYTES // max(1, self._size))
        for start in range(0, len(positions), together):
            yield self._rows[positions[start : start + together]].tobytes()

    def close(self) -> None:
        """A map goes with whoever holds it."""
