"""JPEG files of ImageNet's typical size, laid out as torchvision's ImageFolder reads them."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

WIDTH, HEIGHT, QUALITY = 500, 375, 90
SHAPES, NOISE = 40, 8.0
CLASSES = ("circle", "ellipse", "noise", "pattern")


def make(folder: Path, count: int) -> list[Path]:
    """So many files in `folder`/<class>/, the classes in turn; in the order in which a reader lists them."""
    for name in CLASSES:
        (folder / name).mkdir(parents=True)
    for number in range(count):
        path = folder / CLASSES[number % len(CLASSES)] / f"{number:06}.jpg"
        _picture(number).save(path, "JPEG", quality=QUALITY)
    return sorted(folder.glob("*/*.jpg"))


def _picture(seed: int) -> Image.Image:
    """A soft ground, shapes and a camera's noise: about 65 KB, as ImageNet's median file has 100."""
    rng = np.random.default_rng(seed)
    ground = Image.fromarray(rng.integers(0, 256, (8, 11, 3), dtype=np.uint8)).resize((WIDTH, HEIGHT))
    draw = ImageDraw.Draw(ground)
    for _ in range(SHAPES):
        x, y, radius = (int(rng.integers(0, most)) for most in (WIDTH, HEIGHT, 60))
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=tuple(rng.integers(0, 256, 3).tolist()))
    noisy = np.asarray(ground) + rng.normal(0, NOISE, (HEIGHT, WIDTH, 3))
    return Image.fromarray(noisy.clip(0, 255).astype(np.uint8))
