"""One scene: cutouts on a ground, each with the box and the mask of what can be seen of it, to the pixel."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from farfield_evaluators.suites.fsdet.scenes.cutouts import FULL, Cutout, resized
from farfield_evaluators.suites.fsdet.scenes.textures import Draws, Pixels, Size, texture

SIZES: tuple[Size, ...] = ((144, 192), (168, 168), (192, 144))
SMALLEST, LARGEST = 36, 88  # pixels of an object's longer side
TRIES = 24  # to find a place for an object; one that finds none is left out
MOST_SHARED = 6  # a box may share so much of another: a sixth of the smaller one's area
HALF = 128  # a pixel is of an object that covers at least so much of it
Mask = npt.NDArray[np.bool_]
Corners = tuple[int, int, int, int]  # left, top, right, bottom


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """An object that a scene is to show: its class's number, and how it is drawn."""

    label: int
    cutout: Cutout


@dataclass(frozen=True, kw_only=True)
class Shown:
    """An object of a scene: its class's number, and which pixels bool [H, W] show it."""

    label: int
    mask: Mask

    @property
    def box(self) -> tuple[int, int, int, int]:
        """x, y, width and height in pixels of the least box around what is seen."""
        rows, columns = np.flatnonzero(self.mask.any(axis=1)), np.flatnonzero(self.mask.any(axis=0))
        left, top = int(columns[0]), int(rows[0])
        return left, top, int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top

    @property
    def area(self) -> int:
        """Pixels that show it."""
        return int(self.mask.sum())


@dataclass(frozen=True, kw_only=True)
class Scene:
    """An image uint8 [H, W, 3] and what it shows, the farthest object first."""

    image: Pixels
    objects: tuple[Shown, ...]


def compose(wanted: Sequence[Wanted], draws: Draws) -> Scene:
    """The scene of these objects, each where there is room for it: those that come later lie in front."""
    size = SIZES[draws.randint(len(SIZES))]
    image = texture(size, draws)
    placed: list[tuple[Corners, Shown]] = []
    for each in wanted:
        cutout = _drawn(each.cutout, draws)
        corners = _place(cutout.cover.shape, size, [known for known, _ in placed], draws)
        if corners is None:
            continue
        image = _painted(image, cutout, corners)
        mask = _mask(cutout, corners, size)
        placed = [(known, Shown(label=shown.label, mask=shown.mask & ~mask)) for known, shown in placed]
        placed.append((corners, Shown(label=each.label, mask=mask)))
    return Scene(image=image, objects=tuple(shown for _, shown in placed))


def _drawn(cutout: Cutout, draws: Draws) -> Cutout:
    """As large as chance has it, and mirrored half of the time."""
    smaller = resized(cutout, int(draws.randint(SMALLEST, LARGEST + 1)))
    return smaller.mirrored() if draws.randint(2) else smaller


def _place(shape: tuple[int, ...], size: Size, others: Sequence[Corners], draws: Draws) -> Corners | None:
    for _ in range(TRIES):
        top, left = (int(draws.randint(0, whole - part + 1)) for whole, part in zip(size, shape, strict=True))
        corners = (left, top, left + shape[1], top + shape[0])
        if all(_is_free(corners, other) for other in others):
            return corners
    return None


def _is_free(one: Corners, other: Corners) -> bool:
    """Whether both boxes share little enough for both to be seen."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return MOST_SHARED * max(0, across) * max(0, down) <= min(_area(one), _area(other))


def _area(corners: Corners) -> int:
    return (corners[2] - corners[0]) * (corners[3] - corners[1])


def _painted(image: Pixels, cutout: Cutout, corners: Corners) -> Pixels:
    left, top, right, bottom = corners
    cover = cutout.cover.astype(np.int64)[..., None]
    behind = image[top:bottom, left:right].astype(np.int64)
    painted = image.copy()
    painted[top:bottom, left:right] = (cutout.colours * cover + behind * (FULL - cover) + FULL // 2) // FULL
    return painted


def _mask(cutout: Cutout, corners: Corners, size: Size) -> Mask:
    left, top, right, bottom = corners
    mask = np.zeros(size, np.bool_)
    mask[top:bottom, left:right] = cutout.cover >= HALF
    return mask
