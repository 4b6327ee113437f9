"""RandAugment as WILDS has it: two steps of FixMatch's pool, each of a random strength, then a grey square.

Cubuk et al. 2020 (arXiv 1909.13719); the pool is that of Sohn et al. 2020 (arXiv 2001.07685, appendix D), with the
ranges of WILDS 2.0 (Sagawa et al. 2022, arXiv 2112.05090). All chance comes from the generator.
"""

import math
from collections.abc import Callable
from typing import Any

import torch

from farfield_baselines.networks.satellite import uniform

STEPS = 2
LARGEST_CUT = 0.5  # of the width
CUT_COLOUR = (125, 123, 114)
Step = Callable[[torch.Tensor, float], Any]


def mirrored(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Images [B, C, H, W], each mirrored half of the time: WILDS' weak view, whose crop leaves a square as it is."""
    chosen = (torch.rand(len(images), generator=generator) < 0.5).to(images.device).view(-1, 1, 1, 1)
    return torch.where(chosen, images.flip(3), images)


def randaugment(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Colour images [B, 3, H, W] in 0..1 -> the same, mirrored or not, changed twice and cut: WILDS' strong view.

    Raises ValueError for images of other channels.
    """
    if images.shape[1] != len(CUT_COLOUR):
        raise ValueError(f"RandAugment is for images of three colours; these have {images.shape[1]} channels")
    eights = mirrored(images, generator).mul(255.0).round().clamp(0.0, 255.0).to(torch.uint8)
    return torch.stack([_changed(image, generator) for image in eights]).to(images.dtype).div(255.0)


def _changed(image: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    pool = steps()
    for number in torch.randint(0, len(pool), (STEPS,), generator=generator).tolist():
        step, low, high = pool[number]
        image = step(image, uniform(low, high, generator))
    return _cut(image, generator)


def steps() -> tuple[tuple[Step, float, float], ...]:
    """The pool: each step of an image uint8 [3, H, W] and of a strength, with the range of the strength."""
    from torchvision.transforms import functional  # type: ignore[import-untyped]

    return (
        (lambda image, _: functional.autocontrast(image), 0.0, 1.0),
        (functional.adjust_brightness, 0.05, 0.95),
        (functional.adjust_saturation, 0.05, 0.95),
        (functional.adjust_contrast, 0.05, 0.95),
        (lambda image, _: functional.equalize(image), 0.0, 1.0),
        (lambda image, _: image, 0.0, 1.0),
        (lambda image, bits: functional.posterize(image, int(bits)), 4.0, 8.0),
        (lambda image, degrees: _affine(image, angle=-degrees), -30.0, 30.0),
        (functional.adjust_sharpness, 0.05, 0.95),
        (lambda image, slope: _affine(image, shear=[_degrees(slope), 0.0]), -0.3, 0.3),
        (lambda image, slope: _affine(image, shear=[0.0, _degrees(slope)]), -0.3, 0.3),
        (functional.solarize, 0.0, 256.0),
        (lambda image, share: _affine(image, translate=[round(share * image.shape[2]), 0]), -0.3, 0.3),
        (lambda image, share: _affine(image, translate=[0, round(share * image.shape[1])]), -0.3, 0.3),
    )


def _degrees(slope: float) -> float:
    return math.degrees(math.atan(slope))


def _affine(image: torch.Tensor, **moved: Any) -> Any:
    """The image turned, sheared or shifted; what comes in is black."""
    from torchvision.transforms import functional

    return functional.affine(image, **{"angle": 0.0, "translate": [0, 0], "scale": 1.0, "shear": [0.0, 0.0], **moved})


def _cut(image: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """A square of up to half the width anywhere, set to one grey."""
    height, width = image.shape[1:]
    side = uniform(0.0, LARGEST_CUT, generator) * width
    left = int(max(0.0, uniform(0.0, width, generator) - side / 2))
    top = int(max(0.0, uniform(0.0, height, generator) - side / 2))
    cut = image.clone()
    colour = torch.tensor(CUT_COLOUR, dtype=image.dtype, device=image.device).view(3, 1, 1)
    cut[:, top : math.ceil(top + side), left : math.ceil(left + side)] = colour
    return cut
