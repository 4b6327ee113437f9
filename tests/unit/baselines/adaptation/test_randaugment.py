"""Kind: a strong view that leaves the range, is no view of its image, or has a step at another strength than asked."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageEnhance, ImageOps

from farfield_baselines.networks.randaugment import CUT_COLOUR, _cut, mirrored, randaugment, steps


def picture() -> torch.Tensor:
    """A smooth picture, uint8 [3, 32, 32]."""
    rows, columns = np.mgrid[0:32, 0:32]
    return torch.from_numpy(np.stack([rows * 7, columns * 5 + 40, (rows + columns) * 3 + 20]).astype(np.uint8))


def as_image(tensor: torch.Tensor) -> Image.Image:
    return Image.fromarray(tensor.permute(1, 2, 0).numpy())


PILLOW = {
    0: lambda image, v: ImageOps.autocontrast(image),
    1: lambda image, v: ImageEnhance.Brightness(image).enhance(v),
    2: lambda image, v: ImageEnhance.Color(image).enhance(v),
    3: lambda image, v: ImageEnhance.Contrast(image).enhance(v),
    4: lambda image, v: ImageOps.equalize(image),
    5: lambda image, v: image,
    6: lambda image, v: ImageOps.posterize(image, int(v)),
    7: lambda image, v: image.rotate(v),
    8: lambda image, v: ImageEnhance.Sharpness(image).enhance(v),
    11: lambda image, v: ImageOps.solarize(image, v),
}


@pytest.mark.parametrize("number", PILLOW)
@pytest.mark.parametrize("strength", [0.1, 0.8])
def test_a_step_is_pillows_within_a_few_levels(number: int, strength: float) -> None:
    """FixMatch's and WILDS' steps are Pillow's."""
    step, low, high = steps()[number]
    value = low + strength * (high - low)
    ours = step(picture(), value).permute(1, 2, 0).numpy().astype(int)
    theirs = np.asarray(PILLOW[number](as_image(picture()), value)).astype(int)
    apart = np.abs(ours - theirs)
    assert np.median(apart) <= 2
    assert (apart <= 4).mean() > 0.9


@pytest.mark.parametrize("number", [9, 10, 12, 13])
def test_a_shear_or_a_shift_moves_and_leaves_black(number: int) -> None:
    step, _, high = steps()[number]
    moved = step(picture().clamp(min=1), high)
    assert 0.05 < float((moved == 0).all(dim=0).float().mean()) < 0.5
    assert torch.equal(step(picture(), 0.0), picture())


def test_the_cut_is_one_grey_square_and_nothing_else() -> None:
    shares = []
    for seed in range(50):
        image = torch.zeros(3, 32, 32, dtype=torch.uint8)
        cut = _cut(image, torch.Generator().manual_seed(seed))
        where = (cut == torch.tensor(CUT_COLOUR, dtype=torch.uint8).view(3, 1, 1)).all(dim=0)
        assert not cut[:, ~where].any()
        shares.append(float(where.float().mean()))
    assert max(shares) <= 17 * 17 / 32**2
    assert np.mean(shares) > 0.03


def test_a_strong_view_stays_in_range_and_differs_from_image_to_image() -> None:
    images = picture().float().div(255.0).repeat(16, 1, 1, 1)
    views = randaugment(images, torch.Generator().manual_seed(1))
    assert views.shape == images.shape
    assert float(views.min()) >= 0.0
    assert float(views.max()) <= 1.0
    assert len({view.numpy().tobytes() for view in views}) == 16


def test_a_weak_view_is_the_image_or_its_mirror() -> None:
    images = picture().float().repeat(40, 1, 1, 1)
    views = mirrored(images, torch.Generator().manual_seed(1))
    same = sum(torch.equal(view, images[0]) for view in views)
    turned = sum(torch.equal(view, images[0].flip(2)) for view in views)
    assert same + turned == 40
    assert 10 < same < 30


def test_other_channels_are_refused() -> None:
    with pytest.raises(ValueError, match="three colours; these have 8"):
        randaugment(torch.zeros(1, 8, 8, 8), torch.Generator())
