"""What the tests of `farfield.packaging.apart` have a child do."""

import os
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

from farfield.errors import PackageError


def echo(value: Any) -> Any:
    return value


def fill_memory() -> None:
    kept = []
    while True:
        kept.append(bytearray(1 << 20))


def many_small() -> None:
    kept: list[str] = []
    while True:
        kept.append(str(len(kept)))


def spin() -> None:
    while True:
        pass


def sleep(note: str = "", seconds: float = 60.0) -> None:
    if note:
        Path(note).write_text(str(os.getpid()), encoding="ascii")
    time.sleep(seconds)


def leave_a_child(note: str) -> None:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    Path(note).write_text(str(child.pid), encoding="ascii")
    time.sleep(60)


def die(signal_number: int) -> None:
    os.kill(os.getpid(), signal_number)


def refuse() -> None:
    error = PackageError("plugin.link", "no")
    error.details = [{"a": 1}]  # type: ignore[attr-defined]
    raise error


def recurse(depth: int = 0) -> int:
    return recurse(depth + 1) + 1


def toml(text: str) -> int:
    return len(tomllib.loads(text))


def chatter() -> str:
    return "x" * (1 << 20)


def seen() -> dict[str, Any]:
    return {"environment": dict(os.environ), "numpy": "numpy" in sys.modules, "folder": str(Path.cwd())}
