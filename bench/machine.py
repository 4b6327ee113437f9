"""Where and when something was measured."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
MADE = ("bench/results.json", "docs")
LIBRARIES = ("numpy", "torch", "timm", "open_clip_torch", "django", "celery", "psycopg2-binary")
GIB = 1024**3


def machine() -> dict[str, Any]:
    """What figures depend on, besides the code."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "cpu": _cpu(),
        "memory_gib": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / GIB),
        "python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
    }


def now() -> dict[str, Any]:
    """The day, the commit, with `+` where code differs from it, and how many processes wanted to run before."""
    differs = _git("status", "--porcelain", "--", *(f":!{name}" for name in MADE))
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": _git("rev-parse", "--short", "HEAD") + ("+" if differs else ""),
        "load": load(),
    }


def load() -> float:
    """How many processes wanted to run in the last minute, on average."""
    return round(os.getloadavg()[0], 1)


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(": ")[2]
    return platform.machine()


def _git(*words: str) -> str:
    answer = subprocess.run(["/usr/bin/env", "git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    return answer.stdout.strip()
