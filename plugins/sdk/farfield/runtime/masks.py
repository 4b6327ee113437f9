"""Masks of instances as run lengths: COCO's uncompressed RLE, as numpy arrays.

A mask is gone through column after column, from the top of each; its run lengths are those of zeros and ones in turn,
zeros first, of which there may be none. So every run but the first is at least 1, and together they are H * W.
"""

from collections.abc import Callable, Iterator
from functools import cached_property

import numpy as np
import numpy.typing as npt

from farfield.errors import JobError
from farfield.protocols import AnnotatedImage, Floats, Ints

Mask = npt.NDArray[np.bool_]
Runs = npt.NDArray[np.uint32]


def encode(mask: Mask) -> Runs:
    """The run lengths uint32 [R] of a mask bool [H, W].

    >>> encode(np.array([[False, True], [False, True]])).tolist(), encode(np.ones((1, 2), bool)).tolist()
    ([2, 2], [0, 2])
    """
    height, columns = mask.shape[0], np.flatnonzero(mask.any(axis=0))
    first, last = (int(columns[0]), int(columns[-1]) + 1) if len(columns) else (0, 0)
    # Only the columns from the first to the last with a one are gone through: masks are mostly small.
    part = np.zeros(height * (last - first) + 2, np.int8)
    part[1:-1] = mask[:, first:last].reshape(-1, order="F")
    turns = np.flatnonzero(np.diff(part)) + first * height
    edges = np.concatenate([[0], turns, [mask.size] if not len(turns) or turns[-1] < mask.size else []])
    runs: Runs = np.diff(edges).astype(np.uint32)
    return runs


def decode(runs: npt.NDArray[np.integer], height: int, width: int) -> Mask:
    """The mask bool [H, W] of run lengths [R]. Raises ValueError unless these are at least 0, and H * W in all."""
    pixels = height * width
    # Each by itself first: numbers whose sum overflows may be anything together.
    if (runs < 0).any() or (runs > pixels).any() or int(runs.sum(dtype=np.uint64)) != pixels:
        raise ValueError(f"run lengths of a mask of {height} x {width} pixels must be {pixels} in all")
    ones = np.arange(len(runs)) % 2 == 1
    return np.repeat(ones, runs.astype(np.int64)).reshape((height, width), order="F")


def split(runs: npt.NDArray[np.integer], counts: npt.NDArray[np.integer]) -> Iterator[npt.NDArray[np.integer]]:
    """The run lengths of each mask in turn, of all one after the other [sum of counts]; none has the mask of count 0.

    >>> [part.tolist() for part in split(np.array([1, 3, 4]), np.array([2, 0, 1]))]
    [[1, 3], [], [4]]
    """
    ends = np.cumsum(counts).tolist()
    for start, end in zip([0, *ends], ends, strict=False):
        yield runs[start:end]


class StagedMasks:
    """The run lengths of many objects: `runs` [sum of counts], one object after the other, `counts` [N] of each."""

    def __init__(self, runs: npt.NDArray[np.integer], counts: Ints) -> None:
        self._runs, self._counts = runs, counts
        self._ends = np.concatenate([[0], np.cumsum(counts)])

    def part(self, start: int, end: int) -> Callable[[int, int], Mask]:
        """What gives the masks bool [end - start, H, W] of these objects for a height and a width.

        It raises JobError for run lengths that do not fit; an object that has none gets a mask without a pixel.
        """
        return lambda height, width: self._decoded(start, end, (height, width))

    def _decoded(self, start: int, end: int, size: tuple[int, int]) -> Mask:
        runs = np.asarray(self._runs[self._ends[start] : self._ends[end]])
        masks = np.zeros((end - start, *size), bool)
        try:
            for mask, own in zip(masks, split(runs, self._counts[start:end]), strict=True):
                mask[:] = decode(own, *size) if len(own) else False
        except ValueError as error:
            raise JobError(f"staged masks do not fit their image: {error}") from error
        return masks


class WithMasks(AnnotatedImage):
    """An annotated image whose masks are decoded when they are first asked for."""

    _decoder: Callable[[int, int], Mask]

    @classmethod
    def of(
        cls,
        *,
        image: npt.NDArray[np.uint8],
        boxes: Floats,
        labels: Ints,
        domain: int,
        masks: Callable[[int, int], Mask],
    ) -> "WithMasks":
        """The image [H, W, 3] with what gives its masks for its height and width."""
        scene = cls(image=image, boxes=boxes, labels=labels, domain=domain)
        # A frozen dataclass holds the default of the field; without it the property of the class is asked.
        del scene.__dict__["masks"]
        scene.__dict__["_decoder"] = masks
        return scene

    @cached_property
    def masks(self) -> Mask | None:
        """Masks bool [N, H, W]."""
        return self._decoder(*self.image.shape[:2])
