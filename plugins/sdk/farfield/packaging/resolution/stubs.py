"""The base environment as a package index of empty wheels.

The resolver finds each distribution of the base there, in exactly the version that is installed, and nowhere else:
so it chooses other packages to fit, says which versions clash, and never asks a network for what only this site has
(the SDK itself, or a build of torch with a local version).
"""

import zipfile
from collections.abc import Iterator
from html import escape
from pathlib import Path

from packaging.utils import canonicalize_name

from farfield.packaging.resolution.base import Base

_WHEEL = "Wheel-Version: 1.0\nGenerator: farfield\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def write_stubs(base: Base, folder: Path) -> None:
    """Write the index (PEP 503, as files) into `folder`."""
    for name, version in base.versions.items():
        place = folder / canonicalize_name(name)
        place.mkdir(parents=True)
        file = _write_wheel(place, canonicalize_name(name).replace("-", "_"), version)
        (place / "index.html").write_text(f'<!DOCTYPE html><a href="{escape(file)}">{escape(file)}</a>\n')


def _write_wheel(folder: Path, name: str, version: str) -> str:
    file = f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(folder / file, "w") as opened:
        for member, text in _members(name, version):
            opened.writestr(zipfile.ZipInfo(member), text)
    return file


def _members(name: str, version: str) -> Iterator[tuple[str, str]]:
    info = f"{name}-{version}.dist-info"
    yield f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    yield f"{info}/WHEEL", _WHEEL
    yield f"{info}/RECORD", f"{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n"
