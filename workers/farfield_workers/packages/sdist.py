"""From an sdist to a wheel. Its build backend is foreign code: it runs in the sandbox, without a network."""

import tarfile
import tomllib
import zipfile
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import Version

from farfield.archive import MIB
from farfield.errors import PackageError
from farfield.intake import look_into_package
from farfield.package import Package
from farfield.resolution.base import Base
from farfield.resolution.requirements import missing, needed
from farfield_workers.failures import RunFailure
from farfield_workers.packages.fetch import install, resolve
from farfield_workers.packages.steps import Bench, last_lines
from farfield_workers.sandbox.base import IN, OUT, Ending
from farfield_workers.untrusted import NotThere, regular_files, take_file

# What PEP 517 says of a pyproject.toml without [build-system].
LEGACY = ["setuptools>=40.8.0"]


def build_wheel(sdist: Path, package: Package, base: Base, bench: Bench) -> tuple[Path, Package]:
    """The wheel, in the bench's offline inputs, inspected. Raises RunFailure."""
    tools = _build_tools(sdist, base, bench)
    command = ("build", "--wheel", "--no-build-isolation", "--offline", "--no-sources", "--out-dir", f"{OUT}/dist")
    step = bench.run("build", *command, f"{IN}/{sdist.name}", plugin=tools)
    if step.ending is not Ending.COMPLETED:
        raise RunFailure("plugin.build_failed", f"building the sdist failed: {last_lines(step.printed)}")
    return _taken(step.output / "dist", package, bench)


def _build_tools(sdist: Path, base: Base, bench: Bench) -> Path | None:
    """A folder with the build requirements that the base does not have; None when there are none."""
    requirements = needed(build_requirements(sdist), base)
    if not missing(requirements, base):
        return None
    site = bench.folder / "tools"
    site.mkdir()
    pins = [pin for pin in resolve(requirements, base, bench, "tools") if base.version(pin.name) is None]
    install(pins, bench, site, "tools")
    return site


def build_requirements(sdist: Path) -> list[str]:
    """`[build-system].requires` of an sdist that has been inspected. Raises RunFailure when it is no list of texts."""
    system = tomllib.loads(_pyproject(sdist).decode("utf-8")).get("build-system", {})
    requires: Any = system.get("requires", LEGACY) if isinstance(system, dict) else None
    if not isinstance(requires, list) or not all(isinstance(line, str) for line in requires):
        raise RunFailure("plugin.bad_metadata", "[build-system].requires of pyproject.toml must be a list of texts")
    return requires


def _pyproject(sdist: Path) -> bytes:
    """Read without trust in sizes; inspection has seen that there is one, and that it is short."""
    if sdist.suffix == ".zip":
        with zipfile.ZipFile(sdist) as opened, opened.open(_named(opened.namelist())) as file:
            return file.read(MIB)
    with tarfile.open(sdist, "r:gz") as archive:
        file_or_none = archive.extractfile(_named(archive.getnames()))
        return file_or_none.read(MIB) if file_or_none else b""


def _named(names: list[str]) -> str:
    return next(name for name in names if name.count("/") == 1 and name.endswith("/pyproject.toml"))


def _taken(dist: Path, package: Package, bench: Bench) -> tuple[Path, Package]:
    """A copy of the one wheel that the backend left, if it is what the sdist said it would be."""
    wheels = regular_files(dist, ".whl")
    if len(wheels) != 1:
        raise RunFailure("plugin.build_failed", f"building the sdist left {len(wheels)} wheels instead of one")
    wheel = bench.offline / wheels[0]
    try:
        take_file(dist, wheels[0], wheel)
    except NotThere as error:
        raise RunFailure("plugin.build_failed", f"building the sdist left no wheel: {error}") from error
    built = _inspected(wheel)
    same_name = canonicalize_name(built.distribution) == canonicalize_name(package.distribution)
    if not same_name or Version(built.version) != Version(package.version):
        message = (
            f"the sdist says {package.distribution} {package.version}, its wheel {built.distribution} {built.version}"
        )
        raise RunFailure("plugin.bad_metadata", message)
    return wheel, built


def _inspected(wheel: Path) -> Package:
    try:
        return look_into_package(wheel)
    except PackageError as error:
        raise RunFailure(error.code, f"the wheel that was built from the sdist: {error}") from error
