"""What the resolver chose: a lock file (PEP 751) read back, and which of its wheels was installed."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from packaging.tags import Tag, parse_tag
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

MOST_TAGS = 1000


@dataclass(frozen=True, kw_only=True)
class Pin:
    """One distribution in one version. wheels: file name -> hex sha256 of each wheel that may be installed."""

    name: str
    version: str
    wheels: Mapping[str, str]

    def requirement(self) -> str:
        """The line of a requirements file that admits these wheels and nothing else."""
        hashes = " ".join(f"--hash=sha256:{digest}" for digest in sorted(set(self.wheels.values())))
        return f"{self.name}=={self.version} {hashes}"


def read_lock(path: Path) -> list[Pin]:
    """The pins of a lock file, by name. Raises ValueError or KeyError for one that is not as the resolver writes it."""
    packages: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8")).get("packages", [])
    pins = [
        Pin(name=canonicalize_name(p["name"]), version=p["version"], wheels=dict(map(_wheel, p.get("wheels", []))))
        for p in packages
    ]
    return sorted(pins, key=lambda pin: pin.name)


def installed_wheel(pin: Pin, site: Path) -> str:
    """The sha256 of the wheel that was installed, told by the tags it left; "" when that does not single out one."""
    if len(set(pin.wheels.values())) == 1:
        return next(iter(pin.wheels.values()))
    tags = _installed_tags(pin, site)
    fitting = {digest for file, digest in pin.wheels.items() if _file_tags(file) == tags}
    return fitting.pop() if len(fitting) == 1 else ""


def _installed_tags(pin: Pin, site: Path) -> frozenset[Tag]:
    lines = [line for info in _infos(pin, site) for line in (info / "WHEEL").read_text("utf-8", "replace").splitlines()]
    values = (line.partition(":")[2].strip() for line in lines if line.startswith("Tag:"))
    return frozenset(tag for value in values for tag in _tags(value))


def _tags(value: str) -> frozenset[Tag]:
    """None of a text that is none, or whose parts multiply: 2 kB of them can make 1.5 GiB of tags."""
    parts = value.split("-")
    if len(parts) != 3 or prod(part.count(".") + 1 for part in parts) > MOST_TAGS:
        return frozenset()
    return parse_tag(value)


def _file_tags(file: str) -> frozenset[Tag]:
    if not _tags("-".join(file.removesuffix(".whl").split("-")[-3:])):
        return frozenset()
    try:
        return parse_wheel_filename(file)[3]
    except InvalidWheelFilename:
        return frozenset()


def _infos(pin: Pin, site: Path) -> Iterable[Path]:
    return (f for f in site.glob("*.dist-info") if canonicalize_name(f.name.partition("-")[0]) == pin.name)


def _wheel(entry: Mapping[str, Any]) -> tuple[str, str]:
    name = entry.get("name") or unquote(urlsplit(entry["url"]).path.rpartition("/")[2])
    return name, entry["hashes"]["sha256"]
