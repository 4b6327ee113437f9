"""Drawings cut out of their white ground, and made smaller, in whole numbers only.

Every library resizes in its own way, and a newer one in another; these functions give the same bytes wherever they run.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
NEARLY_WHITE = 244  # a pixel of the ground has no channel below
FULL = 255  # of a cover: nothing shines through


@dataclass(frozen=True, kw_only=True)
class Cutout:
    """A drawing without its ground: colours uint8 [H, W, 3], and how much of each pixel it covers, uint8 [H, W]."""

    colours: Pixels
    cover: Pixels

    def mirrored(self) -> "Cutout":
        """Left is right."""
        return Cutout(colours=self.colours[:, ::-1], cover=self.cover[:, ::-1])


def cut_out(drawing: Pixels) -> Cutout:
    """What of a drawing [H, W, 3] on white is not the ground, without empty rows and columns around it.

    The ground is what is nearly white and reaches the border; what is white within an outline is of the drawing.
    Raises ValueError for a drawing that is all ground.
    """
    solid: Bools = ~ground(drawing.min(axis=2) >= NEARLY_WHITE)
    if not solid.any():
        raise ValueError("there is nothing but white in the drawing")
    top, bottom = _extent(solid, axis=1)
    left, right = _extent(solid, axis=0)
    cover = np.where(solid, FULL, 0).astype(np.uint8)
    return Cutout(colours=drawing[top:bottom, left:right], cover=cover[top:bottom, left:right])


def ground(white: Bools) -> Bools:
    """Of white pixels [H, W] those that others connect with the border, over edges and not over corners."""
    reached = white.copy()
    reached[1:-1, 1:-1] = False
    while True:
        spread = _along_rows(_along_rows(reached, white).T, white.T).T
        if (spread == reached).all():
            return reached
        reached = spread


def _along_rows(reached: Bools, white: Bools) -> Bools:
    """All of each run of white pixels in a row of which one is reached."""
    breaks = np.ones_like(white)
    breaks[:, 1:] = white[:, 1:] != white[:, :-1]
    runs = np.cumsum(breaks).reshape(white.shape) - 1
    hit: Bools = np.bincount(runs[reached], minlength=int(runs[-1, -1]) + 1).astype(bool)
    touched: Bools = hit[runs] & white
    return touched


def _extent(filled: Bools, *, axis: int) -> tuple[int, int]:
    """From which place on the other axis, and to which, something is filled."""
    places = np.flatnonzero(filled.any(axis=axis))
    return int(places[0]), int(places[-1]) + 1


def resized(cutout: Cutout, longest: int) -> Cutout:
    """With so many pixels on its longer side: every new pixel is the mean over the area that it takes of the old ones.

    A colour counts as much as it covers. Raises ValueError for no whole number from 1 on.
    """
    if longest < 1:
        raise ValueError(f"a side has at least 1 pixel, not {longest}")
    height, width = cutout.cover.shape
    most = max(height, width)
    shape = (max(1, height * longest // most), max(1, width * longest // most))
    cover = cutout.cover.astype(np.int64)
    weighted = _areas(cutout.colours * cover[..., None], shape)
    covered = _areas(cover[..., None], shape)
    whole = height * width
    return Cutout(
        colours=((weighted + covered // 2) // np.maximum(covered, 1)).astype(np.uint8),
        cover=((covered[..., 0] + whole // 2) // whole).astype(np.uint8),
    )


def _areas(values: Ints, shape: tuple[int, int]) -> Ints:
    """Sums [h, w, C] over the areas of new pixels, of values [H, W, C]; an old pixel counts h w where it is whole."""
    return _sums(_sums(values, shape[0]).swapaxes(0, 1), shape[1]).swapaxes(0, 1)


def _sums(values: Ints, new: int) -> Ints:
    """Sums over `new` equal parts of the first axis of values [old, ...], each value counting `new` where it is whole.

    >>> _sums(np.array([1, 10, 100]), 2).tolist()
    [12, 210]
    """
    zero = np.zeros_like(values[:1])
    before = np.concatenate([zero, np.cumsum(values, axis=0)])
    whole, part = np.divmod(np.arange(new + 1) * len(values), new)
    part = part.reshape(-1, *(1 for _ in values.shape[1:]))
    upto: Ints = before[whole] * new + np.concatenate([values, zero])[whole] * part
    return np.diff(upto, axis=0)
