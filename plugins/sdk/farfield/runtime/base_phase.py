"""The base phase of a few-shot method: what comes of many images of known classes, learned once and saved.

`fit_base` alone is called in the process of each run. With the pair `save_base(folder)` and `load_base(folder)` it is
called in a job of its own, and every run of the entry begins with `load_base` on a copy of what was saved.
"""

import os
import re
from collections.abc import Callable, Iterator, Sized
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any

from farfield.errors import ProtocolError

SAVED = "base"  # below the output of a job of the kind "base"
MODEL = "base-model"  # below the input of a run
FIT, SAVE, LOAD = "fit_base", "save_base", "load_base"
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}", re.ASCII)
MOST_FILES, MOST_BYTES, DEEPEST = 1000, 2 << 30, 4
NAMES = "letters, digits, `.`, `_` and `-`, at most 100, and not a dot first"


class BasePhase(StrEnum):
    """How a method learns from the base set: not at all, in the process of each run, or in a job of its own."""

    NONE = "none"
    TOGETHER = "together"
    APART = "apart"


def phase_of(method: object) -> BasePhase:
    """By the members that the method has; one that is None is not there.

    Raises ProtocolError for members that cannot be called, and for a part of the three that makes no sense.
    """
    there = {name: member for name in (FIT, SAVE, LOAD) if (member := getattr(method, name, None)) is not None}
    for name, member in there.items():
        if not callable(member):
            raise ProtocolError(f"`{name}` is there but cannot be called; rename it or make it a method")
    pair = [name for name in (SAVE, LOAD) if name in there]
    if len(pair) == 1:
        (lacking,) = {SAVE, LOAD} - set(pair)
        raise ProtocolError(f"`{pair[0]}` is there without `{lacking}`; a base model is saved and loaded, so add both")
    if pair and FIT not in there:
        raise ProtocolError(f"`{SAVE}` and `{LOAD}` are there without `{FIT}`, so there is nothing to save; add it")
    if FIT not in there:
        return BasePhase.NONE
    return BasePhase.APART if pair else BasePhase.TOGETHER


def begin(method: Any, model: Path | None, base: Callable[[], Sized]) -> None:
    """Begin with the base model where there is one, else with the optional `fit_base` on the base set.

    Raises ProtocolError for a `fit_base` that cannot be called or has no base set to learn from.
    """
    phase = phase_of(method)
    if phase is BasePhase.APART and model is not None:
        method.load_base(model)
    elif phase is not BasePhase.NONE:
        learn_base(method, base())


def learn_base(method: Any, base: Sized) -> None:
    """Call `fit_base`. Raises ProtocolError where there is no base set to learn from."""
    if not len(base):
        raise ProtocolError("this method has `fit_base`, but the benchmark has no base set")
    method.fit_base(base)


def save(method: Any, folder: Path) -> None:
    """Call `save_base` with an empty folder. Raises ProtocolError for what may not be kept; see `check_saved`."""
    folder.mkdir(exist_ok=True)
    method.save_base(folder)
    check_saved(folder)


def check_saved(folder: Path) -> None:
    """Raises ProtocolError unless there is something, all of it plain files with plain names, and not too much."""
    entries = list(islice(_below(folder), MOST_FILES + 1))
    for path in entries:
        _check_place(path, path.relative_to(folder))
    size = sum(path.stat().st_size for path in entries if path.is_file())
    if not any(path.is_file() for path in entries):
        raise ProtocolError(f"`{SAVE}` wrote no file into the folder that it was given; `{LOAD}` would have nothing")
    if len(entries) > MOST_FILES:
        raise ProtocolError(f"`{SAVE}` wrote more than {MOST_FILES} files and folders; that many are kept")
    if size > MOST_BYTES:
        raise ProtocolError(f"`{SAVE}` wrote {size / (1 << 30):.2f} GiB; at most {MOST_BYTES >> 30} GiB are kept")


def _below(folder: Path, depth: int = 0) -> Iterator[Path]:
    """Everything in a folder, down to where it lies too deep; no link is followed."""
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in entries)
    for name in names:
        path = folder / name
        yield path
        if path.is_dir() and not path.is_symlink() and depth <= DEEPEST:
            yield from _below(path, depth + 1)


def _check_place(path: Path, named: Path) -> None:
    if NAME.fullmatch(path.name) is None:
        raise ProtocolError(f"`{SAVE}` wrote a file called {path.name[:100]!r}; names are {NAMES}")
    if len(named.parts) - 1 > DEEPEST:
        raise ProtocolError(f"`{SAVE}` wrote {named}, which lies in more than {DEEPEST} folders")
    if path.is_symlink() or not (path.is_file() or path.is_dir()):
        raise ProtocolError(f"`{SAVE}` left {named}, which is no plain file; save plain files")
