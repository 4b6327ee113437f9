"""The tables of coverage as pages show them: each name with what it is here, linked where this site has it."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.urls import reverse

from farfield_evaluators.coverage import Level, Row, Table, heading, rows_of


@dataclass(frozen=True, kw_only=True)
class Here:
    """Something of ours in a row, and where it is shown; no address where this site does not have it."""

    name: str
    href: str


@dataclass(frozen=True, kw_only=True)
class Line:
    """A row, and what it names."""

    row: Row
    here: tuple[Here, ...]


@dataclass(frozen=True, kw_only=True)
class Part:
    """The rows of one kind."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, kw_only=True)
class Count:
    """How many rows of a table have a word."""

    word: str
    number: int


@dataclass(frozen=True, kw_only=True)
class Link:
    """Where the row stands that says how far a method or benchmark is what its paper has."""

    table: Table
    row: Row

    @property
    def href(self) -> str:
        return f"{reverse('coverage-table', args=[self.table.name])}#{self.row.anchor}"


def parts_of(table: Table, methods: Collection[str], benchmarks: Collection[str]) -> list[Part]:
    """The rows of a table kind by kind; `methods` and `benchmarks` are those with pages here."""
    return [
        Part(
            title=heading(kind),
            lines=tuple(
                Line(row=row, here=tuple(_here(name, methods, benchmarks) for name in row.here))
                for row in table.of(kind)
            ),
        )
        for kind in table.kinds
    ]


def counts_of(table: Table) -> list[Count]:
    """Of each word."""
    return [Count(word=level.word, number=sum(row.level == level for row in table.rows)) for level in Level]


def links_of(kind: str, name: str) -> Iterator[Link]:
    """The rows that a method or benchmark stands in."""
    return (Link(table=table, row=row) for table, row in rows_of(f"{kind}:{name}"))


def _here(name: str, methods: Collection[str], benchmarks: Collection[str]) -> Here:
    kind, _, rest = name.partition(":")
    method = rest.partition(".")[0]
    if kind == "benchmark" and rest in benchmarks:
        return Here(name=rest, href=reverse("benchmark", args=[rest]))
    if kind in ("method", "setting") and method in methods:
        return Here(name=rest, href=reverse("method", args=[method]))
    return Here(name=rest, href="")
