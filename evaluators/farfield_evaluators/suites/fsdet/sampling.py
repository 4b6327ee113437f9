"""Shots drawn by the rules of FsDet's `prepare_coco_few_shot`, of any data set in COCO's format.

Wang et al., Frustratingly Simple Few-Shot Object Detection, ICML 2020. One generator for a seed; classes in ascending
id; of each class the numbers of shots from the smallest, each going on with what is taken already, so that they are
nested. For k shots, k images of the class are drawn at a time. Of these, in the order drawn, an image is taken with all
its objects of the class, unless it is taken already or k would be exceeded. Crowds do not count.
"""

import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from farfield.errors import FarfieldError

Images = Mapping[int, Sequence[int]]
"""Of one class: annotations by image, both in the order of the file's annotations."""


class SamplingError(FarfieldError):
    """A class of which so many shots cannot be drawn; where FsDet's script would go on for ever or fail."""

    code = "data.shots"


@dataclass(frozen=True, kw_only=True)
class Draw:
    """The shots of one class: annotations and images, in the order in which they were taken."""

    shots: int
    annotations: tuple[int, ...]
    images: tuple[int, ...]


@dataclass(kw_only=True)
class _Taken:
    annotations: list[int] = field(default_factory=list)
    images: dict[int, None] = field(default_factory=dict)

    def fits(self, image: int, own: Collection[int], shots: int) -> bool:
        return image not in self.images and len(self.annotations) + len(own) <= shots

    def take(self, image: int, own: Collection[int]) -> None:
        self.annotations.extend(own)
        self.images[image] = None


def draw(classes: Mapping[int, Images], shots: Sequence[int], seed: int) -> Iterator[tuple[int, Draw]]:
    """The draws of every class for each number of shots: classes by id, each with its images.

    Raises SamplingError, with the class and k, where there are too few images or none that fits is left.
    """
    generator = random.Random(seed)  # noqa: S311 - the draws of FsDet's script
    for key in sorted(classes):
        taken = _Taken()
        for number in sorted(shots):
            _fill(taken, classes[key], number, generator, f"class {key}, {number} shots, seed {seed}")
            yield key, Draw(shots=number, annotations=tuple(taken.annotations), images=tuple(taken.images))


def _fill(taken: _Taken, images: Images, shots: int, generator: random.Random, where: str) -> None:
    """Take images until there are as many annotations as shots."""
    if len(images) < shots:
        raise SamplingError(
            f"{where}: {len(images)} images have objects of the class; as many as shots are drawn at once"
        )
    places = list(images)
    while True:
        if not any(taken.fits(image, own, shots) for image, own in images.items()):
            raise SamplingError(_stuck(taken, images, shots, where))
        for image in generator.sample(places, shots):
            if taken.fits(image, images[image], shots):
                taken.take(image, images[image])
            if len(taken.annotations) == shots:
                return


def _stuck(taken: _Taken, images: Images, shots: int, where: str) -> str:
    left = shots - len(taken.annotations)
    least = min((len(own) for image, own in images.items() if image not in taken.images), default=0)
    have = f"every other image has {least} or more" if least else "there is no other image"
    return f"{where}: {len(taken.annotations)} are taken, and no image fits the {left} that are missing: {have}"
