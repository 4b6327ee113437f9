"""The pack: small squares of two brightnesses, drawn from fixed seeds, so that every copy has one fingerprint."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from farfield_evaluators.data.packs import ArrayExample, Pack, PackClass, Source, build

PACK = "specimen/squares"
FOLDS = ("train/a", "train/b")
SIDE, PER_SET = 16, 12
KNOWN = (*FOLDS, "test/known")
OTHERS = ("test/tinted", "test/noise")


def draw(packs: Path) -> Pack:
    """Draw the squares and build the pack, or return it when it is there."""
    source = Source(
        name=PACK,
        title="Squares of two brightnesses",
        licence="CC0",
        classes=(PackClass(name="dark"), PackClass(name="light")),
        domains=("squares",),
        examples=tuple(_examples()),
    )
    return build(source, packs)


def _examples() -> Iterator[ArrayExample]:
    for number, name in enumerate((*KNOWN, *OTHERS)):
        rng = np.random.default_rng(number)
        for index in range(PER_SET):
            label = index % 2 if name in KNOWN else -1
            png = _as_png(_pixels(rng, name, index % 2))
            yield ArrayExample(pixels=png, set=name, label=label, order=number * PER_SET + index)


def _pixels(rng: np.random.Generator, name: str, brightness: int) -> np.ndarray:
    """Known squares are grey, tinted ones red, and noise is noise."""
    level = np.array([60.0, 60.0, 60.0] if brightness == 0 else [190.0, 190.0, 190.0])
    if name == "test/tinted":
        level *= (1.2, 0.6, 0.6)
    spread = 60 if name == "test/noise" else 6
    return np.clip(rng.normal(level, spread, (SIDE, SIDE, 3)), 0, 255).astype(np.uint8)


def _as_png(pixels: np.ndarray) -> bytes:
    """Not compressed: what a compressor makes of it depends on its version, and so would the fingerprint."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=0)
    return file.getvalue()
