"""A fresh environment with suites of third parties in it, and a whole site that runs from there.

python -m tests.suitesite VAR     in that environment: run a site below VAR until stdin ends
"""

import contextlib
import os
import site
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.specimen import OFFLINE, SPECIMEN, build_wheel, run_python

ROOT = Path(__file__).parents[1]
SUITE, BROKEN = ROOT / "tests/plugins/farfield_specimen_suite", ROOT / "tests/plugins/farfield_broken_suite"
READY = "ready "


@dataclass(frozen=True, kw_only=True)
class Environment:
    """An environment of its own, with what the tests have besides; `var` is its FARFIELD_VAR."""

    python: Path
    var: Path

    def farfield(self, *words: str, status: int = 0) -> tuple[str, str]:
        """Run a command; returns what it printed, (out, err)."""
        done = subprocess.run(
            [self.python, "-m", "farfield", *words], capture_output=True, text=True, timeout=300, check=False,
            env={**os.environ, "FARFIELD_VAR": str(self.var)}, cwd=self.var,
        )  # fmt: skip
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout, done.stderr

    @contextlib.contextmanager
    def site(self) -> Iterator[str]:
        """A whole site; yields its address."""
        command = [self.python, "-m", "tests.suitesite", str(self.var)]
        with subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
            assert running.stdin is not None
            assert running.stdout is not None
            lines = iter(running.stdout)
            try:
                yield next(line for line in lines if line.startswith(READY)).removeprefix(READY).strip()
            finally:
                running.stdin.close()
                running.wait(timeout=60)


def make_environment(folder: Path) -> Environment:
    """A new environment with the wheels of the specimen method and of both suites, built from their sources."""
    home, wheels = folder / "environment", folder / "wheels"
    run_python("-m", "uv", "venv", "--quiet", *OFFLINE, str(home))
    python = home / "bin" / "python"
    found = [build_wheel(project, wheels / project.name) for project in (SPECIMEN, SUITE, BROKEN)]
    install = ("-m", "uv", "pip", "install", "--quiet", "--offline", "--python", str(python), "--no-deps")
    run_python(*install, *map(str, found))
    beneath = next(path for path in site.getsitepackages() if Path(path).is_dir())
    packages = next(home.glob("lib/python*/site-packages"))
    (packages / "beneath.pth").write_text(f"import site; site.addsitedir({beneath!r})\n")
    var = folder / "var"
    var.mkdir()
    return Environment(python=python, var=var)


def _serve(var: Path) -> None:
    from farfield_local.site import running_site

    with running_site(var, None, lambda said: None, settings={"FARFIELD_SANDBOX": "process"}) as running:
        print(f"{READY}{running.url}", flush=True)
        os.set_blocking(sys.stdin.fileno(), False)
        while sys.stdin.buffer.read(1) != b"":  # None while it is open
            running.pause()


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
