"""A package's requirements against every base environment of a site, and against what is installed here."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from farfield.errors import FarfieldError
from farfield.packaging.resolution.base import Base, own_markers
from farfield.packaging.resolution.bases import bundled, of_site
from farfield.packaging.resolution.lookup import Lookup, look_up
from farfield.packaging.resolution.requirements import needed
from farfield.packaging.versions import normal_name

Say = Callable[[str], object]


class NotInstalled(FarfieldError):
    """What a site has or would fetch is not installed here, so that the method cannot be tried."""

    code = "check.not_installed"


@dataclass(frozen=True, kw_only=True)
class Held:
    """What came of it: the distributions that the method may import, and in a sentence what nobody could look at."""

    allowed: tuple[str, ...]
    unseen: str


def bases_of(site: str) -> tuple[Base, ...]:
    """The base environments of a site, or that of this release."""
    return of_site(site) if site else (bundled(),)


def build_tools(requires: Sequence[str], bases: Sequence[Base], folder: Path, say: Say) -> str:
    """Take the site's step of meeting what an sdist is built with; returns what nobody could look at, in a sentence.

    Raises PackageError as a site does. What the build uses here is the builder's own affair.
    """
    lookups = [look_up(requires, base, folder / f"tools-{number}") for number, base in enumerate(bases)]
    say(f"build tools   {_told(requires, lookups)}")
    return _unseen(lookups)


def hold(requires: Sequence[str], bases: Sequence[Base], folder: Path, say: Say) -> Held:
    """Take the site's step of meeting requirements. Raises PackageError as a site does, NotInstalled."""
    lookups = [look_up(requires, base, folder / f"lookup-{number}") for number, base in enumerate(bases)]
    say(f"dependencies  {_told(requires, lookups)}")
    versions = {pin.name: pin.version for lookup in lookups for pin in lookup.fetched}
    versions |= {normal_name(name): version for name, version in bases[0].versions.items()}
    here = needed(requires, Base.of({}, own_markers()))
    _require_installed(here, versions, say)
    allowed = {name for base in bases for name in base.versions} | _closure(here)
    return Held(allowed=tuple(sorted(allowed)), unseen=_unseen(lookups))


def _told(requires: Sequence[str], lookups: Sequence[Lookup]) -> str:
    fetched = {f"{pin.name} {pin.version}" for lookup in lookups for pin in lookup.fetched}
    unseen = _unseen(lookups)
    told = f"{len(requires)} declared"
    if unseen:
        return f"{told}; {unseen}"
    return f"{told}; a site fetches {', '.join(sorted(fetched))}" if fetched else f"{told}, met by the base environment"


def _unseen(lookups: Sequence[Lookup]) -> str:
    names = sorted({name for lookup in lookups for name in lookup.unseen})
    if not names:
        return ""
    because = next(lookup.because for lookup in lookups if lookup.unseen)
    return f"{', '.join(names)} could not be looked at ({because})"


def _require_installed(requirements: Sequence[Requirement], versions: dict[str, str], say: Say) -> None:
    """The import would fail here, and not for a fault of the package."""
    lacking = [r.name for r in requirements if _installed(r.name) is None]
    if lacking:
        wanted = [f"{name}=={v}" if (v := versions.get(normal_name(name))) else name for name in lacking]
        raise NotInstalled(
            f"not installed here: {', '.join(lacking)}. The archive and its requirements are as far as this check can "
            f"go without; to try the method, install what a site has: pip install {' '.join(wanted)}"
        )
    for name, wanted_version in sorted(versions.items()):
        found = _installed(name)
        if found is not None and found.version != wanted_version and any(r.name == name for r in requirements):
            say(
                f"note          {name} is {found.version} here, {wanted_version} on a site; the method is tried with it"
            )


def _closure(requirements: Iterable[Requirement]) -> set[str]:
    """The installed distributions that these lead to, by what those require here."""
    waiting = [(normal_name(r.name), frozenset(r.extras)) for r in requirements]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        each = waiting.pop()
        installed = _installed(each[0])
        if each not in seen and installed is not None:
            seen.add(each)
            waiting += _required_by(installed, each[1])
    return {name for name, _ in seen}


def _required_by(installed: Distribution, extras: frozenset[str]) -> list[tuple[str, frozenset[str]]]:
    found = []
    for line in installed.requires or ():
        try:
            wanted = Requirement(line)
        except InvalidRequirement:
            continue  # what is installed here is not what is checked
        if wanted.marker is None or any(wanted.marker.evaluate({"extra": extra}) for extra in (extras or {""})):
            found.append((normal_name(wanted.name), frozenset(wanted.extras)))
    return found


def _installed(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None
