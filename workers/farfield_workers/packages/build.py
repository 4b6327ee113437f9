"""`build`: a submitted package and what it needs, in one folder on top of the base environment."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from farfield.errors import PackageError
from farfield.packaging.package import RESERVED, Package
from farfield.packaging.resolution.base import Base
from farfield.packaging.resolution.pins import Pin, installed_wheel
from farfield.packaging.resolution.requirements import missing, needed
from farfield.runtime.job import read_json, write_json
from farfield_workers.failures import RunFailure
from farfield_workers.packages.fetch import install, install_wheel, resolve
from farfield_workers.packages.sdist import build_wheel
from farfield_workers.packages.settings import BuildSettings
from farfield_workers.packages.steps import Bench, Observer, bench
from farfield_workers.packages.store import DONE, stored
from farfield_workers.sandbox.base import Sandbox

RECORD = "record.json"
SITE = "site"
Dependency = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Built:
    """A built package: `folder` is for the import path, `record` says what is in it and how it came there."""

    folder: Path
    record: dict[str, Any]


def build(
    package_path: Path,
    package: Package,
    base: Base,
    home: Path,
    sandbox: Sandbox,
    settings: BuildSettings,
    observer: Observer,
) -> Built:
    """Build the inspected `package` below `home`, or return what was built of the same content on the same base.

    Safe to call at once from several processes. Raises RunFailure, and `Stopped` from the observer; a
    failure is not remembered, so that the next call tries again.
    """

    def make(folder: Path) -> None:
        place = bench(folder, sandbox, settings, observer)
        try:
            _make(package_path, package, base, place, folder / DONE)
        except PackageError as error:
            raise RunFailure(error.code, str(error)) from error

    folder = stored(home, f"{package.sha256}-{base.fingerprint[:12]}", make, observer.alive)
    return Built(folder=folder / SITE, record=read_json(folder / RECORD))


def _make(path: Path, package: Package, base: Base, bench: Bench, folder: Path) -> None:
    staged = bench.offline / package.filename
    shutil.copyfile(path, staged)
    wheel, built = (staged, package) if package.kind == "wheel" else build_wheel(staged, package, base, bench)
    site = folder / SITE
    site.mkdir()
    dependencies = _install_dependencies(needed(built.requires, base), base, bench, site)
    install_wheel(wheel, bench, site)
    _check_site(site)
    write_json(folder / RECORD, _record(package, built, dependencies, base))


def _check_site(site: Path) -> None:
    """What comes first on the import path hides nothing of the platform's, whichever distribution brought it."""
    for path in sorted(site.iterdir()):
        if (path.name if path.is_dir() else path.name.partition(".")[0]) in RESERVED:
            has = f"a distribution that the package needs has {path.name}"
            raise RunFailure("plugin.unsafe_path", f"{has}, which would replace a module of the platform")


def _install_dependencies(
    requirements: Sequence[Requirement], base: Base, bench: Bench, site: Path
) -> list[Dependency]:
    """Put what the base lacks into `site`; without a single request when it lacks nothing, for the base is closed."""
    if not missing(requirements, base):
        return [_of_base(name, base) for name in sorted({r.name for r in requirements})]
    pins = resolve(requirements, base, bench, "package")
    fetched = [pin for pin in pins if base.version(pin.name) is None]
    if fetched:
        install(fetched, bench, site, "package")
    return [_fetched(pin, site) if pin in fetched else _of_base(pin.name, base) for pin in pins]


def _fetched(pin: Pin, site: Path) -> Dependency:
    return {"name": pin.name, "version": pin.version, "sha256": installed_wheel(pin, site), "base": False}


def _of_base(name: str, base: Base) -> Dependency:
    return {"name": name, "version": base.version(name), "sha256": "", "base": True}


def _record(package: Package, built: Package, dependencies: list[Dependency], base: Base) -> dict[str, Any]:
    """The same for the same content and base, so there is no time of day in it."""
    record: dict[str, Any] = {
        "filename": package.filename,
        "sha256": package.sha256,
        "metadata": {
            "name": built.distribution,
            "version": built.version,
            "requires": list(built.requires),
            "requires_python": built.requires_python,
        },
        "dependencies": dependencies,
        "interpreter": {
            "version": base.markers["python_full_version"],
            "implementation": base.markers["implementation_name"],
            "platform": f"{base.markers['sys_platform']}-{base.markers['platform_machine']}",
        },
        "base": base.fingerprint,
    }
    if built is not package:
        record["wheel"] = {"filename": built.filename, "sha256": built.sha256}
    return record
