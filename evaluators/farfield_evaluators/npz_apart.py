"""A .npz of a stranger unpacked by a child with bounds, so that no process with labels parses a zip that it was sent.

What comes back is raw numbers in files, of the types, shapes and lengths that the rules allow, checked again here.
"""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from farfield.errors import PredictionsError
from farfield.packaging.apart import MIB, Limits, Refused, TooCostly, Unreadable, apart
from farfield_evaluators.npz import NOT_A_FILE, Array, ArrayRule, Header, Reader, check_header, open_npz

_SLOWEST = 4 * MIB  # bytes a second, below which no machine unpacks


class _Unpacked:
    """The arrays as the child left them, each read when it is asked for."""

    def __init__(self, folder: Path, headers: Mapping[str, Any], rules: Mapping[str, ArrayRule]) -> None:
        self._folder = folder
        self._headers = headers
        self._rules = rules

    def read(self, name: str) -> Array:
        """The array, of an allowed type and shape. Raises PredictionsError."""
        found = self._headers[name]
        if "refused" in found:
            raise PredictionsError(str(found["says"]), code=str(found["refused"]))
        header = Header(type=str(found["type"]), shape=tuple(map(int, found["shape"])), fortran=bool(found["fortran"]))
        check_header(name, header, self._rules[name])
        count = prod(header.shape)
        flat: Array = np.fromfile(self._folder / f"{name}.raw", header.type, count)
        if len(flat) != count:
            raise PredictionsError(f"{name}.npy was not unpacked whole", code=NOT_A_FILE)
        return flat.reshape(header.shape, order="F" if header.fortran else "C")


@contextmanager
def open_npz_apart(path: Path, rules: Mapping[str, ArrayRule]) -> Iterator[Reader]:
    """As `open_npz`. Raises PredictionsError, and CannotLook when nothing was found out about the file."""
    with tempfile.TemporaryDirectory(prefix="farfield-npz-") as folder:
        plain = {name: asdict(rule) for name, rule in rules.items()}
        arguments = {"path": str(path.resolve()), "rules": plain, "folder": folder}
        try:
            headers = apart(f"{__name__}:unpack", arguments, _limits(rules))
        except (Refused, TooCostly) as error:
            raise PredictionsError(str(error), code=error.code) from error
        except Unreadable as error:
            raise PredictionsError(str(error), code=NOT_A_FILE) from error
        yield _Unpacked(Path(folder), headers, rules)


def unpack(path: str, rules: Mapping[str, Mapping[str, Any]], folder: str) -> dict[str, Any]:
    """In the child: each array as raw numbers in `folder`/<name>.raw; returns what its header said."""
    known = {name: _rule(values) for name, values in rules.items()}
    headers: dict[str, Any] = {}
    with open_npz(Path(path), known) as opened:
        for name in known:
            try:
                headers[name] = _write(opened.read(name), Path(folder) / f"{name}.raw")
            except PredictionsError as error:  # told when it is asked for: what is read before it may say more
                headers[name] = {"refused": error.code, "says": str(error)}
    return headers


def _write(array: Array, path: Path) -> dict[str, Any]:
    fortran = array.ndim > 1 and not array.flags.c_contiguous
    (array.T if fortran else array).tofile(path)
    return {"type": array.dtype.str, "shape": list(array.shape), "fortran": fortran}


def _rule(values: Mapping[str, Any]) -> ArrayRule:
    return ArrayRule(types=tuple(values["types"]), shape=tuple(values["shape"]), most_rows=values["most_rows"])


def _limits(rules: Mapping[str, ArrayRule]) -> Limits:
    largest, together = max(r.largest for r in rules.values()), sum(r.largest for r in rules.values())
    seconds = 30 + together // _SLOWEST
    return Limits(
        memory_bytes=3 * largest + 64 * MIB, cpu_seconds=seconds, wall_seconds=3 * seconds, written_bytes=largest
    )
