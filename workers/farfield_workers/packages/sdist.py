"""From an sdist to a wheel. Its build backend is foreign code: it runs in the sandbox, without a network."""

from pathlib import Path

from packaging.utils import canonicalize_name

from farfield.errors import PackageError
from farfield.packaging.intake import look_into_package
from farfield.packaging.package import Package
from farfield.packaging.resolution.base import Base
from farfield.packaging.resolution.requirements import missing, needed
from farfield.packaging.versions import normal_version
from farfield_workers.failures import RunFailure
from farfield_workers.packages.fetch import install, resolve
from farfield_workers.packages.steps import Bench, last_lines
from farfield_workers.sandbox.base import IN, OUT, Ending
from farfield_workers.untrusted import NotThere, regular_files, take_file


def build_wheel(sdist: Path, package: Package, base: Base, bench: Bench) -> tuple[Path, Package]:
    """The wheel, in the bench's offline inputs, inspected. Raises RunFailure."""
    tools = _build_tools(package, base, bench)
    command = ("build", "--wheel", "--no-build-isolation", "--offline", "--no-sources", "--out-dir", f"{OUT}/dist")
    step = bench.run("build", *command, f"{IN}/{sdist.name}", plugin=tools, own_disk=True)
    if step.ending is not Ending.COMPLETED:
        raise RunFailure("plugin.build_failed", f"building the sdist failed: {last_lines(step.printed)}")
    return _taken(step.output / "dist", package, bench)


def _build_tools(package: Package, base: Base, bench: Bench) -> Path | None:
    """A folder with the build requirements that the base does not have; None when there are none."""
    requirements = needed(package.build_requires, base)
    if not missing(requirements, base):
        return None
    site = bench.folder / "tools"
    site.mkdir()
    pins = [pin for pin in resolve(requirements, base, bench, "tools") if base.version(pin.name) is None]
    install(pins, bench, site, "tools")
    return site


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
    if not same_name or normal_version(built.version) != normal_version(package.version):
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
