"""WILDS' strong augmentation of PovertyMap's satellite images: eight normalised bands, of which three are colours.

Koh et al. 2021 (arXiv 2012.07421) and Sagawa et al. 2022 (arXiv 2112.05090, appendix B): mirrored in both ways, moved a
little, coloured anew, and a square set to the mean. There the colours are left without normalisation afterwards, which
is an oversight of its code; here they are normalised again.
"""

from typing import Any

import torch

BGR = (0, 1, 2)  # the bands blue, green and red, as they lie
MEANS, DEVIATIONS = (0.059183, 0.088619, 0.104145), (0.022926, 0.031880, 0.051458)
DEGREES, SHIFT, SHEAR, SMALLEST, LARGEST = 10.0, 0.1, 0.1, 0.9, 1.1  # degrees, of the side, degrees, scale
JITTER, HUE = 0.8, 0.1  # of brightness, contrast and saturation; of the circle


def strong(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Images [B, C, H, W] with C >= 3 -> the same shape. Raises ValueError for fewer bands."""
    if images.shape[1] < len(BGR):
        raise ValueError(
            f"augmentation poverty is for images of blue, green, red and more; these have {images.shape[1]}"
        )
    return torch.stack([_cut(_coloured(_moved(image, generator), generator), generator) for image in images])


def _moved(image: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Mirrored each way half of the time, then turned, shifted, scaled and sheared; what comes in is 0, the mean."""
    from torchvision.transforms import functional  # type: ignore[import-untyped]

    flips = [axis for axis in (2, 1) if uniform(0.0, 1.0, generator) < 0.5]
    height, width = image.shape[1:]
    shift = [round(uniform(-SHIFT, SHIFT, generator) * side) for side in (width, height)]
    moved: torch.Tensor = functional.affine(
        image.flip(flips) if flips else image,
        angle=uniform(-DEGREES, DEGREES, generator),
        translate=shift,
        scale=uniform(SMALLEST, LARGEST, generator),
        shear=[uniform(-SHEAR, SHEAR, generator), 0.0],
    )
    return moved


def _coloured(image: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Brightness, contrast, saturation and hue of the three colours, in an order that is drawn."""
    from torchvision.transforms import functional

    mean, deviation = (torch.tensor(values, device=image.device).view(3, 1, 1) for values in (MEANS, DEVIATIONS))
    colours: Any = (image[list(BGR)] * deviation + mean).flip(0)
    steps = (functional.adjust_brightness, functional.adjust_contrast, functional.adjust_saturation)
    amounts = [(step, uniform(1.0 - JITTER, 1.0 + JITTER, generator)) for step in steps]
    amounts.append((functional.adjust_hue, uniform(-HUE, HUE, generator)))
    for number in torch.randperm(len(amounts), generator=generator).tolist():
        step, amount = amounts[number]
        colours = step(colours, amount)
    return torch.cat([(colours.flip(0) - mean) / deviation, image[len(BGR) :]])


def _cut(image: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """A square of up to half the side, anywhere, set to 0, the mean."""
    height, width = image.shape[1:]
    side = uniform(0.0, width / 2, generator)
    across, down = uniform(0.0, width, generator), uniform(0.0, height, generator)
    left, right = int(max(0.0, across - side / 2)), int(min(width, across + side / 2))
    top, bottom = int(max(0.0, down - side / 2)), int(min(height, down + side / 2))
    cut = image.clone()
    cut[:, top:bottom, left:right] = 0.0
    return cut


def uniform(low: float, high: float, generator: torch.Generator) -> float:
    return low + (high - low) * float(torch.rand((), generator=generator))
