"""Cutting out and making smaller, against slow and simple ways to do the same."""

import doctest
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image
from scipy import ndimage

from farfield_evaluators.suites.fsdet.scenes import cutouts
from farfield_evaluators.suites.fsdet.scenes.cutouts import Cutout, cut_out, ground, resized

SIDES = st.integers(1, 7)


def area_means(values: np.ndarray, weights: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Weighted means over the areas of new pixels, by fractions; rounded half up, 0 where nothing weighs."""
    means = np.zeros(shape, np.int64)
    scale = [Fraction(old, new) for old, new in zip(values.shape, shape, strict=True)]
    for i, j in np.ndindex(*shape):
        total = weight = Fraction(0)
        for y, x in np.ndindex(*values.shape):
            down = min(Fraction(y + 1), (i + 1) * scale[0]) - max(Fraction(y), i * scale[0])
            across = min(Fraction(x + 1), (j + 1) * scale[1]) - max(Fraction(x), j * scale[1])
            share = max(down, Fraction(0)) * max(across, Fraction(0)) * int(weights[y, x])
            total, weight = total + share * int(values[y, x]), weight + share
        means[i, j] = int(total / weight + Fraction(1, 2)) if weight else 0
    return means


@settings(max_examples=30)
@given(st.tuples(SIDES, SIDES).flatmap(lambda s: arrays(np.uint8, (*s, 2))), st.integers(1, 7))
def test_a_new_pixel_is_the_mean_over_its_area(values: np.ndarray, longest: int) -> None:
    colour, cover = values[..., 0], values[..., 1]
    small = resized(Cutout(colours=np.repeat(colour[..., None], 3, axis=2), cover=cover), longest)
    shape = small.cover.shape
    assert (small.cover == area_means(cover, np.ones_like(cover), shape)).all()
    covered = area_means(np.ones_like(cover), cover, shape) > 0
    assert (small.colours[..., 1][covered] == area_means(colour, cover, shape)[covered]).all()


def test_whole_factors_are_what_pillow_gives() -> None:
    """Pillow rounds as these functions do where four pixels become one; its other filters differ by version."""
    pixels = np.random.RandomState(3).randint(0, 256, (12, 20, 3)).astype(np.uint8)
    small = resized(Cutout(colours=pixels, cover=np.full((12, 20), 255, np.uint8)), 10)
    assert np.abs(small.colours.astype(int) - np.asarray(Image.fromarray(pixels).reduce(2)).astype(int)).max() <= 1
    assert (small.cover == 255).all()


@given(arrays(np.bool_, st.tuples(SIDES, SIDES)))
def test_the_ground_is_the_white_that_reaches_the_border(white: np.ndarray) -> None:
    parts, _ = ndimage.label(white)
    edge = np.unique(np.concatenate([parts[0], parts[-1], parts[:, 0], parts[:, -1]]))
    assert (ground(white) == np.isin(parts, edge[edge > 0])).all()


def test_white_within_an_outline_is_of_the_drawing() -> None:
    drawing = np.full((9, 9, 3), 255, np.uint8)
    drawing[2:7, 3:8] = 0
    drawing[3:6, 4:7] = 255
    found = cut_out(drawing)
    assert found.cover.shape == (5, 5)
    assert (found.cover == 255).all()
    assert (found.mirrored().mirrored().colours == drawing[2:7, 3:8]).all()


def test_what_cannot_be() -> None:
    with pytest.raises(ValueError, match="nothing but white"):
        cut_out(np.full((3, 3, 3), 255, np.uint8))
    with pytest.raises(ValueError, match="at least 1 pixel"):
        resized(Cutout(colours=np.zeros((2, 2, 3), np.uint8), cover=np.zeros((2, 2), np.uint8)), 0)


def test_the_examples_in_the_docstrings() -> None:
    assert doctest.testmod(cutouts).failed == 0
