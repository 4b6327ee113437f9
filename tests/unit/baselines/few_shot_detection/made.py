"""Made scenes of coloured squares, one class a colour, with masks; few-shot sets of them; and settings of seconds."""

from collections.abc import Sequence

import numpy as np

from farfield import AnnotatedImage
from farfield.families.toys import Scenes

COLOURS = ((230, 40, 40), (40, 230, 40), (40, 40, 230), (230, 230, 40))
NAMES = {"class_names": ("red", "green", "blue", "yellow"), "class_synsets": ((), (), (), ()), "novel_classes": (1, 3)}
BASE, NOVEL = (0, 2), (1, 3)
SMALL = {"side": 64, "longest": 64, "base_steps": 2}
STAGES = {**SMALL, "novel_steps": 3, "joint_steps": 3, "views": 2}


def scene(classes: Sequence[int], seed: int, side: int = 64) -> AnnotatedImage:
    """One square of each class, each in a part of its own."""
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 40, (side, side, 3), dtype=np.uint8)
    boxes, masks = [], np.zeros((len(classes), side, side), bool)
    width = side // max(1, len(classes))
    for number, label in enumerate(classes):
        size = int(rng.integers(width // 2, width * 3 // 4))
        x, y = number * width + int(rng.integers(width - size)), int(rng.integers(side - size))
        image[y : y + size, x : x + size] = COLOURS[label]
        masks[number, y : y + size, x : x + size] = True
        boxes.append([x, y, x + size, y + size])
    labels = np.array(classes, np.int64)
    return AnnotatedImage(image=image, boxes=np.array(boxes, float).reshape(-1, 4), labels=labels, masks=masks)


def base_set(count: int = 8) -> Scenes:
    """Images with an object of each base class."""
    return Scenes(scene(BASE, number) for number in range(count))


def support(classes: Sequence[int] = NOVEL, shots: int = 2) -> Scenes:
    """A record for each example, as few-shot sets have them."""
    return Scenes(scene([label], 100 + number) for label in classes for number in range(shots))
