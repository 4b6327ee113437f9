"""A suite: benchmarks that belong together, with all that they need, as one installable plugin.

A distribution brings suites through entry points of the group `farfield.suites`; each names a `Suite`. The site and
the workers load those that the operator installed. The group is not the methods': the site never imports a method.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from farfield.group import SUITES_GROUP
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.data.errors import PackError
from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.reported import Reported, Unplaced

if TYPE_CHECKING:
    from farfield_evaluators.data.packs import Pack

GROUP = SUITES_GROUP


@dataclass(frozen=True, kw_only=True)
class ImportRequest:
    """What `farfield data import` was asked for.

    path: the folder with the data, None where none was given; packs: where packs lie; subset: whether a part of the
    release will do; report: where to write every problem found, one a line.
    """

    path: Path | None
    packs: Path
    subset: bool = False
    report: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Importer:
    """How one pack is made of a copy of its data: `build(path, packs, subset=...)`."""

    name: str
    build: "Callable[..., Pack]"

    def run(self, request: ImportRequest) -> "Pack":
        """Raises PackError when no path was given, and what `build` raises."""
        if request.path is None:
            raise PackError(f"{self.name} is not shipped; give PATH, the folder with your copy of it")
        try:
            return self.build(request.path, request.packs, subset=request.subset)
        except ImportProblems as error:
            if request.report is not None:
                write_report(request.report, error.problems)
            raise


@dataclass(frozen=True, kw_only=True)
class OwnImporter:
    """How one pack is made of what is here already, so that no path is taken: `build(packs)`.

    `source` completes the sentence "NAME ...", such as "comes with the distribution `farfield-demo`".
    """

    name: str
    build: "Callable[[Path], Pack]"
    source: str

    def run(self, request: ImportRequest) -> "Pack":
        """Raises PackError when a path or a subset was asked for, and what `build` raises."""
        if request.path is not None or request.subset:
            raise PackError(f"{self.name} {self.source}; it takes no PATH and no --subset")
        return self.build(request.packs)


class ScoreCommand(Protocol):
    """What a suite adds to `farfield score`: `farfield score NAME`, with options of its own and no file."""

    NAME: str

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options, all of them optional; `--format`, `--records` and `--results` are shared."""

    def is_used(self, args: argparse.Namespace) -> bool:
        """Whether an option that only this command has was given."""

    def score(self, args: argparse.Namespace) -> int:
        """Print the tables; returns the exit status."""


class DataCommand(Protocol):
    """What a suite adds to `farfield data`: `farfield data NAME`, which makes what its importers take."""

    NAME: str
    HELP: str

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the arguments of the command's own parser."""

    def run(self, args: argparse.Namespace) -> int:
        """Do it; returns the exit status."""


@dataclass(frozen=True, kw_only=True)
class Suite:
    """Benchmarks, the importers of their packs, and what publications report on them.

    The names of its benchmarks, importers and packs are its own: no other installed suite may have them. `place` says
    where its benchmarks stand in lists: by it first, then by the suite's name. `importers` is called only where data is
    imported: the site, which reads the rest, need not have what decodes images. `cards` is a folder, which may lie in a
    package, with a page in Markdown for each benchmark: `suite-variant.md`. `score_command` is called where
    `farfield score` is: what it gives scores files that only this suite knows. `data_commands` likewise, of `farfield
    data`: each makes data that its importers take.
    """

    name: str
    benchmarks: tuple[Benchmark, ...]
    place: int = 100
    importers: Callable[[], tuple[Importer | OwnImporter, ...]] = tuple
    reported: tuple[Reported, ...] = ()
    unplaced: tuple[Unplaced, ...] = ()
    cards: Traversable | None = None
    score_command: Callable[[], ScoreCommand] | None = None
    data_commands: Callable[[], tuple[DataCommand, ...]] = tuple

    def card(self, benchmark: str) -> str | None:
        """The page of a benchmark; None where there is none. Raises OSError or UnicodeError for one that is damaged."""
        if self.cards is None:
            return None
        file = self.cards / f"{benchmark.replace('/', '-')}.md"
        return file.read_text(encoding="utf-8") if file.is_file() else None


def write_report(path: Path, problems: Sequence[str]) -> None:
    """One problem a line. Raises PackError when the file cannot be written."""
    try:
        path.write_text("\n".join(problems) + "\n", encoding="utf-8")
    except OSError as error:
        raise PackError(f"{path}: the report cannot be written: {error.strerror}") from error
