"""Tables of a release, read column by column: of millions of rows only what is asked for is kept.

Everything that is wrong in a column is said at once, by row, counted from 1 without the header.
"""

import csv
import gzip
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeVar

import numpy as np
import numpy.typing as npt

from farfield.errors import reason
from farfield_evaluators.data.errors import PackError
from farfield_evaluators.data.problems import ImportProblems

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
ValueT = TypeVar("ValueT")
SHOWN = 40  # characters of a value in a message


@dataclass(frozen=True, kw_only=True)
class Table:
    """Columns of a file by name, each a text a row."""

    path: Path
    columns: Mapping[str, Sequence[str]]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def texts(self, name: str) -> Sequence[str]:
        """A column as it stands there."""
        return self.columns[name]

    def whole(self, name: str) -> Ints:
        """A column of whole numbers [N], also where they are written as 3.0. Raises ImportProblems for others."""
        return self._numbers(name, "whole number", float.is_integer).astype(np.int64)

    def numbers(self, name: str, *, empty: float | None = None) -> Floats:
        """A column of finite numbers [N]; `empty` is what an empty text stands for. Raises ImportProblems."""
        return self._numbers(name, "finite number", math.isfinite, empty)

    def mapped(self, name: str, what: str, numbers: Mapping[str, int]) -> Ints:
        """A column [N] of texts that each have a number. Raises ImportProblems for one that has none."""
        known = [numbers.get(text) for text in self.columns[name]]
        bad = [(row, self.columns[name][row]) for row, number in enumerate(known) if number is None]
        self._refuse(f"is no {what}", name, bad)
        return np.array(known, np.int64)

    def parsed(self, name: str, what: str, parse: Callable[[str], ValueT]) -> list[ValueT]:
        """A column as something else. Raises ImportProblems for texts for which `parse` raises ValueError."""
        values: list[ValueT] = []
        bad: list[tuple[int, str]] = []
        for row, text in enumerate(self.columns[name]):
            try:
                values.append(parse(text))
            except ValueError:
                bad.append((row, text))
        self._refuse(f"is no {what}", name, bad)
        return values

    def _numbers(self, name: str, what: str, fits: Callable[[float], bool], empty: float | None = None) -> Floats:
        texts = self.columns[name]
        values = [_number(text, empty) for text in texts]
        bad = [
            (row, texts[row])
            for row, value in enumerate(values)
            if value is None or not (fits(value) or value is empty)
        ]
        self._refuse(f"is no {what}", name, bad)
        return np.array(values, np.float64)

    def _refuse(self, says: str, name: str, bad: Iterable[tuple[int, str]]) -> None:
        problems = [f"{self.path.name}, row {row + 1}: {text[:SHOWN]!r} in {name} {says}" for row, text in bad]
        if problems:
            raise ImportProblems(self.path.parent, "an official release", problems)


def _number(text: str, empty: float | None) -> float | None:
    """The number that a text is; None for another text."""
    try:
        return float(text) if text or empty is None else empty
    except ValueError:
        return None


def read_table(path: Path, names: Sequence[str], *, delimiter: str = ",") -> Table:
    """These columns of a file with a header; one that ends in .gz is unpacked.

    Raises PackError when the file is missing, cannot be read or lacks a column, ImportProblems for rows cut short.
    """
    with _reading(path, delimiter) as rows:
        places = _places(path, next(rows, []), names)
        return Table(path=path, columns=dict(zip(names, _columns(path, rows, places), strict=True)))


def read_rows(path: Path) -> list[list[str]]:
    """All rows of a file without a header. Raises PackError."""
    with _reading(path, ",") as rows:
        return list(rows)


@contextmanager
def _reading(path: Path, delimiter: str) -> Iterator[Iterator[list[str]]]:
    try:
        with _opened(path) as opened:
            yield csv.reader(opened, delimiter=delimiter)
    except FileNotFoundError:
        raise PackError(f"{path.parent} has no {path.name}; give the folder of the official release") from None
    except (OSError, UnicodeDecodeError, csv.Error, EOFError) as error:
        raise PackError(f"{path} cannot be read: {reason(error)}") from error


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", newline="", encoding="utf-8-sig")
    return path.open(newline="", encoding="utf-8-sig")


def _places(path: Path, header: Sequence[str], names: Sequence[str]) -> list[int]:
    absent = [name for name in names if name not in header]
    if absent:
        raise PackError(f"{path} has no column {', '.join(absent)}; it has {', '.join(header)[:200] or 'none'}")
    return [header.index(name) for name in names]


def _columns(path: Path, rows: Iterator[Sequence[str]], places: Sequence[int]) -> list[list[str]]:
    columns: list[list[str]] = [[] for _ in places]
    short: list[str] = []
    for number, row in enumerate(rows, 1):
        if len(row) <= max(places):
            short.append(f"{path.name}, row {number}: is cut short")
            continue
        for column, place in zip(columns, places, strict=True):
            column.append(row[place])
    if short:
        raise ImportProblems(path.parent, "an official release", short)
    return columns


def first_seen(values: Iterable[Any]) -> tuple[Any, ...]:
    """Each value once, in the order of its first appearance, which is how WILDS numbers most categories.

    >>> first_seen(["b", "a", "b"])
    ('b', 'a')
    """
    return tuple(dict.fromkeys(values))


def numbered(texts: Sequence[str], values: Iterable[str]) -> Ints:
    """The place [N] of each text among the values, each of which is there."""
    places = {value: number for number, value in enumerate(values)}
    return np.fromiter((places[text] for text in texts), np.int64, len(texts))


def counted(numbers: Ints, offset: int = 0) -> tuple[str, ...]:
    """The names of values that are numbers from 0: those numbers, up to the highest, plus the offset."""
    highest = int(numbers.max(initial=-1))
    return tuple(str(number + offset) for number in range(highest + 1))
