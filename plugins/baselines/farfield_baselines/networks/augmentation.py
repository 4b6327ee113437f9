"""DomainBed's augmentation of training images, on a whole batch at once.

Crop to 0.7..1 of the area, mirror, jitter of brightness, contrast, saturation and hue by 0.3, and grey with
probability 0.1 (Gulrajani & Lopez-Paz 2021, arXiv 2007.01434). All chance comes from the generator.
"""

import math

import torch
from torch.nn import functional

SMALLEST_AREA = 0.7
ASPECTS = (3 / 4, 4 / 3)
JITTER = 0.3
GREY = 0.1
LUMA = (0.299, 0.587, 0.114)


def augment(images: torch.Tensor, generator: torch.Generator, *, crop: bool = True) -> torch.Tensor:
    """Images [B, C, H, W] in 0..1 -> the same shape and range; colours change only where there are three channels.

    Without `crop` they are only mirrored before that.
    """
    moved = crop_and_mirror(images, generator) if crop else mirrored(images, generator)
    return recolour(moved, generator) if images.shape[1] == 3 else moved


def crop_and_mirror(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """A rectangle of SMALLEST_AREA..1 of the area and of an aspect in ASPECTS, back at full size, mirrored half of
    the time; bilinear."""
    count = len(images)
    area = _uniform(count, SMALLEST_AREA, 1.0, generator)
    root = torch.exp(_uniform(count, math.log(ASPECTS[0]), math.log(ASPECTS[1]), generator)).sqrt()
    width, height = (area.sqrt() * root).clamp(max=1.0), (area.sqrt() / root).clamp(max=1.0)
    matrix = torch.zeros(count, 2, 3)
    mirror = torch.where(torch.rand(count, generator=generator) < 0.5, -1.0, 1.0)
    matrix[:, 0, 0], matrix[:, 1, 1] = width * mirror, height
    matrix[:, 0, 2] = (1.0 - width) * _uniform(count, -1.0, 1.0, generator)
    matrix[:, 1, 2] = (1.0 - height) * _uniform(count, -1.0, 1.0, generator)
    grid = functional.affine_grid(matrix, list(images.shape), align_corners=False).to(images)
    return functional.grid_sample(images, grid, padding_mode="border", align_corners=False)


def mirrored(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Half of the images, by chance, the other way around."""
    chosen = (torch.rand(len(images), generator=generator) < 0.5).to(images.device).view(-1, 1, 1, 1)
    return torch.where(chosen, images.flip(3), images)


def recolour(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Brightness, contrast, saturation and hue, in an order drawn for the batch, then grey for some."""
    steps = (_brightness, _contrast, _saturation, _hue)
    factors = [_uniform(len(images), 1.0 - JITTER, 1.0 + JITTER, generator) for _ in steps]
    for number in torch.randperm(len(steps), generator=generator).tolist():
        images = steps[number](images, factors[number].to(images).view(-1, 1, 1, 1)).clamp(0.0, 1.0)
    chosen = (torch.rand(len(images), generator=generator) < GREY).to(images.device).view(-1, 1, 1, 1)
    return torch.where(chosen, grey(images).expand_as(images), images)


def grey(images: torch.Tensor) -> torch.Tensor:
    """[B, 3, H, W] -> luma [B, 1, H, W]."""
    weights = torch.tensor(LUMA, device=images.device).view(1, 3, 1, 1)
    return (images * weights).sum(dim=1, keepdim=True)


def turn_hue(images: torch.Tensor, turn: torch.Tensor) -> torch.Tensor:
    """Hue moved by `turn` [B, 1, 1, 1] of a full circle; value and saturation (HSV) stay."""
    value, spread, hue = _hsv(images)
    hue = (hue + 6.0 * turn) % 6.0
    channels = []
    for offset in (5.0, 3.0, 1.0):
        place = (hue + offset) % 6.0
        channels.append(value - spread * torch.minimum(place, 4.0 - place).clamp(0.0, 1.0))
    return torch.cat(channels, dim=1)


def _hsv(images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """(value, value - smallest channel, hue in sixths of the circle), each [B, 1, H, W]."""
    red, green, blue = images[:, 0:1], images[:, 1:2], images[:, 2:3]
    value, spread = images.amax(1, keepdim=True), images.amax(1, keepdim=True) - images.amin(1, keepdim=True)
    safe = spread.clamp(min=1e-8)
    hue = torch.where(
        value == red,
        (green - blue) / safe % 6.0,
        torch.where(value == green, (blue - red) / safe + 2.0, (red - green) / safe + 4.0),
    )
    return value, spread, hue


def _brightness(images: torch.Tensor, factor: torch.Tensor) -> torch.Tensor:
    return images * factor


def _contrast(images: torch.Tensor, factor: torch.Tensor) -> torch.Tensor:
    mean = grey(images).mean(dim=(2, 3), keepdim=True)
    return mean + factor * (images - mean)


def _saturation(images: torch.Tensor, factor: torch.Tensor) -> torch.Tensor:
    luma = grey(images)
    return luma + factor * (images - luma)


def _hue(images: torch.Tensor, factor: torch.Tensor) -> torch.Tensor:
    return turn_hue(images, factor - 1.0)


def _uniform(count: int, low: float, high: float, generator: torch.Generator) -> torch.Tensor:
    return low + (high - low) * torch.rand(count, generator=generator)
