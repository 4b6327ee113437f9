"""What a model is made of, as JSON, and the hash that says so: two that are made of the same are one."""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from farfield_workers.base_environment import installed_fingerprint
from farfield_workers.sandbox.runtime import PLUGIN_PATH

Json = Mapping[str, Any]


def hash_of(made_of: Json) -> str:
    """SHA-256 of canonical JSON, in hexadecimal digits. Raises ValueError for NaN, which JSON does not have.

    >>> hash_of({"b": 1, "a": [2]}) == hash_of({"a": (2,), "b": 1})
    True
    """
    text = json.dumps(made_of, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def environment(base: str = "") -> str:
    """What everything here runs on: the base environment of this fingerprint, and what the operator put on its path.

    Without one, as at home, it is what is installed now.
    """
    added = [files_of(Path(name)) for name in os.environ.get(PLUGIN_PATH, "").split(os.pathsep) if name]
    return hash_of({"base": base or installed_fingerprint(), "operator": added})


def files_of(folder: Path) -> str:
    """A hash of the files below a folder: their names, sizes and times, as an installation leaves them."""
    return hash_of({"files": [[name, status.st_size, status.st_mtime_ns] for name, status in _files(folder)]})


def named_files(settings: Json) -> list[list[Any]]:
    """Files of this machine that settings name, such as weights, with what tells that one has changed."""
    named = []
    for path in [Path(value) for _, value in sorted(settings.items()) if isinstance(value, str)]:
        with suppress(OSError, ValueError):  # most settings are no paths, and some could not be one
            if path.is_absolute() and path.is_file():
                named.append([str(path), path.stat().st_size, path.stat().st_mtime_ns])
    return named


def _files(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":  # what Python wrote since is of the same sources
            yield path.relative_to(folder).as_posix(), path.stat()
