"""The packages the images come from, and how each one is opened."""

import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

PHOTOGRAPHS = "photographs"


@dataclass(frozen=True, kw_only=True)
class Style:
    """One hand that drew the concepts, and the terms its drawings come under."""

    name: str
    package: str
    version: str
    licence: str
    layout: str
    folder: str = ""

    @property
    def source(self) -> str:
        """Package and version, as written in index.csv."""
        return f"{self.package}@{self.version}"


def _iconify(name: str, package: str, version: str, licence: str) -> Style:
    package = f"@iconify-json/{package}"
    return Style(name=name, package=package, version=version, licence=licence, layout="iconify")


def _openmoji(name: str, folder: str) -> Style:
    return Style(
        name=name,
        package="openmoji",
        version="17.0.0",
        licence="CC-BY-SA-4.0",
        layout="svg-upper",
        folder=folder,
    )


STYLES: tuple[Style, ...] = (
    _iconify("emojione-v1", "emojione-v1", "1.2.3", "CC-BY-SA-4.0"),
    Style(
        name="fluent-3d",
        package="@lobehub/fluent-emoji-3d",
        version="1.1.0",
        licence="MIT",
        layout="webp",
        folder="assets",
    ),
    _iconify("fluent-contrast", "fluent-emoji-high-contrast", "1.2.6", "MIT"),
    _iconify("fluent-flat", "fluent-emoji-flat", "1.2.6", "MIT"),
    _iconify("noto", "noto", "1.2.9", "Apache-2.0"),
    _iconify("noto-blob", "noto-v1", "1.2.5", "Apache-2.0"),
    _openmoji("openmoji", "color/svg"),
    _openmoji("openmoji-outline", "black/svg"),
    Style(
        name="symbola",
        package="fonts-symbola",
        version="2.60",
        licence="LicenseRef-Symbola",
        layout="font",
    ),
    Style(
        name="twemoji",
        package="@twemoji/svg",
        version="15.0.0",
        licence="CC-BY-4.0",
        layout="svg",
    ),
)
STAMPS = Style(
    name=PHOTOGRAPHS,
    package="tuxpaint-stamps-default",
    version="2022.06.04",
    licence="GPL-2.0-only",
    layout="stamps",
)
NAMES = ("emojibase-data", "17.0.0")


def tarball(cache: Path, package: str, version: str) -> Path:
    """The package's tarball in the cache, fetched with `npm pack` where absent."""
    path = cache / f"{package.removeprefix('@').replace('/', '-')}-{version}.tgz"
    if not path.exists():
        command = ["npm", "pack", "--silent", "--pack-destination", str(cache)]
        subprocess.run([*command, f"{package}@{version}"], check=True, capture_output=True)
    return path


def unpacked(cache: Path, package: str, version: str) -> Path:
    """The folder of an unpacked npm package."""
    archive = tarball(cache, package, version)
    folder = cache / "unpacked" / archive.stem
    if not folder.exists():
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
    tops = [path for path in folder.iterdir() if path.is_dir()]
    if len(tops) != 1:
        raise ValueError(f"{archive.name} should hold one top folder, not {len(tops)}")
    return tops[0]


def debian_file(package: str, suffix: str) -> Path:
    """The one file of an installed Debian package whose path ends in `suffix`."""
    command = [shutil.which("dpkg") or "dpkg", "-L", package]
    listing = subprocess.run(command, check=True, capture_output=True, text=True)
    found = [line for line in listing.stdout.splitlines() if line.endswith(suffix)]
    if len(found) != 1:
        raise FileNotFoundError(f"{package}: {len(found)} paths end in {suffix!r}, one expected")
    return Path(found[0])
