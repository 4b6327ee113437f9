"""Features of the frozen trunk, computed once: training then costs minutes, not hours."""

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import torch
from farfield_demo_build import artwork, names, sources
from PIL import Image

SIZE = 128
VIEWS = 3


@dataclass(frozen=True, kw_only=True)
class Features:
    """One row per view: which concept, in which style."""

    values: torch.Tensor
    concepts: list[int]
    styles: list[str]


def views(image: Image.Image, seed: random.Random) -> list[Image.Image]:
    """As drawn, mirrored, and smaller somewhere on white: photographs fill less of the square."""
    mirrored = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    side = seed.randint(SIZE // 2, SIZE * 7 // 8)
    canvas = Image.new("RGB", (SIZE, SIZE), "white")
    small = (image if seed.random() < 0.5 else mirrored).resize((side, side), Image.Resampling.BICUBIC)
    canvas.paste(small, (seed.randint(0, SIZE - side), seed.randint(0, SIZE - side)))
    return [image, mirrored, canvas]


def drawings(
    concepts: list[names.Concept], styles: Iterable[str], cache: Path
) -> Iterator[tuple[int, str, Image.Image]]:
    """Every view of every drawing, as (concept, style, image)."""
    for style in (each for each in sources.STYLES if each.name in set(styles)):
        opened = artwork.open_style(style, cache)
        for number, concept in enumerate(concepts):
            image = opened.draw(concept, SIZE)
            seed = random.Random(f"{style.name} {concept.key}")  # noqa: S311 - repeatable, not secret
            for view in views(image, seed) if image else ():
                yield number, style.name, view


@torch.inference_mode()
def extract(
    pictures: Iterator[tuple[int, str, Image.Image]],
    trunk: torch.nn.Module,
    preprocess: Callable[[Image.Image], torch.Tensor],
    batch: int = 64,
) -> Features:
    """Runs the trunk over all pictures."""
    values, concepts, styles = [], [], []
    while chunk := list(islice(pictures, batch)):
        pixels = torch.stack([preprocess(image) for _, _, image in chunk])
        values.append(trunk(pixels.contiguous(memory_format=torch.channels_last)))
        concepts += [number for number, _, _ in chunk]
        styles += [style for _, style, _ in chunk]
    return Features(values=torch.cat(values), concepts=concepts, styles=styles)
