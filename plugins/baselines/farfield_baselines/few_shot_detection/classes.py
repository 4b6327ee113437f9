"""Base and novel classes: which there are, and annotated images of some of them alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from farfield import AnnotatedImage, AnnotatedSet, RunContext

Ints = npt.NDArray[np.int64]


def base_classes(context: RunContext) -> tuple[int, ...]:
    """The label numbers of the classes that are not novel, in order."""
    novel = set(context.novel_classes)
    return tuple(label for label in range(context.class_count) if label not in novel)


class OfClasses(Sequence[AnnotatedImage]):
    """A set with the objects of these classes alone, whose labels are positions in `classes`.

    An image without such an object stays, as one that shows none.
    """

    def __init__(self, scenes: AnnotatedSet, classes: Sequence[int]) -> None:
        self._scenes, self._classes = scenes, np.asarray(classes, np.int64)
        self.domains: Ints = scenes.domains

    def __len__(self) -> int:
        return len(self._scenes)

    def __getitem__(self, place):  # type: ignore[no-untyped-def]  # as of a list: one, or a list of some
        if isinstance(place, slice):
            return [self[number] for number in range(*place.indices(len(self)))]
        return of_classes(self._scenes[range(len(self))[place]], self._classes)


def of_classes(scene: AnnotatedImage, classes: Ints) -> AnnotatedImage:
    """The image with the objects of these classes, int64 [C], alone; labels are positions in `classes`."""
    labels = np.asarray(scene.labels, np.int64)
    kept = np.isin(labels, classes)
    order = np.argsort(classes)
    places = order[np.searchsorted(classes, labels[kept], sorter=order)]
    return AnnotatedImage(
        image=scene.image,
        boxes=np.asarray(scene.boxes).reshape(-1, 4)[kept],
        labels=places.astype(np.int64),
        masks=None if scene.masks is None else scene.masks[kept],
        domain=scene.domain,
    )
