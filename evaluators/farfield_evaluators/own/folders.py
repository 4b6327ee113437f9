"""Images in folders whose levels mean something: classes, splits and classes, domains and classes, groups."""

from collections.abc import Iterator
from pathlib import Path

from farfield_evaluators.data.errors import PackError
from farfield_evaluators.data.listing import entries, is_image
from farfield_evaluators.own.rows import MOST_ROWS, Row, Rows, file_row
from farfield_evaluators.own.spec import Data


def read_folders(path: Path, data: Data) -> Rows:
    """The images at the depth of the layout. Raises PackError when `path` is no readable folder."""
    if not path.is_dir():
        raise PackError(f'{path} is no folder; data.kind = "folders" reads a folder of images')
    found: list[Row] = []
    problems: list[str] = []
    others = 0
    for place, name in _files(path, "", len(data.layout), problems):
        levels = place.split("/") if place else []
        if not is_image(name):
            others += 1
        elif len(levels) != len(data.layout):
            problems.append(_misplaced(place, name, data))
        elif len(found) == MOST_ROWS:
            raise PackError(f"{path} has more than {MOST_ROWS:,} images; that is more than can be imported at once")
        else:
            found.append(
                file_row(path, f"{place}/{name}" if place else name, dict(zip(data.layout, levels, strict=True)))
            )
    notes = (f"{others:,} files that are no images were left out",) if others else ()
    return Rows(rows=found, names=data.layout, problems=tuple(problems), notes=notes)


def _files(root: Path, place: str, depth: int, problems: list[str]) -> Iterator[tuple[str, str]]:
    """(folder below root, name) of every file, to one level more than there should be."""
    for entry in entries(root / place):
        if not entry.is_folder:
            yield place, entry.name
        elif depth:
            yield from _files(root, f"{place}/{entry.name}" if place else entry.name, depth - 1, problems)
        else:
            inner = f"{place}/{entry.name}" if place else entry.name
            problems.append(
                f"{inner}: a folder below the last level of data.layout; move its images up, or add a level"
            )


def _misplaced(place: str, name: str, data: Data) -> str:
    layout = "/".join(f"{{{level}}}" for level in data.layout) or "the folder itself"
    return f"{place + '/' if place else ''}{name}: an image above its place, which data.layout says is {layout}"
