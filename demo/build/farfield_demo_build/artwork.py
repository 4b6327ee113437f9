"""Finds the drawing of a concept in one style: each layout of package is one class."""

import json
from pathlib import Path
from typing import Any, Protocol

from PIL import Image, ImageFont

from farfield_demo_build import draw, sources
from farfield_demo_build.names import Concept, key


class Artwork(Protocol):
    """A style's drawings, opened."""

    def draw(self, concept: Concept, size: int) -> Image.Image | None:
        """The concept on white, or None where this hand never drew it."""


class Files:
    """One file per concept, named by its code points."""

    def __init__(self, folder: Path, suffix: str) -> None:
        self._paths = {key(path.stem): path for path in sorted(folder.glob(f"*{suffix}"))}

    def draw(self, concept: Concept, size: int) -> Image.Image | None:
        """See Artwork."""
        path = self._paths.get(concept.key)
        if path is None:
            return None
        if path.suffix == ".svg":
            return draw.svg(path.read_text(), size)
        with Image.open(path) as image:
            return draw.raster(image, size)


class Iconify:
    """All drawings in one JSON file; older sets have no code points, only names."""

    def __init__(self, package: Path) -> None:
        self._icons: dict[str, Any] = json.loads((package / "icons.json").read_text())
        chars: dict[str, str] = json.loads((package / "chars.json").read_text())
        self._names = {key(code): name for code, name in chars.items()}

    def draw(self, concept: Concept, size: int) -> Image.Image | None:
        """See Artwork."""
        found = self._find(self._names.get(concept.key, concept.name))
        if found is None:
            return None
        image = draw.svg(self._wrap(found), size)
        return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if found.get("hFlip") else image

    def _find(self, name: str) -> dict[str, Any] | None:
        """The icon under a name, followed through aliases, keeping an alias's mirroring."""
        if name in self._icons["icons"]:
            return dict(self._icons["icons"][name])
        alias = self._icons.get("aliases", {}).get(name)
        if alias is None:
            return None
        parent = self._find(alias["parent"])
        return None if parent is None else parent | alias

    def _wrap(self, icon: dict[str, Any]) -> str:
        width = icon.get("width", self._icons.get("width", 16))
        height = icon.get("height", self._icons.get("height", 16))
        box = f"{icon.get('left', 0)} {icon.get('top', 0)} {width} {height}"
        head = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
        return f'{head} viewBox="{box}" width="{width}" height="{height}">{icon["body"]}</svg>'


class Font:
    """Single glyphs of a font, in black."""

    def __init__(self, path: Path) -> None:
        self._font = ImageFont.truetype(str(path), 256, layout_engine=ImageFont.Layout.BASIC)
        self._missing = bytes(self._font.getmask("\U0010fffe"))

    def draw(self, concept: Concept, size: int) -> Image.Image | None:
        """See Artwork; a sequence of code points is not one glyph, so it is absent."""
        if "-" in concept.key:
            return None
        mask = self._font.getmask(chr(int(concept.key, 16)))
        if not mask.size[0] or bytes(mask) == self._missing:
            return None
        alpha = Image.frombytes("L", mask.size, bytes(mask))
        ink = Image.new("RGBA", mask.size, (0, 0, 0, 0))
        ink.putalpha(alpha)
        return draw.raster(ink, size)


def open_style(style: sources.Style, cache: Path) -> Artwork:
    """Opens a style's package, fetching it where needed."""
    if style.layout == "font":
        return Font(sources.debian_file(style.package, "Symbola_hint.ttf"))
    package = sources.unpacked(cache, style.package, style.version)
    if style.layout == "iconify":
        return Iconify(package)
    return Files(package / style.folder, ".webp" if style.layout == "webp" else ".svg")
