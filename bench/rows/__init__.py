"""What is compared: the rows of `make bench`, each a module with `measure`."""

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from bench.result import Result


class Measure(Protocol):
    """Makes the comparisons of a row, one after the other."""

    def __call__(self, scratch: Path, *, quick: bool) -> Iterator[Result]:
        """`scratch` is an empty folder of its own; `quick` asks for tiny sizes, whose figures mean nothing."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row by its number, and the module that measures it."""

    number: int
    title: str
    module: str

    def measure(self, scratch: Path, *, quick: bool) -> Iterator[Result]:
        """The module is only imported here: each row runs in a process of its own."""
        return cast(Measure, importlib.import_module(self.module).measure)(scratch, quick=quick)


ROWS = (
    Row(number=1, title="Evaluation", module="bench.rows.evaluation"),
    Row(number=2, title="Methods on one network", module="bench.rows.features"),
    Row(number=3, title="Training", module="bench.rows.training"),
    Row(number=4, title="COCO's figures", module="bench.rows.coco"),
    Row(number=5, title="Scoring and ranks", module="bench.rows.ranks"),
    Row(number=6, title="Start", module="bench.rows.start"),
    Row(number=7, title="Pages and API under load", module="bench.rows.pages"),
    Row(number=8, title="Memory", module="bench.rows.memory"),
    Row(number=9, title="Workers at one site", module="bench.rows.queue"),
)
