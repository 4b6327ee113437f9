"""Features on this worker's disk: a file is there as a whole or not at all, and what is unused for longest goes first.

    <home>/room.lock               held by who keeps features, for a moment: what is there is counted by one at a time
          /<images>/images.npy     which images they are of, see `shared_features`
                   /<word>.npy     float32 [N, D]; its time is the last use's
                   /<word>.json    its digest, and what it is of
                   /<word>.lock    held by who looks them up
                   /*~<word>       a folder of who computes them

Whoever has a file open may go on with it when it is removed, so readers hold no lock.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield.errors import JobError
from farfield.runtime.job import read_json, write_json
from farfield_evaluators.locks import alone, is_held
from farfield_workers.feature_locks import deserted
from farfield_workers.trees import remove_tree

GIB = 1 << 30
IMAGES, ROOM, DRAFT = "images.npy", "room.lock", "~"
Features = npt.NDArray[np.float32]


class NotKept(Exception):
    """Features that find no room; the message says why. Whoever computed them has them all the same."""


class Damaged(Exception):
    """A file that is not what was kept."""


def read(path: Path, rows: int) -> Features | None:
    """As `glance`, for who holds the file's lock: a damaged file is removed."""
    try:
        return _whole(path, rows)
    except Damaged:
        _remove(path)
        return None


def glance(path: Path, rows: int) -> Features | None:
    """float32 [rows, D], memory-mapped; None where there are none that are whole and can be read."""
    try:
        return _whole(path, rows)
    except Damaged:
        return None


def keep(draft: Path, path: Path, of: Mapping[str, Any], most_bytes: int) -> None:
    """Move whole features to their place, after what was used longest ago. Raises NotKept, and leaves nothing then."""
    home = path.parents[1]
    try:
        with draft.open("rb") as file:
            digest = hashlib.file_digest(file, "blake2b").hexdigest()
        with alone(home / ROOM):
            try:
                path.with_suffix(".json").unlink(missing_ok=True)  # of a damaged file
                path.unlink(missing_ok=True)
                _make_room(home, draft.stat().st_size, most_bytes)
                os.replace(draft, path)
                write_json(path.with_suffix(".json"), {"blake2b": digest, "of": dict(of)})
            finally:
                _tidy(home)
    except OSError as error:
        _remove(path)
        raise NotKept(error.strerror or str(error)) from error


def _whole(path: Path, rows: int) -> Features | None:
    """None where there are none, or where they cannot be read just now. Raises Damaged."""
    try:
        said = read_json(path.with_suffix(".json"))
        with path.open("rb") as file:
            if hashlib.file_digest(file, "blake2b").hexdigest() != said.get("blake2b"):
                raise Damaged
        features: Features = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, JobError):
        return None
    except (ValueError, EOFError) as error:
        raise Damaged from error
    if features.ndim != 2 or len(features) != rows or features.dtype != np.float32:
        raise Damaged
    with suppress(OSError):
        os.utime(path)
    return features


@dataclass(frozen=True, kw_only=True)
class _Kept:
    path: Path
    used: float
    size: int


def _make_room(home: Path, size: int, most: int) -> None:
    if size > most:
        raise NotKept(f"they have {size / GIB:.3g} GiB, and the cache holds {most / GIB:.3g} GiB")
    kept = list(_files(home))
    left = most - sum(each.size for each in kept)
    for each in sorted(kept, key=lambda each: each.used):
        if left >= size:
            return
        _remove(each.path)
        left += each.size


def _files(home: Path) -> Iterator[_Kept]:
    """Of all images and backbones, whole or not; what lies beside them, a few bytes for each image, does not count."""
    for path in home.glob("*/*.npy"):
        if path.name != IMAGES:
            with suppress(OSError):  # removed meanwhile
                status = path.stat()
                yield _Kept(path=path, used=status.st_mtime, size=status.st_size)


def _tidy(home: Path) -> None:
    """Remove what killed workers left, and the folders of images of which there are no features any more."""
    for folder in [path for path in home.iterdir() if path.is_dir()]:
        for draft in folder.glob(f"*{DRAFT}*"):
            if not is_held(folder / f"{draft.name.partition(DRAFT)[2]}.lock"):
                with suppress(OSError):
                    remove_tree(draft)
        if all(path.name == IMAGES for path in folder.glob("*.npy")):
            with deserted(folder) as free:
                if free:
                    shutil.rmtree(folder, ignore_errors=True)


def _remove(path: Path) -> None:
    for each in (path.with_suffix(".json"), path):
        with suppress(OSError):
            each.unlink()
