"""A zip of a folder of predictions, read in a child with bounds: what it holds, and its numbers as plain arrays.

The zip is a stranger's. It holds files of text under their official names, of one data set, and nothing else; boxes are
text too in it, which `farfield submit` writes of WILDS' files of tensors, so no file of a stranger is ever unpickled.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from farfield.errors import PackageError
from farfield.packaging.apart import MIB, Limits
from farfield.packaging.archive import Bounds, Contents, read_archive
from farfield_evaluators.problems import Problem, looked_at_apart
from farfield_evaluators.suites.wilds.datasets import DATASETS, Dataset
from farfield_evaluators.suites.wilds.number_files import MOST_BYTES, Floats, Wanted, read_numbers
from farfield_evaluators.suites.wilds.submission import (
    EMPTY,
    EXTRA,
    NOT_A_ZIP,
    TEXT,
    CellName,
    FolderError,
    Listed,
    listed,
)

# MOST_BYTES: the largest of them, MolPCBA's six files of 43,793 lines of 128 numbers, takes 600 MB as text.
# Predictions of one class repeat a line, so a small honest folder may pack as well as a bomb; a large one does not.
BOUNDS = Bounds(members=200, total_bytes=MOST_BYTES, free_bytes=64 * MIB)
LIMITS = Limits(memory_bytes=3072 * MIB, cpu_seconds=120, wall_seconds=240, written_bytes=MOST_BYTES)
ZIP_MAGIC = b"PK\x03\x04"


def look_into_folder(path: Path, limits: Limits = LIMITS) -> dict[str, Any]:
    """Of which data set the zip is, and of how many cells. Raises FolderError with every problem, and CannotLook."""
    return dict(_apart("facts", {"path": str(path.resolve())}, limits))


def numbers_of(
    path: Path, dataset: Dataset, wanted: Mapping[CellName, Wanted], folder: Path, limits: Limits = LIMITS
) -> dict[CellName, Floats]:
    """The numbers of each cell [rows, width]; `folder` holds them meanwhile.

    Raises FolderError with every problem of all files, and CannotLook.
    """
    plain = [[cell.split, cell.replicate, asdict(form)] for cell, form in wanted.items()]
    arguments = {"path": str(path.resolve()), "dataset": dataset.name, "wanted": plain, "folder": str(folder.resolve())}
    _apart("unpack", arguments, limits)
    return {cell: _loaded(folder / f"{number}.npy", form) for number, (cell, form) in enumerate(wanted.items())}


def _loaded(path: Path, wanted: Wanted) -> Floats:
    array: Floats = np.load(path, allow_pickle=False)
    if array.shape != (wanted.rows or len(array), wanted.width) or array.dtype != np.float64:
        raise FolderError([Problem(code=NOT_A_ZIP, where="", says="the numbers were not unpacked whole")])
    return array


def _apart(task: str, arguments: Mapping[str, Any], limits: Limits) -> Any:
    return looked_at_apart(f"{__name__}:{task}", arguments, limits, FolderError, NOT_A_ZIP)


def facts(path: str) -> dict[str, Any]:
    """In the child, for `look_into_folder`: by the names of the files, and whether each is text."""
    contents = _contents(Path(path))
    dataset, found = _files(contents)
    problems = list(found.problems) or [
        problem
        for cell, name in sorted(found.files.items())
        for problem in read_numbers(contents.texts[name], Wanted(whole=False), f"{cell} ({name})")[1]
    ]
    if problems:
        raise FolderError(problems)
    return {"dataset": dataset.name, "files": len(found.files)}


def unpack(path: str, dataset: str, wanted: Sequence[Any], folder: str) -> int:
    """In the child, for `numbers_of`: each cell's numbers as folder/<number>.npy; returns how many there are."""
    contents = _contents(Path(path))
    _, found = _files(contents, DATASETS[dataset])
    problems = list(found.problems)
    for number, (split, replicate, form) in enumerate(wanted):
        cell = CellName(split, replicate)
        if cell in found.files:
            name = found.files[cell]
            numbers, wrong = read_numbers(contents.texts[name], Wanted(**form), f"{cell} ({name})")
            problems += wrong
            if numbers is not None:
                np.save(Path(folder) / f"{number}.npy", numbers, allow_pickle=False)
    if problems:
        raise FolderError(problems)
    return len(wanted)


def _contents(path: Path) -> Contents:
    """All files of the zip, without the folders that they lie in."""
    with path.open("rb") as opened:
        if opened.read(len(ZIP_MAGIC)) != ZIP_MAGIC:
            raise FolderError([Problem(code=NOT_A_ZIP, where="", says="the file is not a .zip of predictions")])
    try:
        contents = read_archive(path, lambda _: MOST_BYTES, BOUNDS)
    except PackageError as error:
        raise FolderError([Problem(code=NOT_A_ZIP, where="", says=str(error))]) from error
    names = [PurePosixPath(name).name for name in contents.texts]
    if len(set(names)) < len(names):
        raise FolderError([Problem(code=EXTRA, where="", says="two files have one name; hand in one folder")])
    return Contents(files={}, texts=dict(zip(names, contents.texts.values(), strict=True)))


def _files(contents: Contents, dataset: Dataset | None = None) -> tuple[Dataset, Listed]:
    """Which file is of which cell; of the data set that the first file names, where none is given."""
    names = [name for name in contents.texts if not name.startswith(".")]
    first = next((name.partition("_split:")[0] for name in sorted(names)), "")
    found = dataset or DATASETS.get(first)
    if found is None:
        says = "it holds no file that is called as WILDS' predictions are, such as iwildcam_split:test_seed:0.csv"
        raise FolderError([Problem(code=EMPTY, where="", says=says)])
    return found, listed(found, names, TEXT)
