"""What a package needs, held against the base environment."""

from collections.abc import Iterable

from packaging.requirements import InvalidRequirement, Requirement

from farfield_workers.failures import RunFailure
from farfield_workers.packages.base import Base


def needed(lines: Iterable[str], base: Base) -> list[Requirement]:
    """The requirements that hold for this interpreter, without those of extras.

    Raises RunFailure for one that cannot be read, or that names an address instead of an index's distribution.
    """
    found = [_parsed(line) for line in lines]
    here = [r for r in found if r.marker is None or r.marker.evaluate({**base.markers, "extra": ""})]
    for requirement in here:
        if requirement.url:
            raise RunFailure(
                "plugin.dependencies",
                f"the package needs {requirement.name} from an address of its own; "
                "packages come only from the indexes that this site's operator allows",
            )
    return here


def missing(requirements: Iterable[Requirement], base: Base) -> list[Requirement]:
    """Those that the base does not have.

    Raises RunFailure when the base has one in another version: it cannot be replaced, for one process has one version.
    """
    return [requirement for requirement in requirements if not _satisfied(requirement, base)]


def _satisfied(requirement: Requirement, base: Base) -> bool:
    """Extras of a distribution of the base are taken as given: the base has what its operator chose."""
    version = base.version(requirement.name)
    if version is None:
        return False
    if not requirement.specifier.contains(version, prereleases=True):
        raise RunFailure(
            "plugin.dependencies",
            f"the package needs {requirement.name}{requirement.specifier}, but this site runs methods with "
            f"{requirement.name} {version}; loosen the requirement, or submit a container",
        )
    return True


def _parsed(line: str) -> Requirement:
    try:
        return Requirement(line)
    except InvalidRequirement as error:
        raise RunFailure("plugin.bad_metadata", f"the requirement {line[:200]!r} cannot be read: {error}") from error
