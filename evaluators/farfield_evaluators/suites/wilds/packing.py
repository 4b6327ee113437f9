"""A folder of predictions as the zip that is handed in: the same folder gives the same bytes."""

from collections.abc import Mapping
from pathlib import Path

from farfield.errors import reason
from farfield.packaging.files import read_regular
from farfield_evaluators.problems import Problem
from farfield_evaluators.suites.wilds.box_files import as_lines, tables_of
from farfield_evaluators.suites.wilds.datasets import Dataset
from farfield_evaluators.suites.wilds.number_files import MOST_BYTES, Wanted, read_numbers
from farfield_evaluators.suites.wilds.submission import (
    UNREADABLE,
    CellName,
    FolderError,
    folder_of,
    listed,
    names_in,
    place_of,
)
from farfield_evaluators.zipping import zipped


def packed_folder(dataset: Dataset, path: Path) -> bytes:
    """The zip of all cells, each under its shortest name. Raises FolderError with every problem of all files."""
    folder = folder_of(dataset, path)
    found = listed(dataset, names_in(folder))
    paths = {cell: folder / name for cell, name in sorted(found.files.items())}
    texts, wrong = (_boxes if dataset.task == "detection" else _lines)(paths)
    problems = [*found.problems, *wrong]
    if problems:
        raise FolderError(problems)
    return b"".join(zipped((cell.file(dataset), text) for cell, text in texts.items()))


def _boxes(paths: Mapping[CellName, Path]) -> tuple[dict[CellName, str], list[Problem]]:
    """Files of tensors as lines of numbers: no site is sent a pickle."""
    tables, problems = tables_of({place_of(cell, path): path for cell, path in paths.items()})
    places = {place_of(cell, path): cell for cell, path in paths.items()}
    return {places[where]: as_lines(table) for where, table in tables.items()}, problems


def _lines(paths: Mapping[CellName, Path]) -> tuple[dict[CellName, str], list[Problem]]:
    """Files of numbers as they are."""
    read = {cell: _read(cell, path) for cell, path in paths.items()}
    return {cell: text for cell, (text, _) in read.items()}, [p for _, wrong in read.values() for p in wrong]


def _read(cell: CellName, path: Path) -> tuple[str, list[Problem]]:
    """A file's text and what is wrong with it, but for the number of its lines: at home there may be no release."""
    where = place_of(cell, path)
    try:
        data = read_regular(path, MOST_BYTES)
    except OSError as error:
        return "", [Problem(code=UNREADABLE, where=where, says=f"it cannot be read: {reason(error)}")]
    _, problems = read_numbers(data, Wanted(whole=False), where)
    return ("" if problems else data.decode("utf-8-sig")), problems
