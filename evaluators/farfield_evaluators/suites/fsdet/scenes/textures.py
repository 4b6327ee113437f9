"""Grounds of scenes, drawn by chance: clouds, stripes, checks, spots and ramps, with grain, in whole numbers only.

Chance is numpy's `RandomState`, whose draws no newer numpy changes.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
Draws = np.random.RandomState
Size = tuple[int, int]  # height and width
STEPS = 256  # of a blend: 0 is one colour, STEPS the other
DARKEST, BRIGHTEST, GRAIN = 48, 216, 9


def texture(size: Size, draws: Draws) -> Pixels:
    """A ground uint8 [H, W, 3]: two colours blended by a pattern, and every pixel a little off."""
    pattern = PATTERNS[draws.randint(len(PATTERNS))]
    blend = pattern(size, draws)[..., None]
    one, other = draws.randint(DARKEST, BRIGHTEST, size=(2, 3)).astype(np.int64)
    grain = draws.randint(-GRAIN, GRAIN + 1, size=size)[..., None]
    mixed: Ints = (one * (STEPS - blend) + other * blend) // STEPS + grain
    return np.clip(mixed, 0, 255).astype(np.uint8)


def clouds(size: Size, draws: Draws) -> Ints:
    """Chance at three scales, each smooth between its points."""
    return (4 * _smooth(size, 48, draws) + 2 * _smooth(size, 20, draws) + _smooth(size, 8, draws)) // 7


def stripes(size: Size, draws: Draws) -> Ints:
    """Waves of one direction, bent by clouds."""
    rows, columns = _places(size)
    down, across = draws.randint(-8, 9), draws.randint(1, 9)
    bent = _smooth(size, 40, draws) * draws.randint(0, 3)
    return _wave(down * rows + across * columns + bent, int(draws.randint(60, 240)))


def checks(size: Size, draws: Draws) -> Ints:
    """Squares of two colours."""
    rows, columns = _places(size)
    side = draws.randint(10, 32)
    squares: Ints = (rows // side + columns // side) % 2
    return squares * int(draws.randint(100, STEPS + 1))


def spots(size: Size, draws: Draws) -> Ints:
    """Round spots on a grid, each darkest at its centre."""
    rows, columns = _places(size)
    pitch = int(draws.randint(14, 40))
    down, across = rows % pitch - pitch // 2, columns % pitch - pitch // 2
    spot: Ints = STEPS - (down * down + across * across) * 4 * STEPS // (pitch * pitch)
    return np.clip(spot, 0, STEPS)


def ramp(size: Size, draws: Draws) -> Ints:
    """From one corner or side to the other."""
    rows, columns = _places(size)
    down, across = draws.randint(0, 5), draws.randint(0, 5)
    far = max(1, int(down * (size[0] - 1) + across * (size[1] - 1)))
    blend: Ints = (down * rows + across * columns) * STEPS // far
    return blend if draws.randint(2) else STEPS - blend


PATTERNS: tuple[Callable[[Size, Draws], Ints], ...] = (clouds, stripes, checks, spots, ramp)


def _places(size: Size) -> tuple[Ints, Ints]:
    rows, columns = np.indices(size, np.int64)
    return rows, columns


def _wave(phase: Ints, period: int) -> Ints:
    """Up and down in straight lines, from 0 to STEPS and back within a period."""
    within = phase % period * 2 * STEPS // period
    return np.minimum(within, 2 * STEPS - within)


def _smooth(size: Size, pitch: int, draws: Draws) -> Ints:
    """Chance 0..STEPS at points so many pixels apart, and straight lines between them."""
    height, width = size
    points = draws.randint(0, STEPS + 1, size=(height // pitch + 2, width // pitch + 2)).astype(np.int64)
    rows, columns = _places(size)
    top, left, down, across = rows // pitch, columns // pitch, rows % pitch, columns % pitch
    upper: Ints = points[top, left] * (pitch - across) + points[top, left + 1] * across
    lower: Ints = points[top + 1, left] * (pitch - across) + points[top + 1, left + 1] * across
    between: Ints = (upper * (pitch - down) + lower * down) // (pitch * pitch)
    return between
