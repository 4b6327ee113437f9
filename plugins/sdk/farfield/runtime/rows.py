"""Predictions on their way to disk: .npy files that grow batch by batch, so that no run has to hold them all."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib import format as npy

from farfield.runtime.job import write_json
from farfield.runtime.rules import Array, ArrayRule

Rows = Mapping[str, Array]


class RowFile:
    """A file of `shape` [N, ...] that takes its rows in order, as `numpy.save` would write them all at once.

    It has its name once it is whole: until then it is a draft, `.part`, which a run that dies leaves behind.
    """

    def __init__(self, path: Path, shape: tuple[int | None, *tuple[int, ...]], dtype: npt.DTypeLike) -> None:
        """With None for the number of rows, it is written at the end: how many there are by then."""
        self._path, self._draft = path, path.with_name(path.name + ".part")
        self._file = self._draft.open("wb")
        self._dtype: np.dtype[Any] = np.dtype(dtype)
        self._shape, self._count = shape, 0
        self._write_header(shape[0] or 0)

    def _write_header(self, count: int) -> None:
        """As long for any number of rows: numpy leaves room for the first axis to grow."""
        header = {"descr": self._dtype.str, "fortran_order": False, "shape": (count, *self._shape[1:])}
        npy.write_array_header_1_0(self._file, header)

    def append(self, rows: Array) -> None:
        """Write the next rows [B, ...]. Raises OSError when the disk or the allowed size is used up."""
        self._count += len(rows)
        self._file.write(rows.astype(self._dtype, copy=False).tobytes())

    def __enter__(self) -> "RowFile":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None and self._shape[0] is None:
            self._file.seek(0)
            self._write_header(self._count)
        self._file.close()
        if kind is None:
            self._draft.replace(self._path)


def write_rows(paths: Mapping[str, Path], rules: Mapping[str, ArrayRule], batches: Iterable[Rows]) -> None:
    """Write each named output to its file; `batches` has the next rows of all of them."""
    with ExitStack() as opened:
        files = {name: opened.enter_context(_file(path, rules[name])) for name, path in paths.items()}
        for batch in batches:
            for name, rows in batch.items():
                files[name].append(rows)


def _file(path: Path, rule: ArrayRule) -> RowFile:
    """Of rows that are counted elsewhere nobody knows the number before the last is written."""
    return RowFile(path, (None if rule.counts else rule.shape[0], *rule.shape[bool(rule.counts) ^ 1 :]), rule.dtype)


class Out:
    """Where a run's arrays and notes go, and whom it tells how far it is: progress(phase, done, total)."""

    def __init__(self, folder: Path, progress: Callable[[str, int, int], None]) -> None:
        self.folder, self.progress = folder, progress
        self.names: list[str] = []

    def rows(self, rules: Mapping[str, ArrayRule], batches: Iterable[Rows], called: Mapping[str, str] = {}) -> None:
        """Write these arrays as their rows come; `called` has other names for files, and those are no outputs."""
        write_rows({name: self.folder / called.get(name, f"{name}.npy") for name in rules}, rules, batches)
        self.names += [name for name in rules if name not in called]

    def save(self, arrays: Mapping[str, Array]) -> None:
        """Write whole arrays."""
        for name, array in arrays.items():
            np.save(self.folder / f"{name}.npy", array, allow_pickle=False)
        self.names += arrays

    def note(self, name: str, value: Any) -> None:
        """Write a file of JSON."""
        write_json(self.folder / name, value)

    def part(self, before: int, total: int) -> "Out":
        """The same folder for one part of several, whose progress is told as that of all."""
        tell = self.progress
        return Out(self.folder, lambda phase, done, _: tell(phase, before + done, total))
