"""A look at somebody's data: which kind they are, and what their levels or columns are likely to mean."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from farfield_evaluators.data.errors import PackError
from farfield_evaluators.data.listing import entries, is_image
from farfield_evaluators.own.datasets import columns_of, files_of
from farfield_evaluators.own.tables import read_csv, read_parquet

TRAINING = ("train", "training")
TESTING = ("test", "testing", "val", "valid", "validation", "dev")
MOST_DOMAINS = 50
_LABELS = ("label", "class", "category", "target", "y")
_PATHS = ("path", "file_name", "filename", "file", "image", "image_path", "img_path", "filepath")
_SPLITS, _DOMAINS = ("split", "subset", "partition", "fold"), ("domain", "environment", "style", "source", "site")


@dataclass(frozen=True, kw_only=True)
class Guess:
    """kind: as data.kind; layout: the levels of folders; columns: which column of a table is which.

    splits and domains: the values that occur, as far as they were looked at.
    """

    kind: str
    layout: tuple[str, ...] = ()
    columns: dict[str, str] = field(default_factory=dict)
    splits: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()


def guess(path: Path) -> Guess:
    """What lies at a path. Raises PackError where that is nothing that is read."""
    if path.is_dir():
        return _of_datasets(path) or _of_coco(path) or _of_folders(path)
    if path.suffix.lower() == ".json":
        return Guess(kind="coco")
    if path.suffix.lower() in (".csv", ".tsv", ".parquet"):
        return _of_table(path)
    raise PackError(f"{path} is no folder and no .csv, .parquet or .json file; those are what is read")


def is_split(name: str) -> bool:
    """Whether a folder or value of this name says which split it is.

    >>> is_split("Train"), is_split("sketch")
    (True, False)
    """
    return name.lower() in (*TRAINING, *TESTING)


def _of_datasets(path: Path) -> Guess | None:
    files = files_of(path)
    if not files:
        return None
    columns = columns_of(files[0][1])
    named = {"image": _first(columns, ("image", "img", "picture")), "label": _first(columns, _LABELS)}
    splits = tuple(dict.fromkeys(split for split, _ in files))
    return Guess(kind="datasets", columns={role: name for role, name in named.items() if name}, splits=splits)


def _of_coco(path: Path) -> Guess | None:
    """Several files beside each other, whose names are the splits; folders beside them hold the images."""
    names = [entry.name for entry in entries(path) if not entry.is_folder and entry.name.endswith(".json")]
    return Guess(kind="coco", splits=tuple(name.removesuffix(".json") for name in names)) if names else None


def _of_folders(path: Path) -> Guess:
    levels = _levels(path)
    if not levels:
        raise PackError(f"{path} holds no folder with images; images lie in a folder for each class")
    splits = next((n for n, names in enumerate(levels[:-1]) if names and all(map(is_split, names))), None)
    names = [f"level-{number}" for number in range(1, len(levels) + 1)]
    names[-1] = "class"
    if splits is not None:
        names[splits] = "split"
    others = [n for n in range(len(levels) - 1) if n != splits]
    if others:
        names[others[0]] = "domain"
    return Guess(
        kind="folders",
        layout=tuple(names),
        splits=() if splits is None else tuple(levels[splits]),
        domains=tuple(levels[others[0]][:MOST_DOMAINS]) if others else (),
    )


def _levels(path: Path, most: int = 4) -> list[list[str]]:
    """The names of folders by their depth, down to where the first folder of each level holds images."""
    levels: list[list[str]] = []
    folders = [path]
    while folders and len(levels) < most and not any(is_image(e.name) for e in entries(folders[0]) if not e.is_folder):
        below = [(folder, entry.name) for folder in folders for entry in entries(folder) if entry.is_folder]
        if not below:
            return []
        levels.append(sorted({name for _, name in below}))
        folders = [folder / name for folder, name in below]
    return levels


def _of_table(path: Path) -> Guess:
    parquet = path.suffix.lower() == ".parquet"
    names = list((read_parquet(path, ()) if parquet else read_csv(path))[0])
    roles = {"path": _PATHS, "label": _LABELS, "split": _SPLITS, "domain": _DOMAINS}
    columns = {role: found for role, known in roles.items() if (found := _first(names, known))}
    wanted = [name for role, name in columns.items() if role in ("split", "domain")]
    values: dict[str, dict[str, None]] = {name: {} for name in wanted}
    records = (read_parquet(path, wanted) if parquet else read_csv(path))[1]
    for record in records if wanted else ():
        for name in wanted:
            values[name][record[name]] = None
    return Guess(
        kind="table",
        columns=columns,
        splits=tuple(values.get(columns.get("split", ""), {})),
        domains=tuple(values.get(columns.get("domain", ""), {}))[:MOST_DOMAINS],
    )


def _first(names: Sequence[str], known: Sequence[str]) -> str:
    folded = {name.lower(): name for name in names}
    return next((folded[name] for name in known if name in folded), "")
