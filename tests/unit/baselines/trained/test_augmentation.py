"""Kind: an augmentation that changes what it should not, or nothing."""

import numpy as np
import pytest
import torch

from farfield_baselines.networks import satellite
from farfield_baselines.networks.pixels import standardised
from farfield_baselines.networks.robust_augmentation import augmix, cutout
from farfield_baselines.trained.augmentation import AUGMENTED, quarter_turns
from farfield_baselines.trained.config import AUGMENTATIONS


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def pixels(*shape: int) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(0).random(shape, np.float32))


def test_every_name_is_there() -> None:
    assert tuple(AUGMENTED) == AUGMENTATIONS


@pytest.mark.parametrize("name", AUGMENTED)
def test_chance_is_the_generators_alone(name: str) -> None:
    images = pixels(3, 3, 24, 24)
    first, again = (AUGMENTED[name](images, generator()) for _ in range(2))
    assert first.shape == images.shape
    assert torch.equal(first, again)
    assert torch.isfinite(first).all()
    assert torch.equal(first, images) == (name == "none")


def test_quarter_turns_give_all_eight_positions_of_a_square() -> None:
    image = pixels(1, 1, 3, 3)
    seen = {tuple(turned.flatten().tolist()) for turned in quarter_turns(image.repeat(200, 1, 1, 1), generator())}
    assert len(seen) == 8
    assert all(sorted(one) == sorted(image.flatten().tolist()) for one in seen)


def test_a_channel_is_standardised_by_itself_and_a_flat_one_is_zero() -> None:
    images = pixels(2, 3, 8, 8)
    images[1, 2] = 0.7
    made = standardised(images)
    expected = (images[0, 1] - images[0, 1].mean()) / images[0, 1].std()
    torch.testing.assert_close(made[0, 1], expected)
    assert torch.equal(made[1, 2], torch.zeros(8, 8))


def test_colours_leave_the_other_bands_and_the_normalisation_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    images = torch.randn(8, 16, 16, generator=generator())
    coloured = satellite._coloured(images, generator(1))
    assert torch.equal(coloured[3:], images[3:])
    assert not torch.allclose(coloured[:3], images[:3])
    for name in ("JITTER", "HUE"):
        monkeypatch.setattr(satellite, name, 0.0)
    torch.testing.assert_close(satellite._coloured(0.5 * images, generator(1)), 0.5 * images, rtol=1e-3, atol=1e-3)


def test_a_square_of_at_most_half_the_side_is_cut() -> None:
    images = torch.ones(50, 4, 20, 20)
    cut = torch.stack([satellite._cut(image, generator(seed)) for seed, image in enumerate(images)])
    share = (cut == 0).float().mean(dim=(1, 2, 3))
    assert 0.0 < float(share.max()) <= 0.25
    assert torch.equal(cut[:, 0], cut[:, 3])


def test_a_square_of_half_the_side_is_cut_at_the_border() -> None:
    """About the middle of an image there is the whole square, about a corner a quarter of it."""
    images = torch.rand(200, 3, 8, 8, generator=generator())
    cut = cutout(images, generator(1))
    of_mean = torch.isclose(cut, images.mean(dim=(2, 3), keepdim=True)).all(dim=1).sum(dim=(1, 2))
    assert (int(of_mean.min()), int(of_mean.max())) == (4, 16)


def test_augmix_stays_near_the_image() -> None:
    images = pixels(4, 3, 16, 16)
    mixed = augmix(images, generator())
    nearer = torch.minimum((mixed - images).abs().mean(), (mixed - images.flip(3)).abs().mean())
    assert 0.0 <= float(mixed.min()) <= float(mixed.max()) <= 1.0
    assert 0.0 < float(nearer) < 0.25


def test_too_few_bands_are_refused() -> None:
    with pytest.raises(ValueError, match="these have 1"):
        satellite.strong(pixels(1, 1, 8, 8), generator())
