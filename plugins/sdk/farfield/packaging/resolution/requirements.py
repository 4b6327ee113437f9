"""What a package needs, held against the base environment, before any index is asked."""

import re
from collections.abc import Iterable

from packaging.requirements import Requirement
from packaging.specifiers import Specifier
from packaging.version import InvalidVersion, Version

from farfield.errors import PackageError
from farfield.packaging.resolution.base import Base

LARGEST_NUMBER = 2**64 - 2


def needed(lines: Iterable[str], base: Base) -> list[Requirement]:
    """The requirements that hold for the base's interpreter, without those of extras.

    Raises PackageError for one that cannot be read, or that names an address instead of an index's distribution.
    """
    here = [r for r in map(_parsed, lines) if _holds(r, base)]
    for requirement in here:
        _require_resolvable(requirement)
        if requirement.url:
            raise PackageError(
                "plugin.dependencies",
                f"the package needs {requirement.name} from an address of its own; "
                "packages come only from the indexes that this site's operator allows",
            )
    return here


def missing(requirements: Iterable[Requirement], base: Base) -> list[Requirement]:
    """Those that the base does not have.

    Raises PackageError when the base has one in another version: it cannot be replaced, for one process has one
    version.
    """
    return [requirement for requirement in requirements if not _satisfied(requirement, base)]


def no_index(requirements: Iterable[Requirement], base: Base) -> PackageError:
    """The refusal of a site that fetches nothing."""
    listed = ", ".join(str(r) for r in requirements if base.version(r.name) is None)
    text = f"the package needs {listed}; this site fetches no packages beyond its own"
    return PackageError("plugin.dependencies", text)


def _satisfied(requirement: Requirement, base: Base) -> bool:
    """Extras of a distribution of the base are taken as given: the base has what its operator chose."""
    version = base.version(requirement.name)
    if version is None:
        return False
    if not requirement.specifier.contains(version, prereleases=True):
        raise PackageError(
            "plugin.dependencies",
            f"the package needs {requirement.name}{requirement.specifier}, but this site runs methods with "
            f"{requirement.name} {version}; loosen the requirement, or submit a container",
        )
    return True


def _holds(requirement: Requirement, base: Base) -> bool:
    if requirement.marker is None:
        return True
    try:
        return requirement.marker.evaluate({**base.markers, "extra": ""})
    except Exception as error:  # whatever the library makes of a marker, a stranger wrote it
        raise _unreadable(str(requirement), error) from error


def _parsed(line: str) -> Requirement:
    try:
        return Requirement(line)
    except Exception as error:
        raise _unreadable(line, error) from error


def _require_resolvable(requirement: Requirement) -> None:
    """What the library takes and the installer does not. Raises PackageError: to ask an index would give no answer."""
    wrong = [
        f"the extra {name!r} does not end with a letter or digit" for name in requirement.extras if name[-1] in "-_."
    ]
    wrong += [reason for specifier in requirement.specifier if (reason := _version_problem(specifier))]
    if wrong:
        raise _unreadable(str(requirement), ValueError("; ".join(wrong)))


def _version_problem(specifier: Specifier) -> str:
    """PEP 440 lets `===` compare any text; an index is asked for versions."""
    if any(int(digits) > LARGEST_NUMBER for digits in re.findall(r"[0-9]+", specifier.version)):
        return f"a number in {specifier} is too large for a version"
    try:
        Version(specifier.version.removesuffix(".*"))
    except InvalidVersion:
        return f"{specifier.version!r} is no version"
    return ""


def _unreadable(line: str, error: Exception) -> PackageError:
    return PackageError("plugin.bad_metadata", f"the requirement {line[:200]!r} cannot be read: {str(error)[:300]}")
