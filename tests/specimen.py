"""The specimen plugin, built to a wheel and installed as a stranger would, beside the SDK of this checkout."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SPECIMEN = Path(__file__).parent / "plugins" / "farfield_specimen"
OFFLINE = ("--offline", "--python", sys.executable)


def build_wheel(project: Path, into: Path) -> Path:
    """Build a project with the installed hatchling: no network, no build environment."""
    run_python("-m", "uv", "build", "--wheel", *OFFLINE, "--no-build-isolation", "--out-dir", str(into), str(project))
    (wheel,) = into.glob("*.whl")
    return wheel


def install_wheel(wheel: Path, into: Path) -> None:
    """Install a wheel, without its dependencies, into a folder to be put on the path."""
    run_python("-m", "uv", "pip", "install", *OFFLINE, "--no-deps", "--target", str(into), str(wheel))


def run_python(*arguments: str, environment: dict[str, str] | None = None, cwd: Path | None = None) -> str:
    """Run this interpreter; returns what it printed, and fails with it when the status is not 0."""
    done = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env=environment,
        cwd=cwd,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def specimen_site(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment for subprocesses that see the installed specimen wheel."""
    folder = tmp_path_factory.mktemp("specimen")
    wheel = build_wheel(SPECIMEN, folder / "wheels")
    install_wheel(wheel, folder / "site")
    return {**os.environ, "PYTHONPATH": str(folder / "site")}
