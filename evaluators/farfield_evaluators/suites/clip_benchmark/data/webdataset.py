"""A split as CLIP_benchmark's webdatasets have it: `nshards.txt` and so many tar files of images and their labels.

    <root>/classnames.txt, zeroshot_classification_templates.txt
    <root>/test/nshards.txt, 0.tar, 1.tar, ...        in a tar: s0000000.webp, s0000000.cls, s0000001.webp, ...

Members of one sample share their name up to the first dot. A label is a number in text (`.cls`), or an array of one
number for each class (`.npy`) where an image may show several; of images with captions it is these, a line each
(`.txt`). Images are read from the tar when they are asked for.
"""

import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from farfield_evaluators.data.encoded import MOST_BYTES, UnreadableImage, clean
from farfield_evaluators.data.errors import PackError

IMAGES = ("webp", "png", "jpg", "jpeg")  # as CLIP_benchmark looks for them
LABEL, LABELS, LINES = "cls", "npy", "txt"
SHARDS = "nshards.txt"
MOST_LABEL_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Sample:
    """An image within a tar file that is not compressed, and the classes that it shows or its captions."""

    archive: Path
    name: str
    start: int
    size: int
    classes: tuple[int, ...] = ()
    captions: tuple[str, ...] = ()

    def stored(self) -> bytes:
        """The image as a pack keeps it. Raises OSError and UnreadableImage."""
        if self.size > MOST_BYTES:
            raise UnreadableImage(f"it has {self.size:,} bytes, and an image at most {MOST_BYTES:,}")
        with self.archive.open("rb") as file:
            file.seek(self.start)
            return clean(file.read(self.size))

    def where(self) -> str:
        return f"{self.archive}: {self.name}"


def read_split(folder: Path) -> list[Sample]:
    """The samples of a split, in their order. Raises PackError for what is not of this layout."""
    return _read(folder, (LABEL, LABELS))


def read_captioned(folder: Path) -> list[Sample]:
    """The same of images with captions."""
    return _read(folder, (LINES,))


def _read(folder: Path, kinds: tuple[str, ...]) -> list[Sample]:
    numbers = range(_count(folder / SHARDS))
    return [sample for number in numbers for sample in _in_archive(folder / f"{number}.tar", kinds)]


def _count(path: Path) -> int:
    try:
        return int(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PackError(f"{path} does not say how many tar files there are: {error}") from error


def _in_archive(path: Path, kinds: tuple[str, ...]) -> Iterator[Sample]:
    try:
        with tarfile.open(path, "r:") as archive:
            members: dict[str, dict[str, tarfile.TarInfo]] = {}
            for member in archive:
                key, _, ending = member.name.rpartition("/")[2].partition(".")
                members.setdefault(key, {})[ending.lower()] = member
            for key, files in members.items():
                yield _sample(path, archive, key, files, kinds)
    except (OSError, tarfile.TarError) as error:
        raise PackError(f"{path} cannot be read as a tar file that is not compressed: {error}") from error


def _sample(
    path: Path, archive: tarfile.TarFile, key: str, files: dict[str, tarfile.TarInfo], kinds: tuple[str, ...]
) -> Sample:
    image = next((files[ending] for ending in IMAGES if ending in files), None)
    kind = next((ending for ending in kinds if ending in files), None)
    if image is None or kind is None or not (image.isreg() and files[kind].isreg()):
        raise PackError(f"{path}: {key} has no image ({', '.join(IMAGES)}) and label ({' or '.join(kinds)})")
    label = files[kind]
    opened = archive.extractfile(label) if label.size <= MOST_LABEL_BYTES else None
    said = None if opened is None else _said(kind, opened.read())
    if said is None:
        raise PackError(f"{path}: {label.name} holds no label")
    return Sample(archive=path, name=image.name, start=image.offset_data, size=image.size, **said)


def _said(kind: str, content: bytes) -> dict[str, Any] | None:
    """The classes or captions of a sample; None for what is neither."""
    if kind != LINES:
        classes = _classes(content, several=kind == LABELS)
        return None if classes is None else {"classes": classes}
    try:
        return {"captions": tuple(content.decode().splitlines())}
    except UnicodeDecodeError:
        return None


def _classes(content: bytes, *, several: bool) -> tuple[int, ...] | None:
    """None for what is no label."""
    try:
        if not several:
            return (int(content),)
        shown = np.load(io.BytesIO(content), allow_pickle=False)
        return tuple(np.flatnonzero(shown).tolist()) if shown.ndim == 1 else None
    except (ValueError, EOFError, OSError):
        return None
