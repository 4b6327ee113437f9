"""Pictures one by one, each with its row of index.csv."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from farfield_demo_build import artwork, draw, names, sources
from farfield_demo_build.maps import Drawing, Maps


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of index.csv."""

    path: str
    domain: str
    concept: str
    class_name: str
    split: str
    set: str
    source: str
    licence: str


def every(maps: Maps, cache: Path) -> Iterator[tuple[Row, Image.Image]]:
    """All pictures in the order of index.csv: photographs first, then style by style."""
    yield from photographs(maps)
    package = sources.unpacked(cache, *sources.NAMES)
    concepts = names.load(package)
    for style in sources.STYLES:
        yield from drawings(maps, style, artwork.open_style(style, cache), concepts)


def photographs(maps: Maps) -> Iterator[tuple[Row, Image.Image]]:
    """Cut-outs; a second picture of one concept gets a number."""
    folder = sources.debian_file(sources.STAMPS.package, "/share/tuxpaint/stamps")
    seen: Counter[str] = Counter()
    for each in maps.photographs:
        seen[each.concept] += 1
        number = f"-{seen[each.concept]}" if seen[each.concept] > 1 else ""
        row = Row(
            path=f"{sources.PHOTOGRAPHS}/{each.concept}{number}.webp",
            domain=sources.PHOTOGRAPHS,
            concept=each.concept,
            class_name=each.class_name,
            split=each.split,
            set=each.set,
            source=f"{sources.STAMPS.source}:{each.stamp}.png",
            licence=sources.STAMPS.licence,
        )
        with Image.open(folder / f"{each.stamp}.png") as image:
            yield row, draw.raster(image)


def drawings(
    maps: Maps,
    style: sources.Style,
    opened: artwork.Artwork,
    concepts: dict[str, names.Concept],
) -> Iterator[tuple[Row, Image.Image]]:
    """What one hand drew of the mapped concepts; what it never drew is left out."""
    for each in maps.drawings:
        if not each.wants(style.name) or (style.name, each.concept) in maps.left_out:
            continue
        image = opened.draw(concepts[names.key(each.hexcode)], draw.SIZE)
        if image is not None:
            yield _row(each, style), image


def _row(each: Drawing, style: sources.Style) -> Row:
    return Row(
        path=f"images/{style.name}/{each.concept}.webp",
        domain=style.name,
        concept=each.concept,
        class_name=each.class_name,
        split="test",
        set=f"shift/{style.name}" if each.set == "shift" else each.set,
        source=style.source,
        licence=style.licence,
    )
