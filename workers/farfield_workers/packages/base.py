"""The operator's base environment, as packages are built against it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from packaging.markers import default_environment
from packaging.utils import canonicalize_name

Markers = Mapping[str, str]


def own_markers() -> Markers:
    """The environment markers (PEP 508) of the worker's interpreter."""
    return {name: str(value) for name, value in default_environment().items()}


@dataclass(frozen=True, kw_only=True)
class Base:
    """What submitted code finds installed. It is closed: what its distributions need is part of it.

    python: the interpreter, as the worker knows it. versions: distribution -> version.
    fingerprint: hex sha256 over the versions and the version of Python. markers: of that interpreter, for
        `Requires-Dist: a; python_version < "3.12"`.
    """

    python: Path
    versions: Mapping[str, str]
    fingerprint: str
    markers: Markers = field(default_factory=own_markers)

    @classmethod
    def of(cls, python: Path, versions: Mapping[str, str], markers: Markers | None = None) -> "Base":
        """The base with its fingerprint."""
        markers = own_markers() if markers is None else markers
        fingerprint = fingerprint_of(versions, markers["python_full_version"])
        return cls(python=python, versions=versions, fingerprint=fingerprint, markers=markers)

    def version(self, name: str) -> str | None:
        """The installed version of a distribution, whichever way its name is spelled."""
        return {canonicalize_name(known): version for known, version in self.versions.items()}.get(
            canonicalize_name(name)
        )


def fingerprint_of(versions: Mapping[str, str], python: str) -> str:
    """Changes with the version of any distribution or of Python, and with nothing else."""
    known = {canonicalize_name(name): version for name, version in versions.items()}
    text = json.dumps({"python": python, "versions": known}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
