"""Predictions on their way to disk: .npy files that grow batch by batch, so that no run has to hold them all."""

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib import format as npy

from farfield.runtime.loops import ROW_TYPES, Array


class RowFile:
    """A file of `shape` [N, ...] that takes its rows in order, as `numpy.save` would write them all at once.

    It has its name once it is whole: until then it is a draft, `.part`, which a run that dies leaves behind.
    """

    def __init__(self, path: Path, shape: tuple[int, ...], dtype: npt.DTypeLike) -> None:
        self._path, self._draft = path, path.with_name(path.name + ".part")
        self._file = self._draft.open("wb")
        self._dtype: np.dtype[Any] = np.dtype(dtype)
        header = {"descr": self._dtype.str, "fortran_order": False, "shape": shape}
        npy.write_array_header_1_0(self._file, header)

    def append(self, rows: Array) -> None:
        """Write the next rows [B, ...]. Raises OSError when the disk or the allowed size is used up."""
        self._file.write(rows.astype(self._dtype, copy=False).tobytes())

    def __enter__(self) -> "RowFile":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()
        if kind is None:
            self._draft.replace(self._path)


def write_rows(paths: Mapping[str, Path], count: int, classes: int, batches: Iterable[Mapping[str, Array]]) -> None:
    """Write each named output of `count` rows to its file; `batches` has the next rows of all of them."""
    with ExitStack() as opened:
        files = {}
        for name, path in paths.items():
            shape = (count,) if name == "scores" else (count, classes)
            files[name] = opened.enter_context(RowFile(path, shape, ROW_TYPES[name]))
        for batch in batches:
            for name, rows in batch.items():
                files[name].append(rows)
