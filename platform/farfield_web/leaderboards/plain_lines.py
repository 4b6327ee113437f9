"""Lines as ranking reads them, as plain tuples: a model object of each would cost more than the rest of a ranking."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db.models import F, TextField
from django.db.models.functions import Cast

from farfield_evaluators.benchmark import Benchmark, Column
from farfield_evaluators.figure import Figure
from farfield_web.leaderboards.models import BoardLine


class Arranging(NamedTuple):
    """What decides where an entry stands in a column. `value` and `error` are its figure there, None without one."""

    key: str
    owner: int
    identity: str
    done: bool
    struck: bool
    keys: list[str]
    badges: list[str]
    value: float | None
    error: float | None

    def figure(self, column: Column) -> Figure | None:
        if self.value is None:
            return None
        return Figure(metric=column.metric, domain=column.domain, value=self.value, stderr=self.error, n=None)


class Telling(NamedTuple):
    """What a board tells of an entry beside its figures: by what it is found, and what tells it from others."""

    key: str
    badges: list[str]
    track: str
    kind: str
    phase: str
    method: str
    version: str
    content: str
    backbone: str
    author: str
    config: Mapping[str, Any]
    settings: list[str]


def arranging(benchmark: Benchmark, tier: str, column: Column) -> list[Arranging]:
    """All entries of a board, the newest first."""
    place = benchmark.columns.index(column)
    read = _lines(benchmark, tier).annotate(value=F(f"values__{place}"), error=F(f"errors__{place}"))
    return [Arranging(*row) for row in read.values_list(*Arranging._fields)]


def telling(benchmark: Benchmark, tier: str) -> dict[str, Telling]:
    """The same by their keys."""
    rows = _lines(benchmark, tier).values_list(*Telling._fields)
    return {row[0]: Telling(*row) for row in rows}


def _lines(benchmark: Benchmark, tier: str) -> Any:
    lines = BoardLine.objects.filter(benchmark=benchmark.name, tier=tier).order_by("-entered_at", "-pk")
    return lines.annotate(key=Cast("pk", TextField()))
