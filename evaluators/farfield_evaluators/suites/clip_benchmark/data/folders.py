"""A split in a folder for each class, `<split>/<class>/<image>`, as torchvision's ImageFolder reads it.

Classes are numbered in the order of their folders' names.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from farfield_evaluators.data.encoded import read_image
from farfield_evaluators.data.listing import entries, is_image


@dataclass(frozen=True, kw_only=True)
class ImageFile:
    """An image and the class that it shows."""

    path: Path
    classes: tuple[int, ...]

    def stored(self) -> bytes:
        """The image as a pack keeps it. Raises OSError and UnreadableImage."""
        return read_image(self.path)

    def where(self) -> str:
        return str(self.path)


def read_split(folder: Path) -> list[ImageFile]:
    """The images of a split, class after class. Raises PackError for a folder that cannot be listed."""
    return list(_images(folder))


def _images(folder: Path) -> Iterator[ImageFile]:
    classes = [entry.name for entry in entries(folder) if entry.is_folder]
    for number, name in enumerate(classes):
        for entry in entries(folder / name):
            if is_image(entry.name) and not entry.is_folder:
                yield ImageFile(path=folder / name / entry.name, classes=(number,))
