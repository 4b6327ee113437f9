"""DomainBed's augmentation on a batch, against torchvision and the standard library."""

import colorsys
from typing import Any

import numpy as np
import pytest
import torch
from torchvision.transforms import functional as reference  # type: ignore[import-untyped]

from farfield_baselines.networks import augmentation


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def images(rng: np.random.Generator) -> torch.Tensor:
    return torch.from_numpy(rng.random((8, 3, 24, 24), np.float32))


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_the_shape_and_the_range_stay(rng: np.random.Generator, channels: int) -> None:
    images = torch.from_numpy(rng.random((5, channels, 20, 28), np.float32))
    found = augmentation.augment(images, generator())
    assert found.shape == images.shape
    assert float(found.min()) >= 0.0
    assert float(found.max()) <= 1.0


def test_all_chance_comes_from_the_generator(images: torch.Tensor) -> None:
    torch.manual_seed(1)
    first = augmentation.augment(images, generator(3))
    torch.manual_seed(2)
    assert torch.equal(augmentation.augment(images, generator(3)), first)
    assert not torch.equal(augmentation.augment(images, generator(4)), first)


def test_images_of_a_batch_are_changed_each_in_its_own_way(images: torch.Tensor) -> None:
    found = augmentation.augment(images[:1].repeat(6, 1, 1, 1), generator())
    assert all((found[0] - other).abs().max() > 1e-3 for other in found[1:])


def test_half_are_mirrored_and_crops_keep_most_of_the_area() -> None:
    ramp = torch.linspace(0, 1, 64)
    columns, rows = ramp.view(1, 1, 1, 64).expand(600, 1, 64, 64), ramp.view(1, 1, 64, 1).expand(600, 1, 64, 64)
    found = augmentation.crop_and_mirror(torch.cat([columns, rows], dim=1), generator())
    slopes = found[:, 0, 32, -1] - found[:, 0, 32, 0]
    assert 0.42 < float((slopes < 0).float().mean()) < 0.58
    heights = found[:, 1, -1, 32] - found[:, 1, 0, 32]
    assert (heights > 0).all()
    area = slopes.abs() * heights
    assert 0.60 < float(area.min()) < 0.75
    assert 0.95 < float(area.max()) <= 1.01
    assert 0.8 < float(area.mean()) < 0.9


@pytest.mark.parametrize("turn", [-0.3, -0.1, 0.0, 0.2, 0.3])
def test_hue_turns_as_in_the_standard_library(images: torch.Tensor, turn: float) -> None:
    found = augmentation.turn_hue(images[:1], torch.full((1, 1, 1, 1), turn))
    expected = np.empty((3, 24, 24))
    for row, column in np.ndindex(24, 24):
        hue, saturation, value = colorsys.rgb_to_hsv(*images[0, :, row, column].tolist())
        expected[:, row, column] = colorsys.hsv_to_rgb((hue + turn) % 1.0, saturation, value)
    np.testing.assert_allclose(found[0].numpy(), expected, atol=1e-4)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (augmentation._brightness, reference.adjust_brightness),
        (augmentation._contrast, reference.adjust_contrast),
        (augmentation._saturation, reference.adjust_saturation),
    ],
)
def test_the_jitter_is_torchvisions(images: torch.Tensor, ours: Any, theirs: Any) -> None:
    for factor in (0.7, 1.0, 1.3):
        found = ours(images[:1], torch.full((1, 1, 1, 1), factor)).clamp(0, 1)
        torch.testing.assert_close(found[0], theirs(images[0], factor), rtol=1e-3, atol=1e-3)


def test_about_a_tenth_turn_grey(rng: np.random.Generator) -> None:
    images = torch.from_numpy(rng.random((600, 3, 4, 4), np.float32))
    found = augmentation.recolour(images, generator())
    colourless = (found.amax(1) - found.amin(1)).amax((1, 2)) < 1e-6
    assert 0.06 < float(colourless.float().mean()) < 0.14
