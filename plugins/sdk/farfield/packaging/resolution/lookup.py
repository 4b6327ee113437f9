"""What a site makes of a package's requirements: the steps of a worker's build, with the author's own index."""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

from farfield.errors import PackageError
from farfield.packaging.resolution.base import Base
from farfield.packaging.resolution.command import (
    CANNOT_BE_MET,
    LOCK,
    REQUIREMENTS,
    STUBS,
    compile_arguments,
    find_uv,
    masked,
    refusal,
)
from farfield.packaging.resolution.pins import Pin, read_lock
from farfield.packaging.resolution.requirements import missing, needed, no_index
from farfield.packaging.resolution.stubs import write_stubs

SECONDS = 300.0
OFFLINE = "the network was disabled"
# The C libraries that uv knows by name; a base with another is taken for the next older one.
_GLIBC = (17, 28, *range(31, 41))


@dataclass(frozen=True, kw_only=True)
class Lookup:
    """What a base environment does with requirements, when it does not refuse them.

    `fetched` are the distributions that a site would fetch; `unseen` the requirements that no index could be asked
    about, and `because` why.
    """

    fetched: tuple[Pin, ...] = ()
    unseen: tuple[str, ...] = ()
    because: str = ""


def look_up(requires: Sequence[str], base: Base, folder: Path) -> Lookup:
    """Hold requirements against a base. Raises PackageError with the code and the words that a site would have."""
    requirements = needed(requires, base)
    lacking = missing(requirements, base)
    if not lacking:
        return Lookup()
    if not base.fetches:
        raise no_index(requirements, base)
    uv = find_uv()
    if uv is None:
        return _unseen(lacking, "there is no uv here: pip install 'farfield[check]'")
    return _asked(uv, requirements, lacking, base, folder)


def _asked(
    uv: Path, requirements: Sequence[Requirement], lacking: Sequence[Requirement], base: Base, folder: Path
) -> Lookup:
    folder.mkdir()
    write_stubs(base, folder / STUBS)
    (folder / REQUIREMENTS).write_text("".join(f"{r}\n" for r in requirements), encoding="utf-8")
    command = [str(uv), *compile_arguments(str(folder), str(folder)), *_target(base)]
    try:
        done = _run(command, folder)
    except subprocess.TimeoutExpired:
        return _unseen(lacking, f"the package index did not answer within {SECONDS:g} seconds")
    if done.returncode == 0:
        pins = read_lock(folder / LOCK)
        return Lookup(fetched=tuple(pin for pin in pins if base.version(pin.name) is None))
    printed = masked(done.stdout)
    if done.returncode == CANNOT_BE_MET and OFFLINE not in printed:
        raise PackageError("plugin.dependencies", refusal(printed))
    return _unseen(lacking, _last_cause(printed))


def _run(command: Sequence[str], folder: Path) -> "subprocess.CompletedProcess[str]":
    """In its own folder, so that no project's settings count; where the index is, the author's own settings say."""
    quiet = {"NO_COLOR": "1", "UV_NO_PROGRESS": "1", "UV_PYTHON_DOWNLOADS": "never"}
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **quiet},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        timeout=SECONDS,
        check=False,
    )


def _target(base: Base) -> list[str]:
    """For the base's interpreter and platform, not for this machine's."""
    found = ["--python", sys.executable, "--python-version", base.python]
    libraries = [re.fullmatch(r"manylinux_2_(\d+)_(x86_64|aarch64)", tag) for tag in base.platforms]
    known = [(int(m[1]), m[2]) for m in libraries if m and int(m[1]) >= _GLIBC[0]]
    if known:
        newest, machine = max(known)
        found += ["--python-platform", f"{machine}-manylinux_2_{max(g for g in _GLIBC if g <= newest)}"]
    return found


def _unseen(lacking: Sequence[Requirement], because: str) -> Lookup:
    return Lookup(unseen=tuple(map(str, lacking)), because=because)


def _last_cause(printed: str) -> str:
    if OFFLINE in printed:
        return OFFLINE
    causes = re.findall(r"^(?:error|\s*cause): (.*)$", printed, re.MULTILINE)
    failed = next((cause for cause in causes if cause.startswith("Failed to fetch")), "")
    return (failed or (causes[-1] if causes else "") or "the package index did not answer as it should")[:300]
