"""Log files, bounded: the old ones are set aside when a process starts, and while it runs."""

import contextlib
import os
import shutil
from pathlib import Path
from typing import BinaryIO

MAX_BYTES = 2_000_000
KEPT = 2
TAIL_BYTES = 4_000


def open_log(path: Path) -> BinaryIO:
    """Open for appending; a file past the bound becomes `NAME.1`, the one before it `NAME.2`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > MAX_BYTES:
        _rotate(path)
    return path.open("ab")


def bound(path: Path) -> bool:
    """Set a log aside that a process is writing to, when it is past the bound; whether it was.

    The process keeps its file, which is emptied: it appends, so it goes on at the beginning. A line that is written
    between the two may be lost.
    """
    if not path.exists() or path.stat().st_size <= MAX_BYTES:
        return False
    with contextlib.suppress(OSError):  # a full disk: then it is emptied all the same
        part = path.with_name(f"{path.name}.part")
        shutil.copyfile(path, part)
        _rotate(path, part)
    os.truncate(path, 0)
    return True


def tail(path: Path, lines: int = 12) -> str:
    """The last lines of a log, for an error message; empty when there is no log."""
    if not path.exists():
        return ""
    with path.open("rb") as log:
        log.seek(max(0, path.stat().st_size - TAIL_BYTES))
        text = log.read().decode(errors="replace")
    return "\n".join(text.splitlines()[-lines:])


def _rotate(path: Path, newest: Path | None = None) -> None:
    """`newest` becomes NAME.1, by default the log itself, and each older one the next."""
    for number in range(KEPT, 0, -1):
        older = path.with_name(f"{path.name}.{number - 1}") if number > 1 else newest or path
        if older.exists():
            older.replace(path.with_name(f"{path.name}.{number}"))
