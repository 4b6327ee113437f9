"""The small files of control groups: numbers, tables of numbers, and what is written into them."""

import contextlib
import os
from pathlib import Path

READ_BYTES = 64 << 10


def put(path: Path, value: str) -> None:
    """Write to a file that is there; none is made, so that a missing one is an error as on the real file system."""
    descriptor = os.open(path, os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC)
    try:
        os.write(descriptor, value.encode())
    finally:
        os.close(descriptor)


def text(path: Path) -> str:
    """The content, empty for what is not there: kernels differ in what they have, and groups end."""
    with contextlib.suppress(OSError):
        return path.read_text(encoding="utf-8", errors="replace")
    return ""


def number(path: Path) -> int:
    """The number in a file; 0 for none."""
    content = text(path).strip()
    return int(content) if content.isdigit() else 0


def table(path: Path) -> dict[str, int]:
    """Lines of `name number`."""
    pairs = (line.split() for line in text(path).splitlines())
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdigit()}


def numbers(path: Path) -> list[int]:
    """Lines of numbers, such as the processes of a group."""
    return [int(line) for line in text(path).split() if line.isdigit()]
