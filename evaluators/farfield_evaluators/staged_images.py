"""Images and arrays of a pack laid out for a run, so that a file holds those alone: no other lies beside them."""

import contextlib
import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield_evaluators.data.packs import Ints

CHUNK_BYTES = 8 << 20


def write_images(blob: Path, spans: Ints, folder: Path, *, alone: bool = True) -> None:
    """images.bin and spans.npy in `folder`, of the images at these spans int64 [N, 2] of a blob, in this order.

    Where nothing else is in the blob, or these need not be `alone`, it is linked, which costs nothing. Else, and across
    file systems, what is needed is copied.
    """
    if not alone and _linked(blob, spans, folder):
        return
    held, places = np.unique(spans, axis=0, return_inverse=True)
    lengths = held[:, 1] - held[:, 0]
    ends = np.cumsum(lengths)
    if int(lengths.sum()) == blob.stat().st_size and _linked(blob, spans, folder):
        return
    with blob.open("rb") as source, (folder / "images.bin").open("wb") as target:
        for start, stop in _runs(held):
            _copy(source.fileno(), target.fileno(), start, stop)
    own = np.stack([ends - lengths, ends], axis=1)[places.reshape(-1)]
    np.save(folder / "spans.npy", own, allow_pickle=False)


def write_arrays(arrays: npt.NDArray[Any], positions: Ints, path: Path) -> None:
    """The arrays at these positions [n] of [N, ...] as a file of their own, a few at a time: they may be many."""
    shape = (len(positions), *arrays.shape[1:])
    with path.open("wb") as opened:
        header = {"descr": np.lib.format.dtype_to_descr(arrays.dtype), "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(opened, header)
        each = max(1, CHUNK_BYTES // max(1, arrays.dtype.itemsize * math.prod(shape[1:])))
        for start in range(0, len(positions), each):
            opened.write(np.ascontiguousarray(arrays[positions[start : start + each]]).tobytes())


def _linked(blob: Path, spans: Ints, folder: Path) -> bool:
    """Whether the blob could be laid there as it is, by a hard link; then its spans are, too."""
    try:
        os.link(blob, folder / "images.bin")
    except OSError:
        return False
    np.save(folder / "spans.npy", spans, allow_pickle=False)
    return True


def _runs(spans: Ints) -> Iterator[tuple[int, int]]:
    """Spans, sorted, as few as possible: what follows on one another is one."""
    breaks = np.flatnonzero(spans[1:, 0] != spans[:-1, 1]) + 1
    for part in np.split(spans, breaks):
        if len(part):
            yield int(part[0, 0]), int(part[-1, 1])


def _copy(source: int, target: int, start: int, stop: int) -> None:
    """By the kernel where it can, which then may share the blocks of the disk. Raises OSError for a blob cut short."""
    with contextlib.suppress(OSError, AttributeError):
        while start < stop and (copied := os.copy_file_range(source, target, stop - start, start)):
            start += copied
    while start < stop:
        chunk = os.pread(source, min(CHUNK_BYTES, stop - start), start)
        if not chunk:
            raise OSError(f"the pack's images end before byte {stop}")
        start += os.write(target, chunk)
