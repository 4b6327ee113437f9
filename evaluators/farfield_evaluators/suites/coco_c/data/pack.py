"""A pack of any detection set under 15 corruptions at 5 severities, beside the images as they are."""

import io
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from farfield.method import Images
from farfield.runtime.images import preprocess
from farfield_evaluators.data.build import build
from farfield_evaluators.data.contents import Item
from farfield_evaluators.data.encoded import clean
from farfield_evaluators.data.errors import PackError
from farfield_evaluators.data.pack import Pack
from farfield_evaluators.data.source import Lent, Source
from farfield_evaluators.metrics.corruption import MAIN, SEVERITIES
from farfield_evaluators.suites.coco_c.data.corrupting import LEAST_SIDE, corrupted, made_with, seed_of
from farfield_evaluators.suites.coco_c.sets import CLEAN, set_of

WHOLE = Images(crop="none")
BOXES = ("boxes", "box-labels")
LEVELS = tuple(range(1, SEVERITIES + 1))


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What is made of a pack: the new one's name, the set that is corrupted, and which sets are lent to learn from.

    seed: of all that is drawn. jpeg: the quality of JPEG in which corrupted images are kept, 0 for PNG, which keeps
    every pixel. processes: None corrupts in this one.
    """

    name: str
    test: str
    lent: tuple[str, ...] = ()
    seed: int = 0
    jpeg: int = 0
    processes: Executor | None = field(default=None, compare=False)

    @property
    def is_exact(self) -> bool:
        """Whether it is what publications evaluate on: no pixel changed after the corruption."""
        return self.jpeg == 0


def corrupt(pack: Pack, recipe: Recipe, packs: Path) -> Pack:
    """Make the pack. Raises PackError for a pack without boxes, a set it does not have, an image that is too small."""
    columns = {column.name for column in pack.columns}
    absent = [name for name in BOXES if name not in columns]
    if absent or pack.shape:
        raise PackError(f"pack {pack.name!r} is no detection data: it has no {', '.join(absent) or 'encoded images'}")
    if pack.name == recipe.name:
        raise PackError(f"the corrupted images make a pack of their own: {recipe.name!r} is the name of their source")
    return build(_source(pack, recipe), packs)


def _source(pack: Pack, recipe: Recipe) -> Source:
    there = [name for name in recipe.lent if len(pack.members(name))]
    kept = f"JPEG of quality {recipe.jpeg}" if recipe.jpeg else "PNG"
    return Source(
        name=recipe.name,
        title=f"{pack.title}, under 15 corruptions at 5 severities",
        licence=f"as the images: {pack.licence}",
        classes=pack.classes,
        domains=(CLEAN, *(f"severity {level}" for level in LEVELS)),
        examples=_Examples(pack, recipe),
        columns=pack.columns,
        lent=tuple(Lent(set=name, pack=pack.name, fingerprint=pack.fingerprint) for name in there),
        release=pack.release,
        official=pack.official and recipe.is_exact and recipe.seed == 0,
        notes=(
            f"the set {recipe.test!r} of {pack.name} {pack.fingerprint}",
            f"made with {made_with()}; seed {recipe.seed}; kept as {kept}",
        ),
    )


class _Examples:
    """The images of the set as they are, and then under each corruption at each severity."""

    def __init__(self, pack: Pack, recipe: Recipe) -> None:
        self._pack, self._recipe = pack, recipe
        self._positions = pack.members(recipe.test).tolist()
        if not self._positions:
            raise PackError(f"the set {recipe.test!r} of pack {pack.name!r} is empty")
        self._images = np.memmap(pack.blob, np.uint8, mode="r")
        self._spans, self._labels = pack.spans, pack.labels
        self._columns = {column.name: pack.column(column.name) for column in pack.columns}
        self._ways = [("", 0), *((name, level) for name in MAIN for level in LEVELS)]

    def __len__(self) -> int:
        return len(self._positions) * len(self._ways)

    def __getitem__(self, index: int) -> Item:
        way, place = divmod(index, len(self._positions))
        position, (corruption, severity) = self._positions[place], self._ways[way]
        start, end = self._spans[position].tolist()
        own = {name: data.of(position) for name, data in self._columns.items()}
        named = set_of(corruption, severity) if corruption else CLEAN
        return Corrupted(
            encoded=self._images[start:end].tobytes(),
            corruption=corruption,
            severity=severity,
            recipe=self._recipe,
            columns={"set": named, "label": int(self._labels[position]), "domain": severity, **own},
        )


@dataclass(frozen=True, kw_only=True)
class Corrupted:
    """An image of the source pack under a corruption, or as it is under none."""

    encoded: bytes
    corruption: str
    severity: int
    recipe: Recipe
    columns: Mapping[str, Any]

    def stored(self) -> bytes:
        if not self.corruption:
            return self.encoded
        order = (self.encoded, self.corruption, self.severity, self.recipe.seed, self.recipe.jpeg)
        return self.recipe.processes.submit(made, *order).result() if self.recipe.processes else made(*order)

    def where(self) -> str:
        return f"an image under {self.corruption or 'no corruption'} at severity {self.severity}"


def made(encoded: bytes, corruption: str, severity: int, seed: int, jpeg: int) -> bytes:
    """The corrupted image as a pack keeps it. Raises PackError for one with a side of less than 32 pixels."""
    pixels = preprocess(encoded, WHOLE)
    if min(pixels.shape[:2]) < LEAST_SIDE:
        size = f"{pixels.shape[1]} x {pixels.shape[0]}"
        raise PackError(f"an image has {size} pixels; corruptions are defined from {LEAST_SIDE} pixels a side")
    image = Image.fromarray(corrupted(pixels, corruption, severity, seed_of(encoded, corruption, severity, seed)))
    buffer = io.BytesIO()
    if jpeg:
        image.save(buffer, "JPEG", quality=jpeg)
    else:
        image.save(buffer, "PNG")
    return clean(buffer.getvalue())
