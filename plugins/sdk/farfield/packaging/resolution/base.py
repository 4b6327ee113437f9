"""A base environment: what submitted code finds installed on a site, as workers publish it and packages meet it."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from farfield.errors import FarfieldError
from farfield.packaging.versions import Interpreter, is_name, normal_name, normal_version

FORMAT = 1
MOST_DISTRIBUTIONS = 5000
# Markers of the machine rather than of the interpreter: a package cannot ask for a kernel, and nobody is told it.
_OF_THE_MACHINE = ("platform_release", "platform_version")
Markers = Mapping[str, str]


class BaseError(FarfieldError):
    """A published base environment that cannot be read."""

    code = "check.bad_base"


def own_markers() -> Markers:
    """The environment markers (PEP 508) of this interpreter, without those of the machine's kernel."""
    from packaging.markers import default_environment

    return {name: str(value) for name, value in default_environment().items()} | dict.fromkeys(_OF_THE_MACHINE, "")


def own_platforms() -> tuple[str, ...]:
    """The platform tags (PEP 425) that this interpreter takes, best first."""
    from packaging.tags import platform_tags

    return tuple(platform_tags())


@dataclass(frozen=True, kw_only=True)
class Base:
    """It is closed: what its distributions need is part of it.

    versions: distribution -> version. fingerprint: hex sha256 over the versions and the version of Python.
    markers: of its interpreter, for `Requires-Dist: a; python_version < "3.12"`. platforms: its platform tags.
    fetches: whether what is missing is fetched from an index.
    """

    versions: Mapping[str, str]
    fingerprint: str
    markers: Markers
    platforms: tuple[str, ...] = ()
    fetches: bool = True
    _known: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(
        cls,
        versions: Mapping[str, str],
        markers: Markers | None = None,
        platforms: tuple[str, ...] | None = None,
        fetches: bool = True,
    ) -> "Base":
        """The base with its fingerprint; of this interpreter, unless said otherwise."""
        markers = own_markers() if markers is None else markers
        return cls(
            versions=versions,
            fingerprint=fingerprint_of(versions, markers["python_full_version"]),
            markers=markers,
            platforms=own_platforms() if platforms is None else platforms,
            fetches=fetches,
            _known={normal_name(name): version for name, version in versions.items()},
        )

    def version(self, name: str) -> str | None:
        """The installed version of a distribution, whichever way its name is spelled."""
        return self._known.get(normal_name(name))

    @property
    def python(self) -> str:
        """The interpreter's version, such as 3.11.7."""
        return self.markers["python_full_version"]

    def interpreter(self) -> Interpreter:
        """What decides which wheels can be installed on it."""
        numbers = re.findall(r"\d+", self.python)[:3]
        plain = next((tag for tag in self.platforms if tag.startswith("linux_")), "")
        platform = plain or next(iter(self.platforms), Interpreter.current().platform)
        return Interpreter(version=tuple(map(int, numbers)), platform=platform)

    def published(self) -> dict[str, Any]:
        """As JSON-ready data, which `read` takes."""
        return {
            "format": FORMAT,
            "fingerprint": self.fingerprint,
            "python": self.python,
            "markers": dict(sorted(self.markers.items())),
            "platforms": list(self.platforms),
            "fetches": self.fetches,
            "distributions": {normal_name(name): version for name, version in sorted(self.versions.items())},
        }

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> "Base":
        """A published base. Raises BaseError for what is none; the values come from elsewhere."""
        problem = _problem(values)
        if problem:
            raise BaseError(f"the base environment cannot be read: {problem}")
        return cls.of(
            values["distributions"], values["markers"], tuple(values["platforms"]), bool(values.get("fetches", True))
        )


def fingerprint_of(versions: Mapping[str, str], python: str) -> str:
    """Changes with the version of any distribution or of Python, and with nothing else."""
    known = {normal_name(name): version for name, version in versions.items()}
    text = json.dumps({"python": python, "versions": known}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _problem(values: Mapping[str, Any]) -> str:
    if values.get("format") != FORMAT:
        return f"it has format {values.get('format')!r}, and this is a farfield that reads format {FORMAT}"
    markers, found = _texts(values.get("markers")), _texts(values.get("distributions"))
    if markers is None or not re.match(r"\d+\.\d+\.\d+", markers.get("python_full_version", "")):
        return "its markers are no environment of a Python"
    platforms = values.get("platforms")
    if not isinstance(platforms, list) or not all(isinstance(tag, str) and tag for tag in platforms):
        return "its platforms are no list of tags"
    if found is None or len(found) > MOST_DISTRIBUTIONS:
        return "its distributions are no object of names and versions"
    bad = [name for name, version in found.items() if not is_name(name) or normal_version(version) is None]
    return f"{bad[0][:100]!r} is no distribution with a version" if bad else ""


def _texts(value: object) -> dict[str, str] | None:
    if isinstance(value, dict) and all(isinstance(text, str) and len(text) <= 200 for text in value.values()):
        return value
    return None
