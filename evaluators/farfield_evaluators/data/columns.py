"""Columns of a pack by name: besides set, label, domain and order an example may have groups, numbers, boxes.

On disk a column of one value an example is `<name>.npy` [N]; a ragged one, with any number of rows an example, is
`<name>.npy` [sum of rows, width] and `<name>-rows.npy` int64 [N].
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Array = npt.NDArray[Any]
Kind = Literal["group", "number", "rows"]
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_NAME = 40
ROWS = "-rows"  # what the name of a ragged column's counts ends in
BASE = ("set", "label", "domain", "order")
_DTYPES: Mapping[str, str] = {"float64": "<f8", "int64": "<i8", "uint8": "|u1"}


@dataclass(frozen=True, kw_only=True)
class PackColumn:
    """What a column holds, as a pack's manifest has it.

    group: which of `values` an example is of, by its number, such as the hospital that an image is from.
    number: a finite float64, such as what regression is to tell.
    rows: any number of rows of `width` values of `dtype`, such as boxes.
    """

    name: str
    kind: Kind
    values: tuple[str, ...] = ()
    dtype: str = "float64"
    width: int = 1

    def problems(self) -> list[str]:
        """What keeps it from being a column."""
        problems = []
        if not NAME.fullmatch(self.name) or len(self.name) > LONGEST_NAME or self.name.endswith(ROWS):
            fits = f"at most {LONGEST_NAME} lower-case letters, digits and single hyphens, not ending in {ROWS}"
            problems.append(f"a column is called by {fits}; {self.name!r} is not")
        if self.name in BASE:
            problems.append(f"a column may not be called {self.name!r}: every pack has that")
        if self.dtype not in _DTYPES or self.width < 1:
            problems.append(f"the column {self.name!r} holds {', '.join(_DTYPES)} in rows of at least 1")
        if self.kind == "group" and (not self.values or len(set(self.values)) != len(self.values)):
            problems.append(f"the group column {self.name!r} has no names of values, or one twice")
        return problems

    def as_json(self) -> dict[str, Any]:
        """As a pack's manifest holds it, and a fingerprint covers it."""
        return {**asdict(self), "values": list(self.values)}

    @property
    def numpy_dtype(self) -> np.dtype[Any]:
        return np.dtype({"group": "<i8", "number": "<f8"}.get(self.kind) or _DTYPES[self.dtype])

    def files(self) -> tuple[str, ...]:
        """Names of its files without the ending, the values first."""
        return (self.name, f"{self.name}{ROWS}") if self.kind == "rows" else (self.name,)


def from_json(value: Mapping[str, Any]) -> PackColumn:
    """What `as_json` gave. Raises KeyError, TypeError and ValueError for anything else."""
    column = PackColumn(**{**value, "values": tuple(map(str, value["values"]))})
    if problems := column.problems():
        raise ValueError("; ".join(problems))
    return column


@dataclass(frozen=True, kw_only=True)
class ColumnData:
    """The values of a column: `values` [N], or [sum of rows, width] with `rows` int64 [N], of each example."""

    spec: PackColumn
    values: Array
    rows: Ints | None = None

    def __len__(self) -> int:
        return len(self.values if self.rows is None else self.rows)

    def of(self, position: int) -> Array:
        """The value [] or the rows [n, width] of one example."""
        value: Array = self.values[self._slice(position)] if self.rows is not None else self.values[position]
        return value

    def at(self, positions: Ints) -> "ColumnData":
        """Those of the examples at these positions, in this order."""
        if self.rows is None:
            return ColumnData(spec=self.spec, values=self.values[positions])
        counts = self.rows[positions]
        ends = np.cumsum(self.rows)[positions]
        parts = [self.values[end - n : end] for end, n in zip(ends.tolist(), counts.tolist(), strict=True)]
        # Not by an index of every row: outlines are rows of one byte, and an index of each takes eight.
        return ColumnData(spec=self.spec, values=np.concatenate([self.values[:0], *parts]), rows=counts)

    def arrays(self) -> dict[str, Array]:
        """By the names of its files."""
        held = (self.values,) if self.rows is None else (self.values, self.rows)
        return dict(zip(self.spec.files(), held, strict=True))

    def problems(self, count: int) -> list[str]:
        """What is wrong with its arrays for a pack of so many examples."""
        wanted = self.spec.numpy_dtype
        shape = (count,) if self.rows is None else (self._total(), self.spec.width)
        if self.values.dtype != wanted or self.values.shape != shape or len(self) != count:
            return [f"{self.spec.name} does not hold {wanted} of the shape {shape}"]
        if self.spec.kind == "group" and not np.isin(self.values, np.arange(len(self.spec.values))).all():
            return [f"{self.spec.name} holds numbers that are none of its {len(self.spec.values)} values"]
        return [] if np.isfinite(self.values).all() else [f"{self.spec.name} holds what is no finite number"]

    def words(self) -> list[Any]:
        """Of each example what the fingerprint covers: the number, or the SHA-256 of its rows."""
        if self.rows is None:
            numbers: list[Any] = self.values.tolist()
            return numbers
        ends = np.cumsum(self.rows).tolist()
        starts = [0, *ends][: len(ends)]
        plain = np.ascontiguousarray(self.values, self.spec.numpy_dtype)
        return [hashlib.sha256(plain[start:end].tobytes()).hexdigest() for start, end in zip(starts, ends, strict=True)]

    def ranks(self) -> Ints:
        """int64 [N]: equal where the values are, and in an order that depends on nothing else."""
        _, ranks = np.unique(np.array([json.dumps(word) for word in self.words()]), return_inverse=True)
        return ranks.astype(np.int64).reshape(-1)

    def _slice(self, position: int) -> slice:
        assert self.rows is not None  # noqa: S101 - for mypy: only asked of ragged ones
        start = int(self.rows[:position].sum())
        return slice(start, start + int(self.rows[position]))

    def _total(self) -> int:
        return 0 if self.rows is None or self.rows.min(initial=0) < 0 else int(self.rows.sum())


@dataclass(frozen=True, kw_only=True)
class Attribute:
    """Which group each of N examples is of: `numbers` int64 [N] into `values`, the groups' names."""

    numbers: Ints
    values: tuple[str, ...]


class ColumnError(ValueError):
    """A value that its column cannot hold."""


class Gathered:
    """A column that grows by an example at a time while a pack is built."""

    def __init__(self, spec: PackColumn) -> None:
        self._spec = spec
        self._parts: list[Array] = []

    def checked(self, columns: Mapping[str, Any]) -> Array:
        """An example's value as the column holds it. Raises ColumnError."""
        name = self._spec.name
        if name not in columns:
            raise ColumnError(f"it has no value in the column {name!r}")
        try:
            value = self._array(columns[name])
        except (TypeError, ValueError, OverflowError) as error:
            raise ColumnError(f"the column {name!r} cannot hold {str(columns[name])[:40]!r}") from error
        if not np.isfinite(value).all():
            raise ColumnError(f"the column {name!r} holds finite numbers only")
        if self._spec.kind == "group" and not 0 <= int(value) < len(self._spec.values):
            raise ColumnError(f"{int(value)} is none of the {len(self._spec.values)} values of {name!r}")
        return value

    def add(self, value: Array) -> None:
        """Take the next example's value, which was checked."""
        self._parts.append(value)

    def data(self) -> ColumnData:
        """All that was added."""
        if self._spec.kind != "rows":
            return ColumnData(spec=self._spec, values=np.array(self._parts, self._spec.numpy_dtype).reshape(-1))
        rows = np.array([len(part) for part in self._parts], np.int64)
        empty = np.zeros((0, self._spec.width), self._spec.numpy_dtype)
        return ColumnData(spec=self._spec, values=np.concatenate([empty, *self._parts]), rows=rows)

    def _array(self, value: Any) -> Array:
        if self._spec.kind != "rows":
            return np.array(value, self._spec.numpy_dtype).reshape(())
        listed = np.frombuffer(value, np.uint8) if isinstance(value, bytes) else np.asarray(value)
        return listed.astype(self._spec.numpy_dtype).reshape(-1, self._spec.width)
