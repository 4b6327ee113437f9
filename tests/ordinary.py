"""Code run as an ordinary user, where the tests themselves may be root: what root may do hides what others may not."""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
NOBODY = 65534
LEFT_OUT = ("test", "tests", "site-packages", "__pycache__", "idlelib", "tkinter", "ensurepip", "config-*", "*.a")


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


def reachable(path: Path) -> bool:
    """Whether an ordinary user may get there."""
    return os.getuid() != 0 or all(parent.stat().st_mode & 0o001 for parent in path.parents)


@cache
def interpreter() -> str:
    """Our own Python; or a copy of it, where it lies below root's own home."""
    found = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    if reachable(found):
        return str(found)
    system = Path("/usr/bin") / f"python{sys.version_info.major}.{sys.version_info.minor}"
    if system.exists():
        return str(system)
    copy = Path(tempfile.mkdtemp(prefix="python-", dir=ROOT / "var"))  # a sandbox has a /tmp of its own
    atexit.register(shutil.rmtree, copy, ignore_errors=True)
    copy.chmod(0o755)
    (copy / "bin").mkdir()
    shutil.copy2(found, copy / "bin")
    for library in sorted((found.parents[1] / "lib").glob("libpython*.so*")):
        (copy / "lib").mkdir(exist_ok=True)
        shutil.copy2(library, copy / "lib")
    modules = Path("lib") / f"python{sys.version_info.major}.{sys.version_info.minor}"
    shutil.copytree(found.parents[1] / modules, copy / modules, ignore=shutil.ignore_patterns(*LEFT_OUT))
    return str(copy / "bin" / found.name)


def _environment(home: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": home,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


if __name__ == "__main__":
    needed = [ROOT, *(Path(place) for place in sys.path if "site-packages" in place)]
    sys.exit(not all(reachable(path / "x") for path in needed))
