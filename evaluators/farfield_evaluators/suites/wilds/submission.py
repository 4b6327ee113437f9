"""A folder of predictions as WILDS takes it: a file for each split but train, and each replicate.

A file is called `{dataset}_split:{split}_{seed:k or fold:X}`, then what somebody's training adds (`_epoch:best`,
`_pred`), then its ending. A name is taken apart and never compared by how it begins: `seed:1` is not `seed:10`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from farfield.errors import reason
from farfield_evaluators.problems import FilesRefused, Problem, shown
from farfield_evaluators.suites.wilds.datasets import Dataset

EMPTY = "folder.empty"
MISSING = "folder.missing"
EXTRA = "folder.extra"
TWICE = "folder.twice"
UNREADABLE = "folder.unreadable"
SHORT = "folder.length"
UNSORTED = "folder.unsorted"
NOT_NUMBERS = "folder.not_numbers"
PICKLED = "folder.pickled"
UNDEFINED = "folder.undefined"
NOT_A_ZIP = "folder.not_a_zip"
WRONG_BENCHMARK = "folder.wrong_benchmark"
SEVERAL = "folder.invalid"
TRAIN = "train"
TEXT, TENSORS = ".csv", ".pth"
_NAME = re.compile(
    r"(?P<dataset>[a-z0-9-]+)_split:(?P<split>[a-z_]+?)_(?P<replicate>(?:seed|fold):[0-9A-Za-z]+)"
    r"(_epoch:[0-9A-Za-z]+)?(_pred)?(?P<ending>\.[a-z]+)"
)


class FolderError(FilesRefused):
    """A folder of predictions that cannot be scored; lists every problem, each with its split and replicate."""

    code = SEVERAL


@dataclass(frozen=True, order=True)
class CellName:
    """Of which split and which replicate a file has the predictions."""

    split: str
    replicate: str

    def __str__(self) -> str:
        return f"split {self.split}, {self.replicate}"

    def file(self, dataset: Dataset, ending: str = TEXT) -> str:
        """The shortest name of its file."""
        return f"{dataset.name}_split:{self.split}_{self.replicate}{ending}"


def cells_of(dataset: Dataset) -> tuple[CellName, ...]:
    """Those that a submission has, replicate after replicate."""
    return tuple(CellName(split, str(each)) for each, split in product(dataset.replicates, dataset.evaluated))


def ending_of(dataset: Dataset) -> str:
    """How the names of its files end: boxes are tensors, all else are lines of numbers."""
    return TENSORS if dataset.task == "detection" else TEXT


@dataclass(frozen=True, kw_only=True)
class Listed:
    """The files of a folder: of each cell the names of those that have its predictions, and what is wrong so far."""

    files: Mapping[CellName, str]
    problems: tuple[Problem, ...]


def listed(dataset: Dataset, names: Iterable[str], ending: str = "") -> Listed:
    """Which file is of which cell, by their names in any order.

    ending: of their names, where it is not the data set's usual one. Hidden files, those of the split train, which
    nothing is scored on, and the results that were written there before are left out.
    """
    found: dict[CellName, list[str]] = {}
    problems: list[Problem] = []
    meant = ending or ending_of(dataset)
    for name in sorted(names):
        cell, says = _cell_of(dataset, name, meant)
        if cell is not None:
            found.setdefault(cell, []).append(name)
        elif says:
            problems.append(Problem(code=EXTRA, where=shown(name)[1:-1], says=says))
    problems += _twice(found)
    problems += [_missing(dataset, cell, meant) for cell in cells_of(dataset) if cell not in found]
    return Listed(files={cell: files[0] for cell, files in found.items()}, problems=tuple(problems))


def _cell_of(dataset: Dataset, name: str, ending: str) -> tuple[CellName | None, str]:
    """The cell of a file, or why it has none; neither for one that is left out."""
    parts = _NAME.fullmatch(name)
    if name.startswith(".") or name == results_file(dataset) or (parts and parts["split"] == TRAIN):
        return None, ""
    if parts is None:
        fits = f"{dataset.name}_split:SPLIT_{dataset.replicates[0].kind}:NAME{ending}"
        return None, f"this is no file of predictions, which is called {fits}; take it out of the folder"
    cell = CellName(parts["split"], parts["replicate"])
    says = _misnamed(dataset, parts["dataset"], cell, parts["ending"], ending)
    return (None if says else cell), says


def _misnamed(dataset: Dataset, named: str, cell: CellName, given: str, ending: str) -> str:
    """Why a file of that data set, cell and ending is none of these; empty where it is."""
    if named != dataset.name:
        return f"this is of the data set {named}, not of {dataset.name}"
    if cell not in cells_of(dataset):
        has = f"splits {', '.join(dataset.evaluated)} and {dataset.replicates[0]} to {dataset.replicates[-1]}"
        return f"{cell} is none that {dataset.name} has; it has the {has}"
    if given != ending:
        return f"the predictions of {cell} are in a file that ends in {ending}, and not in {given}"
    return ""


def _twice(found: Mapping[CellName, Sequence[str]]) -> list[Problem]:
    return [
        Problem(code=TWICE, where=str(cell), says=f"{len(files)} files have its predictions: {', '.join(files)}")
        for cell, files in found.items()
        if len(files) > 1
    ]


def _missing(dataset: Dataset, cell: CellName, ending: str) -> Problem:
    says = f"its file is missing; it is called {cell.file(dataset, ending)}"
    return Problem(code=MISSING, where=str(cell), says=says)


def place_of(cell: CellName, path: Path) -> str:
    """Where a problem of a file is, in words."""
    return f"{cell} ({path.name})"


def results_file(dataset: Dataset) -> str:
    """The name of the file that WILDS' own evaluation writes."""
    return f"{dataset.name}_results.json"


def folder_of(dataset: Dataset, path: Path) -> Path:
    """Where the files lie: in the folder of the data set's name below `path`, or in `path` itself."""
    inside = path / dataset.name
    return inside if inside.is_dir() else path


def names_in(folder: Path) -> list[str]:
    """The names of all that is in a folder. Raises FolderError where it cannot be listed."""
    try:
        return [entry.name for entry in folder.iterdir()]
    except OSError as error:
        problem = Problem(code=EMPTY, where=str(folder), says=f"the folder cannot be listed: {reason(error)}")
        raise FolderError([problem]) from error
