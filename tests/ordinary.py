"""Code run as an ordinary user, where the tests themselves may be root: what root may do hides what others may not."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

NOBODY = 65534


def as_ordinary_user(code: str, *arguments: str, seconds: float = 120) -> str:
    """What `code` prints when it is run in an empty folder by a user without a privilege."""
    # Not below pytest's own folders, which every session that begins closes to all but its user.
    with tempfile.TemporaryDirectory(prefix="farfield-ordinary-") as folder:
        command = [interpreter(), "-c", code, *arguments]
        if os.getuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
            command = [shutil.which("setpriv") or "setpriv", *_WITHOUT_PRIVILEGE, *command]
        done = subprocess.run(
            command, cwd=folder, env=_environment(folder), capture_output=True, text=True, check=False, timeout=seconds
        )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


_WITHOUT_PRIVILEGE = (
    *(f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"),
    *("--inh-caps=-all", "--bounding-set=-all", "--no-new-privs"),
)


def interpreter() -> str:
    """A Python of this version that an ordinary user may run: ours, unless it lies below root's own home."""
    found = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for path in (found, Path("/usr/bin") / name, Path("/usr/local/bin") / name):
        if path.exists() and (os.getuid() != 0 or all(parent.stat().st_mode & 0o001 for parent in path.parents)):
            return str(path)
    pytest.skip(f"no {name} here that an ordinary user may run")


def _environment(home: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": home,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
