"""Models that were trained once, kept by the hash of all that made them, for every run that begins with one.

    <home>/<hash>/model/manifest.json   what made it, and the size and SHA-256 of each file; its time is the last use
                       /files/...       what was saved
                 /import.lock           held by whoever trains it

A model is there as a whole or not at all: it is laid out beside its place and moved there. A run gets a copy, which is
held against the manifest, so that nothing that a run does reaches the next one. Locks are the kernel's and go with
their holder, however that ended; what it left is removed by the next who places something.
"""

import logging
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from farfield_evaluators.data.errors import PackError
from farfield_evaluators.data.pack_use import reading, unread, writing_if_free
from farfield_workers.model_files import FILES, MANIFEST, Damaged, SavedFile, copy_kept, read_manifest, write_kept

MODEL, DRAFT = "model", ".part"
LOOK_SECONDS = 0.5
GIB = 1 << 30
log = logging.getLogger(__name__)


class NotKept(Exception):
    """A model that finds no place; the message says why. Whoever trained it has it all the same."""


@dataclass(frozen=True, kw_only=True)
class _Kept:
    folder: Path
    used: float
    size: int


class ModelShelf:
    """The models below `home`, of at most `most_bytes` together; those whose last use is longest ago go first."""

    def __init__(self, home: Path, most_bytes: int) -> None:
        self._home, self._most = home, most_bytes

    def fetch(self, key: str, target: Path) -> bool:
        """Copy the model of this hash into the new folder `target`; whether there is one.

        One that is damaged is removed, and then there is none. Raises OSError where the copy cannot be written.
        """
        folder = self._home / key / MODEL
        if not (folder / MANIFEST).exists():
            return False
        try:
            with reading(folder):
                copy_kept(folder / FILES, read_manifest(folder), target)
                os.utime(folder / MANIFEST)
        except PackError:  # removed just now
            return False
        except Damaged as damage:
            log.warning("the model in %s is made again: %s", folder, damage)
            shutil.rmtree(target, ignore_errors=True)
            _evict(folder)
            return False
        return True

    @contextmanager
    def making(self, key: str, tick: Callable[[], None]) -> Iterator[None]:
        """Held while the model of this hash is made; who waits for another's calls `tick` about twice a second.

        Raises whatever `tick` raises.
        """
        try:
            with _alone(self._home / key, tick):
                yield
        finally:
            self._tidy(self._home / key)

    def place(
        self, key: str, source: Path, files: tuple[SavedFile, ...], made_of: Mapping[str, Any], tick: Callable[[], None]
    ) -> None:
        """Keep a copy of the model in `source`, whose maker holds `making`. Raises NotKept, and leaves nothing then."""
        home = self._home / key
        draft = home / f"{secrets.token_hex(8)}{DRAFT}"
        try:
            with _alone(self._home, tick):
                self._make_room(sum(file.size for file in files))
                draft.mkdir()
                write_kept(draft, source, files, made_of)
                shutil.rmtree(home / MODEL, ignore_errors=True)  # a damaged one, which could not be removed before
                draft.rename(home / MODEL)
        except OSError as error:
            raise NotKept(error.strerror or str(error)) from error
        except Damaged as damage:
            raise NotKept(str(damage)) from damage
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def _make_room(self, size: int) -> None:
        """Remove what is unused for longest until so many bytes fit. Raises NotKept where they do not."""
        if size > self._most:
            raise NotKept(f"it has {size / GIB:.3g} GiB, and the shelf holds {self._most / GIB:.3g} GiB")
        kept = [each for home in self._homes() if (each := _kept(home))]
        left = self._most - sum(each.size for each in kept)
        for each in sorted(kept, key=lambda each: each.used):
            if left >= size:
                return
            left += each.size if _evict(each.folder) else 0
            self._tidy(each.folder.parent)
        if left < size:
            raise NotKept("all models on the shelf are in use just now")

    def _homes(self) -> list[Path]:
        """The folders of all hashes, without what a killed maker left there."""
        homes = [path for path in self._home.iterdir() if path.is_dir()]
        for home in homes:
            self._tidy(home)
        return [home for home in homes if home.exists()]

    def _tidy(self, home: Path) -> None:
        """Drafts that nobody is at work on, and a folder with nothing in it."""
        if not home.is_dir():
            return
        with writing_if_free(home) as free:
            for draft in home.glob(f"*{DRAFT}") if free else ():
                shutil.rmtree(draft, ignore_errors=True)
        with suppress(OSError):
            home.rmdir()


@contextmanager
def _alone(home: Path, tick: Callable[[], None]) -> Iterator[None]:
    while True:
        with writing_if_free(home) as free:
            if free:
                yield
                return
        tick()
        time.sleep(LOOK_SECONDS)


def _kept(home: Path) -> _Kept | None:
    folder = home / MODEL
    try:
        used = (folder / MANIFEST).stat().st_mtime
    except OSError:
        used = 0.0  # without its manifest it is of no use to anybody
    if not folder.exists():
        return None
    return _Kept(folder=folder, used=used, size=_size(folder))


def _size(folder: Path) -> int:
    size = 0
    for path in folder.rglob("*"):
        with suppress(OSError):  # removed meanwhile
            size += path.stat().st_size if path.is_file() else 0
    return size


def _evict(folder: Path) -> bool:
    """Remove a model unless somebody copies it just now; moved aside first, so that nobody finds a half."""
    with unread(folder) as free:
        if not free:
            return False
        aside = folder.with_name(f"{secrets.token_hex(8)}{DRAFT}")
        try:
            folder.rename(aside)
        except OSError:
            return False
    shutil.rmtree(aside, ignore_errors=True)
    return True
