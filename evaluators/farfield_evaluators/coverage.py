"""What of papers and of their own code is here, and how equal it is: tables that the documents and the site show.

A table is a TOML file in docs/coverage, one for each reference. What it says of this code is held by a test.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

KINDS_HERE = ("method", "setting", "benchmark", "metric", "command")
# Kinds of which a table has several; the others, such as "OOD detection", are what rows are about.
SEVERAL = frozenset({
    "algorithm", "benchmark", "classifier", "data set", "detector", "few-shot detector", "long tail", "metric",
    "post-processor", "preprocessor", "selection", "task", "trainer",
})  # fmt: skip


def heading(kind: str) -> str:
    """What stands above the rows of a kind.

    >>> heading("data set of WILDS"), heading("OOD detection")
    ('Data sets of WILDS', 'OOD detection')
    """
    thing, of, whose = kind.partition(" of ")
    several = f"{thing}s" if thing in SEVERAL else thing
    return f"{several[0].upper()}{several[1:]}{of}{whose}"


class Level(StrEnum):
    """How far something here is what its paper or its own code has."""

    EQUAL = "equal"
    PROPERTY = "property"
    INTERPRETATION = "interpretation"
    ABSENT = "absent"

    @property
    def word(self) -> str:
        """As pages say it."""
        return WORDS[self]


WORDS = {
    Level.EQUAL: "Equal",
    Level.PROPERTY: "By property",
    Level.INTERPRETATION: "Interpretation",
    Level.ABSENT: "Not here",
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One name of a reference.

    kind: what it is there, such as "algorithm". how: how far it is equal, what was read into it, or why it is not here.
    here: what it is here, each as "method:erm" or "setting:car-ft.contexts", by KINDS_HERE. tests: where it is tested,
    each as "FILE" or "FILE::FUNCTION" from the root of the repository.
    """

    kind: str
    name: str
    level: Level
    how: str
    here: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()

    @property
    def anchor(self) -> str:
        """Its id on a page."""
        words = f"{self.kind} {self.name}".lower().replace("+", " plus ")
        return "-".join("".join(c if c.isalnum() else " " for c in words).split())


@dataclass(frozen=True, kw_only=True)
class Table:
    """A reference and all that it has; `name` is its file's, `source` the state of it that was read, at `address`."""

    name: str
    title: str
    source: str
    address: str
    rows: tuple[Row, ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row.kind for row in self.rows))

    def of(self, kind: str) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.kind == kind)


def read(name: str, text: str) -> Table:
    """A table of its TOML text. Raises ValueError, with what is wrong and where."""
    data = tomllib.loads(text)
    head = {key: str(data.pop(key, "")) for key in ("title", "source", "address")}
    if lacking := [key for key, value in head.items() if not value and key != "address"]:
        raise ValueError(f"{name}.toml: say {' and '.join(lacking)} above its rows")
    rows = tuple(_row(name, kind, key, row) for kind, named in data.items() for key, row in named.items())
    return Table(name=name, rows=rows, **head)


def _row(table: str, kind: str, name: str, data: Mapping[str, Any]) -> Row:
    where = f"{table}.toml: {kind} {name!r}"
    levels = [level for level in Level if level in data]
    if len(levels) != 1:
        raise ValueError(f"{where}: say one of {', '.join(Level)}, with how far or why")
    [level] = levels
    if unknown := data.keys() - {level.value, "here", "tests"}:
        raise ValueError(f"{where}: {', '.join(sorted(unknown))} is not known; there are here and tests")
    here, tests = tuple(data.get("here", ())), tuple(data.get("tests", ()))
    if wrong := [each for each in here if each.partition(":")[0] not in KINDS_HERE]:
        raise ValueError(f"{where}: {', '.join(wrong)} must begin with one of {', '.join(KINDS_HERE)} and a colon")
    if (level is Level.ABSENT) == bool(here) or (level is Level.ABSENT and tests):
        raise ValueError(f"{where}: what is here needs `here`, and what is absent has neither `here` nor tests")
    if level in (Level.EQUAL, Level.PROPERTY) and not tests:
        raise ValueError(f"{where}: name the tests that hold it")
    return Row(kind=kind, name=name, level=level, how=str(data[level]), here=here, tests=tests)


@cache
def tables() -> tuple[Table, ...]:
    """All tables, by their names; none where they were not installed."""
    folder = _folder()
    found = sorted(folder.iterdir(), key=lambda each: each.name) if folder else []
    return tuple(
        read(each.name.removesuffix(".toml"), each.read_text(encoding="utf-8"))
        for each in found
        if each.name.endswith(".toml")
    )


def rows_of(here: str) -> Iterator[tuple[Table, Row]]:
    """The rows that something here stands in, such as "method:erm"."""
    return ((table, row) for table in tables() for row in table.rows if here in row.here)


def _folder() -> Traversable | None:
    installed = files("farfield_evaluators") / "coverage_tables"
    if installed.is_dir():
        return installed
    checkout = Path(__file__).parents[2] / "docs" / "coverage"
    return checkout if checkout.is_dir() else None
