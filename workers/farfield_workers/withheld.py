"""Test inputs kept outside the sandbox until a run asks for them: where they lie, and what the run sees instead."""

import math
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from farfield.runtime.dataset import GROUPS
from farfield.runtime.exchange import LARGEST
from farfield_workers.feed import CHUNK_BYTES, Array, Feed, Ints, Store, Terms

TEST = "test"
# How often a fitted method may see each input: to predict it, and twice for the probes.
PASSES = 3
# What a run of several checkpoints holds decoded at once, so that each of them is loaded seldom.
WINDOW_BYTES = 64 << 20


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

    def __init__(self, path: Path) -> None:
        self._rows: Array = np.load(path, mmap_mode="r", allow_pickle=False)
        self.count, *shape = self._rows.shape
        self.dtype, self.shape = self._rows.dtype.str, tuple(shape)
        self._size = int(self._rows.dtype.itemsize * math.prod(shape))

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


def feed_of(
    folder: Path,
    description: Mapping[str, Any],
    *,
    points: int = 0,
    checkpoints: int = 0,
    begun: Callable[[], None] | None = None,
) -> Feed:
    """The feed of a method's run that is staged in `folder`/in: its test inputs are taken out, to `folder`/held.

    points: how many of a curve it may predict. checkpoints: how many predict all of them, 0 where the fitted method
    does; a method that predicts from whole groups of inputs, as it declares, is given any at any time then.
    begun: see `Feed`.
    """
    store = withhold(folder / "in", folder / "held")
    batch = int(description["batch_size"])
    if not checkpoints:
        terms = Terms(window=batch, most=store.count * (PASSES + points))
    else:
        whole, window = bool(description["transductive"]), batch * max(1, WINDOW_BYTES // (batch * _bytes(description)))
        terms = Terms(window=min(window, LARGEST), most=store.count * checkpoints, whole=whole, early=not whole)
    return Feed(folder / "in" / TEST, store, terms, begun)


def withhold(source: Path, beside: Path) -> Store:
    """Take the test inputs out of the staged job folder `source`, to `beside`."""
    (source / TEST).rename(beside)
    (source / TEST).mkdir()
    if (beside / GROUPS).exists():
        shutil.copyfile(beside / GROUPS, source / TEST / GROUPS)
    for name in ("images.npy", "features.npy"):
        if (beside / name).exists():
            return RowStore(beside / name)
    return EncodedStore(beside)


def _bytes(description: Mapping[str, Any]) -> int:
    """What an input takes once it is decoded."""
    inputs = description["inputs"]
    return int(4 * inputs["dim"] if inputs["kind"] == "features" else 3 * inputs["size"] ** 2)
