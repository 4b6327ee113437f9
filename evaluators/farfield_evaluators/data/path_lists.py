"""Image lists, the text files of many releases: a line is `relative/path label`."""

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from farfield.errors import reason
from farfield.packaging.files import read_text

LABEL = re.compile(r"-?[0-9]{1,9}")


def lines_of(file: Path, problems: list[str]) -> Iterator[tuple[int, str, str]]:
    """Number from 1, path and label of each line that is not blank. What cannot be read is added to `problems`."""
    try:
        text = read_text(file, errors="surrogateescape")
    except OSError as error:
        problems.append(f"{file.name}: cannot be read: {reason(error)}")
        return
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            where, _, label = line.strip().rpartition(" ")
            yield number, where, label


def problem_of(where: str, label: str, classes: int | None) -> str:
    """What is wrong with a line; empty when nothing is. classes: how many there are, None where labels do not count."""
    if not where or not LABEL.fullmatch(label):
        return f"{where} {label}".strip() + ": is not `relpath label`"
    if PurePosixPath(where).is_absolute() or ".." in PurePosixPath(where).parts:
        return f"{where}: leads out of the folder of images"
    if classes is not None and not 0 <= int(label) < classes:
        return f"{where}: label {label} is not from 0 to {classes - 1}"
    return ""


def absent(root: Path, where: str) -> str:
    """That there is no such file below `root`; empty when there is."""
    return "" if is_file(root / where) else f"{where}: missing in {root.name}"


def is_file(path: Path) -> bool:
    """Whether it is a file; no for a name that cannot be one, such as one that is too long."""
    try:
        return path.is_file()
    except OSError:
        return False
