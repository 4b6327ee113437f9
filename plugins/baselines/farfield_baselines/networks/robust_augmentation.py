"""AugMix and Cutout: random changes of images that classifiers are trained with to be robust."""

import torch

from farfield_baselines.networks.augmentation import mirrored
from farfield_baselines.networks.seeding import seeded

SEVERITY = 1  # of 10: the default of OpenOOD's configuration; its scripts for CIFAR have 3
CUT = 0.5  # of the side: 16 of 32 pixels, the default of OpenOOD's configuration; its script for CIFAR-100 has 8


def augmix(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Images [B, C, H, W] in 0..1, mirrored or not, mixed with chains of changes of themselves, by torchvision.

    Hendrycks et al. 2020 (arXiv 1912.02781), without the consistency loss.
    """
    from torchvision.transforms import AugMix  # type: ignore[import-untyped]

    mix, eights = AugMix(severity=SEVERITY), mirrored(images, generator).mul(255.0).round().clamp(0.0, 255.0)
    # torchvision draws of torch's own chance, which starts from the generator's here.
    with seeded("cpu", int(torch.randint(2**31, (), generator=generator))):
        mixed = torch.stack([mix(image) for image in eights.to(torch.uint8)])
    return mixed.to(images.dtype).div(255.0)


def cutout(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Images [B, C, H, W], mirrored or not, each with a square about a point anywhere set to its mean.

    DeVries & Taylor 2017 (arXiv 1708.04552): the square is half as wide as the image, and cut at the border.
    """
    count, height, width = len(images), *images.shape[2:]
    made = mirrored(images, generator)
    inside = torch.ones(count, height, width, dtype=torch.bool)
    for axis, side in ((1, height), (2, width)):
        centre = torch.randint(side, (count,), generator=generator)[:, None]
        place, half = torch.arange(side), int(CUT * side) // 2
        near = (place >= centre - half) & (place < centre + half)
        inside &= near.unsqueeze(3 - axis)
    return torch.where(inside[:, None].to(images.device), made.mean(dim=(2, 3), keepdim=True), made)
