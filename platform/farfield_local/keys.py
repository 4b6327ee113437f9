"""Secrets of this machine's site: made once, readable by their owner alone, never put into argv."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

FOLDER_MODE = 0o700
FILE_MODE = 0o600


def secret(folder: Path, name: str, make: Callable[[], str] = lambda: secrets.token_urlsafe(48)) -> str:
    """The secret of that name, made now if there is none yet, or if an earlier start was stopped while making it."""
    found = read(folder, name)
    if found:
        return found
    value = make()
    write(folder, name, value)
    return value


def read(folder: Path, name: str) -> str:
    """The secret, or an empty text."""
    path = folder / name
    return path.read_text(encoding="utf-8").strip() if path.exists() else ""


def write(folder: Path, name: str, value: str) -> None:
    """Put it in place whole: a file that is there is never half a secret."""
    folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    part = folder / f"{name}.part"
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(value + "\n")
        file.flush()
        os.fsync(file.fileno())
    part.replace(folder / name)
