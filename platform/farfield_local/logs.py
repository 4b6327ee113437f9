"""Log files, bounded by setting the old ones aside when a process starts."""

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


def tail(path: Path, lines: int = 12) -> str:
    """The last lines of a log, for an error message; empty when there is no log."""
    if not path.exists():
        return ""
    with path.open("rb") as log:
        log.seek(max(0, path.stat().st_size - TAIL_BYTES))
        text = log.read().decode(errors="replace")
    return "\n".join(text.splitlines()[-lines:])


def _rotate(path: Path) -> None:
    for number in range(KEPT, 0, -1):
        older = path.with_name(f"{path.name}.{number - 1}") if number > 1 else path
        if older.exists():
            older.replace(path.with_name(f"{path.name}.{number}"))
