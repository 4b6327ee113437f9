"""Which network's features a run takes: an installed backbone with its settings, and what its weights are.

Two that are equal give the same features, so what is kept of one is kept of the other.
"""

import functools
import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from farfield.frozen import IMAGES
from farfield_workers.made_of import hash_of
from farfield_workers.sandbox.runtime import OPERATOR, PLUGIN_PATH

WORD_DIGITS = 16
NAME = re.compile(r"(hf[-_]hub:[\w.-]+/)?[\w.@+ -]*")  # what a library knows by a name or a tag, no place on a disk


@dataclass(frozen=True, kw_only=True)
class Backbone:
    """An installed backbone: which plugin brings it, in which version, and the names of the settings that it takes.

    dim: how many numbers it makes of an image, 0 where its settings decide that. texts: whether it has a text side.
    settings: those of one network. weights: the SHA-256 of each file that they name; of what comes with the plugin, or
    by a name, the version and the name stand for it.
    """

    name: str
    plugin: str
    version: str
    dim: int = 0
    takes: tuple[str, ...] = ()
    texts: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)
    weights: Mapping[str, str] = field(default_factory=dict)

    @property
    def word(self) -> str:
        """What its features are called in the cache, where they are float32 always."""
        if not self.settings:
            return f"{self.name}-{self.version}"
        made = hash_of({"settings": dict(self.settings), "weights": dict(self.weights)})
        return f"{self.name}-{self.version}-{made[:WORD_DIGITS]}"

    @property
    def shown_nothing(self) -> "Backbone":
        """The same network without what images it is shown, of which its text side knows nothing."""
        return replace(self, settings={name: value for name, value in self.settings.items() if name != IMAGES})

    def of(self, settings: Mapping[str, Any], *, isolated: bool) -> "Backbone | None":
        """The one network of these settings; None for settings that it does not take, or a file that it cannot see.

        A file is one by its whole path, and hashed. Whatever else names a place, such as `local-dir:/models/vit` or a
        path that begins elsewhere, may hold something else tomorrow: None for it, too.
        """
        if settings.keys() - {*self.takes, IMAGES}:
            return None
        weights: dict[str, str] = {}
        for name, value in settings.items():
            if not isinstance(value, str) or NAME.fullmatch(value):
                continue
            if not value.startswith("/"):
                return None
            path = outside(value) if isolated else Path(value)
            digest = _digest(path) if path is not None else None
            if digest is None:
                return None
            weights[name] = digest
        return replace(self, settings=dict(settings), weights=weights)


def outside(place: str) -> Path | None:
    """The operator's file that a sandbox shows at this place; None for any other."""
    inside = PurePosixPath(place)
    folders = [Path(name) for name in os.environ.get(PLUGIN_PATH, "").split(os.pathsep) if name]
    for number, folder in enumerate(folders):
        root = PurePosixPath(OPERATOR) / str(number)
        if inside.is_relative_to(root) and ".." not in inside.parts:
            return folder / inside.relative_to(root)
    return None


def _digest(path: Path) -> str | None:
    """The SHA-256 of a file; None where none can be read, by whatever name somebody's settings call it."""
    try:
        if not path.is_file():
            return None
        status = path.stat()
        return _sha256(path, status.st_size, status.st_mtime_ns)
    except OSError:
        return None


@functools.lru_cache(maxsize=64)
def _sha256(path: Path, size: int, changed: int) -> str:
    """Read once a process, for a file that has this size and time."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
