"""Resolving requirements on top of the base, and fetching what is missing: wheels only, each by its hash."""

import shutil
import stat
from collections.abc import Sequence
from pathlib import Path

from packaging.requirements import Requirement

from farfield.packaging.resolution.base import Base
from farfield.packaging.resolution.command import LOCK, ONLY_WHEELS, REQUIREMENTS, STUBS, compile_arguments, refusal
from farfield.packaging.resolution.pins import Pin, read_lock
from farfield.packaging.resolution.requirements import no_index
from farfield.packaging.resolution.stubs import write_stubs
from farfield_workers.failures import RunFailure
from farfield_workers.packages.steps import Bench, last_lines, unreachable
from farfield_workers.sandbox.base import IN, OUT, Ending


def resolve(requirements: Sequence[Requirement], base: Base, bench: Bench, name: str) -> list[Pin]:
    """Every distribution that the requirements lead to, those of the base among them.

    Raises PackageError or RunFailure: plugin.dependencies when there is no solution, platform.index_unreachable.
    """
    if not bench.settings.indexes:
        raise no_index(requirements, base)
    if not (bench.online / STUBS).exists():
        write_stubs(base, bench.online / STUBS)
    (bench.online / REQUIREMENTS).write_text("".join(f"{r}\n" for r in requirements), encoding="utf-8")
    step = bench.run(f"resolve-{name}", *compile_arguments(IN, OUT), network=True)
    if step.ending is Ending.COMPLETED:
        return read_lock(step.output / LOCK)
    if step.ending is Ending.REPORTED:
        raise RunFailure("plugin.dependencies", refusal(step.printed))
    raise unreachable(step)


def install(pins: Sequence[Pin], bench: Bench, site: Path, name: str) -> None:
    """Fetch the wheels and unpack them into `site`. Raises RunFailure when the index fails, or sent something else."""
    (bench.online / REQUIREMENTS).write_text("".join(f"{pin.requirement()}\n" for pin in pins), encoding="utf-8")
    arguments = ("--no-deps", "--require-hashes", *ONLY_WHEELS, "--target", f"{OUT}/site")
    step = bench.run(f"fetch-{name}", "pip", "install", *arguments, "-r", f"{IN}/{REQUIREMENTS}", network=True)
    if step.ending is not Ending.COMPLETED:
        raise unreachable(step)
    _move(step.output / "site", site)


def install_wheel(wheel: Path, bench: Bench, site: Path) -> None:
    """Unpack one wheel, which lies in the bench's offline inputs, into `site`; without a network."""
    target = ("--no-deps", "--no-index", "--offline", "--target", f"{OUT}/site")
    step = bench.run("install", "pip", "install", *target, f"{IN}/{wheel.name}")
    if step.ending is not Ending.COMPLETED:
        raise RunFailure("plugin.bad_metadata", f"the wheel cannot be installed: {last_lines(step.printed)}")
    _move(step.output / "site", site)


def _move(source: Path, site: Path) -> None:
    """Move every file into `site`; a file that is there already is replaced. An installer writes no links."""
    for path in sorted(source.rglob("*")):
        place = site / path.relative_to(source)
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode):
            place.mkdir(parents=True, exist_ok=True)
        elif not stat.S_ISREG(mode):
            raise RunFailure("plugin.unsafe_path", f"{path.relative_to(source)} was installed as a link or a device")
        elif path != source / ".lock":
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, place)
