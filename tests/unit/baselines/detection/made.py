"""Made scenes: bright squares on dark ground, of two sizes, in domains of different colours."""

from collections.abc import Sequence

import numpy as np

from farfield import AnnotatedImage
from farfield.families.toys import Scenes

GROUNDS = ((20, 20, 60), (60, 20, 20), (20, 60, 20))
SMALL = {"side": 96, "longest": 96, "epochs": 1}
NAMES = {"class_names": ("small", "large"), "class_synsets": ((), ()), "domain_names": ("a", "b", "c")}


def scenes(count: int, domains: Sequence[int] = (0,), seed: int = 0, side: int = 96) -> Scenes:
    """Images of side x side pixels with two squares each, of class 0 where they are small and of class 1 else."""
    rng = np.random.default_rng(seed)
    return Scenes(scene(rng, domains[number % len(domains)], side) for number in range(count))


def scene(rng: np.random.Generator, domain: int, side: int) -> AnnotatedImage:
    image = np.tile(np.array(GROUNDS[domain], np.uint8), (side, side, 1))
    image += rng.integers(0, 20, image.shape, dtype=np.uint8)
    boxes = []
    for half, size in enumerate((side // 6, side // 3)):
        x, y = half * side // 2 + rng.integers(0, side // 2 - size), rng.integers(0, side - size)
        image[y : y + size, x : x + size] = 230
        boxes.append([x, y, x + size, y + size])
    return AnnotatedImage(image=image, boxes=np.array(boxes, float), labels=np.array([0, 1]), domain=domain)
