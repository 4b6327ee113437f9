"""Features on this worker's disk: a file is there as a whole or not at all, and what is unused for longest goes first.

    <home>/<images>/<word>.npy    float32 [N, D]; its time is the last use's
                   /<word>.json   its digest, and what it is of

Whoever has a file open may go on with it when it is removed, so readers hold no lock.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield.errors import JobError
from farfield.runtime.job import read_json, write_json

GIB = 1 << 30
Features = npt.NDArray[np.float32]


class NotKept(Exception):
    """Features that find no room; the message says why. Whoever computed them has them all the same."""


def read(path: Path, rows: int) -> Features | None:
    """float32 [rows, D], memory-mapped; None where there are none that are whole, and a damaged file is removed."""
    try:
        said = read_json(path.with_suffix(".json"))
        with path.open("rb") as file:
            if hashlib.file_digest(file, "blake2b").hexdigest() != said.get("blake2b"):
                raise ValueError("it is damaged")
        features: Features = np.load(path, mmap_mode="r", allow_pickle=False)
        if features.ndim != 2 or len(features) != rows or features.dtype != np.float32:
            raise ValueError(f"it has the shape {features.shape}")
    except (FileNotFoundError, JobError):
        return None
    except (OSError, ValueError, EOFError):
        _remove(path)
        return None
    with suppress(OSError):
        os.utime(path)
    return features


def keep(draft: Path, path: Path, of: Mapping[str, Any], most_bytes: int) -> None:
    """Move whole features to their place, after what was used longest ago. Raises NotKept, and leaves nothing then."""
    try:
        _make_room(path.parents[1], draft.stat().st_size, most_bytes)
        with draft.open("rb") as file:
            digest = hashlib.file_digest(file, "blake2b").hexdigest()
        path.with_suffix(".json").unlink(missing_ok=True)
        os.replace(draft, path)
        write_json(path.with_suffix(".json"), {"blake2b": digest, "of": dict(of)})
    except OSError as error:
        _remove(path)
        raise NotKept(error.strerror or str(error)) from error


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
    """Of all images and backbones; what lies beside them, a few bytes for each image, does not count."""
    for path in home.glob("*/*.json"):
        with suppress(OSError):  # removed meanwhile
            status = path.with_suffix(".npy").stat()
            yield _Kept(path=path.with_suffix(".npy"), used=status.st_mtime, size=status.st_size)


def _remove(path: Path) -> None:
    for each in (path.with_suffix(".json"), path):
        with suppress(OSError):
            each.unlink()
