"""A folder of predictions as the zip that is handed in: the same folder gives the same bytes."""

from pathlib import Path

from farfield.errors import reason
from farfield.packaging.files import read_regular
from farfield_evaluators.problems import Problem
from farfield_evaluators.run_plan import File
from farfield_evaluators.suites.wilds.box_files import as_lines, table_of
from farfield_evaluators.suites.wilds.datasets import Dataset
from farfield_evaluators.suites.wilds.number_files import MOST_BYTES, Wanted, read_numbers
from farfield_evaluators.suites.wilds.submission import (
    UNREADABLE,
    CellName,
    FolderError,
    folder_of,
    listed,
    names_in,
)
from farfield_evaluators.zipping import zipped


def packed_folder(dataset: Dataset, path: Path) -> bytes:
    """The zip of all cells, each under its shortest name. Raises FolderError with every problem of all files."""
    folder = folder_of(dataset, path)
    found = listed(dataset, names_in(folder))
    problems, files = list(found.problems), list[File]()
    for cell, name in sorted(found.files.items()):
        text, wrong = (_boxes if dataset.task == "detection" else _read)(cell, folder / name)
        problems += wrong
        files.append((cell.file(dataset), text))
    if problems:
        raise FolderError(problems)
    return b"".join(zipped(files))


def _boxes(cell: CellName, path: Path) -> tuple[str, list[Problem]]:
    """A file of tensors as lines of numbers: no site is sent a pickle."""
    table, problems = table_of(path, f"{cell} ({path.name})")
    return ("" if table is None else as_lines(table)), problems


def _read(cell: CellName, path: Path) -> tuple[str, list[Problem]]:
    """A file's text and what is wrong with it, but for the number of its lines: at home there may be no release."""
    where = f"{cell} ({path.name})"
    try:
        data = read_regular(path, MOST_BYTES)
    except OSError as error:
        return "", [Problem(code=UNREADABLE, where=where, says=f"it cannot be read: {reason(error)}")]
    _, problems = read_numbers(data, Wanted(whole=False), where)
    return ("" if problems else data.decode("utf-8-sig")), problems
