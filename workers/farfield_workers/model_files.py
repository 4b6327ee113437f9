"""A saved model as files: taken out of a folder that foreign code wrote, or copied from where it is kept.

Nothing is opened as what it claims to be. What is taken are regular files with plain names, as bytes, and no more of
them than agreed. Where a model is kept a manifest says the size and the SHA-256 of each, and a copy that differs is
none.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from farfield.errors import FarfieldError
from farfield.runtime.base_phase import DEEPEST, MOST_BYTES, MOST_FILES, NAME, NAMES
from farfield_workers.trees import opened_folder
from farfield_workers.untrusted import NotThere, open_regular

MANIFEST, FILES = "manifest.json", "files"
CHUNK_BYTES = 1 << 20
FORMAT = 1


class NotTaken(FarfieldError):
    """Files that somebody saved and that are not kept as a model; says which and why."""


class Damaged(Exception):
    """A model that is kept, and not as it was; says which file."""


@dataclass(frozen=True, kw_only=True)
class SavedFile:
    """One file of a model: its path below the model's folder, its size in bytes, its SHA-256."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """How much of what foreign code saved is taken."""

    files: int = MOST_FILES
    size: int = MOST_BYTES
    deepest: int = DEEPEST


def take(source: Path, target: Path, bounds: Bounds | None = None) -> tuple[SavedFile, ...]:
    """Copy a model out of the folder `source`, whose writers have ended, into the new folder `target`.

    Raises NotTaken for links, devices, names that are not plain, and more than is allowed; empty folders are
    left out. A file with holes counts as what it would be without.
    """
    target.mkdir()
    taking = _Taking(target, bounds or Bounds())
    try:
        with opened_folder(source) as folder:
            taken = tuple(taking.below(folder, PurePosixPath()))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotTaken(f"{source.name}/ was not written") from error
    if not taken:
        raise NotTaken(f"{source.name}/ has no file")
    return taken


class _Taking:
    """Counts what was taken so far. Every step is taken on the descriptor of a folder that is no link."""

    def __init__(self, target: Path, bounds: Bounds) -> None:
        self._target, self._bounds = target, bounds
        self._entries, self._left = 0, bounds.size

    def below(self, folder: int, path: PurePosixPath) -> Iterator[SavedFile]:
        for name, is_folder in sorted(self._listed(folder, path)):
            if is_folder:
                with opened_folder(name, folder) as inner:
                    yield from self.below(inner, path / name)
            else:
                yield self._file(folder, path / name)

    def _listed(self, folder: int, path: PurePosixPath) -> list[tuple[str, bool]]:
        listed = []
        with os.scandir(folder) as entries:
            for entry in entries:
                self._entries += 1
                self._check(entry.name, path)
                listed.append((entry.name, entry.is_dir(follow_symlinks=False)))
        return listed

    def _check(self, name: str, path: PurePosixPath) -> None:
        if self._entries > self._bounds.files:
            raise NotTaken(f"more than {self._bounds.files} files and folders were saved")
        if NAME.fullmatch(name) is None:
            raise NotTaken(f"a file is called {ascii(name)[:120]}; names are {NAMES}")
        if len(path.parts) > self._bounds.deepest:
            raise NotTaken(f"{path / name} lies in more than {self._bounds.deepest} folders")

    def _file(self, folder: int, path: PurePosixPath) -> SavedFile:
        place = self._target / path
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            opened = open_regular(Path(path.name), folder)
        except NotThere as error:
            raise NotTaken(f"{path} is no plain file") from error
        with opened, place.open("xb") as copy:
            size, sha256 = copy_bytes(opened, copy, self._left)
        if size > self._left:
            raise NotTaken(f"more than {self._bounds.size / (1 << 30):g} GiB were saved")
        self._left -= size
        return SavedFile(name=path.as_posix(), size=size, sha256=sha256)


def copy_bytes(source: IO[bytes], copy: IO[bytes], most: int) -> tuple[int, str]:
    """Copy at most one chunk more than `most` bytes: how many that were, and their SHA-256."""
    digest, size = hashlib.sha256(), 0
    while size <= most and (chunk := source.read(CHUNK_BYTES)):
        copy.write(chunk)
        digest.update(chunk)
        size += len(chunk)
    return size, digest.hexdigest()


def write_kept(folder: Path, source: Path, files: tuple[SavedFile, ...], made_of: Mapping[str, Any]) -> None:
    """Lay a model that was taken into `source` out in the empty `folder`, to be kept: its files and their manifest.

    Raises OSError.
    """
    copy_kept(source, files, folder / FILES)
    values = {"format": FORMAT, "made_of": made_of, "files": [asdict(file) for file in files]}
    (folder / MANIFEST).write_text(json.dumps(values, sort_keys=True), encoding="utf-8")


def read_manifest(folder: Path) -> tuple[SavedFile, ...]:
    """The files of a model that is kept. Raises Damaged."""
    try:
        values = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files = tuple(SavedFile(**each) for each in values["files"])
        if values["format"] != FORMAT or not all(_is_plain(file) for file in files):
            raise ValueError("it is of another format")
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise Damaged(f"its {MANIFEST} cannot be read: {error}") from error
    return files


def copy_kept(source: Path, files: tuple[SavedFile, ...], target: Path) -> None:
    """Copy these files into the new folder `target`. Raises Damaged for one that is not what it was; OSError."""
    target.mkdir()
    for file in files:
        place = target / file.name
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            opened = (source / file.name).open("rb")
        except OSError as error:
            raise Damaged(f"{file.name} is not there any more") from error
        with opened, place.open("xb") as copy:
            if copy_bytes(opened, copy, file.size) != (file.size, file.sha256):
                raise Damaged(f"{file.name} is not what it was")


def _is_plain(file: SavedFile) -> bool:
    return all(NAME.fullmatch(part) for part in file.name.split("/")) and isinstance(file.size, int)
