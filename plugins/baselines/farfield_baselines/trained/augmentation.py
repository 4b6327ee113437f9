"""Random changes of training images by name: none, DomainBed's, those of WILDS' data sets, AugMix and Cutout.

Each takes images [B, C, H, W] and a generator on the CPU, and gives the same shape.
"""

from collections.abc import Callable, Mapping

import torch

from farfield_baselines.networks.augmentation import augment
from farfield_baselines.networks.randaugment import mirrored, randaugment
from farfield_baselines.networks.robust_augmentation import augmix, cutout
from farfield_baselines.networks.satellite import strong

Augment = Callable[[torch.Tensor, torch.Generator], torch.Tensor]


def unchanged(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """The images."""
    return images


def quarter_turns(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Each square image turned by 0, 90, 180 or 270 degrees, then mirrored half of the time: WILDS' for RxRx1."""
    turns = torch.randint(0, 4, (len(images),), generator=generator).tolist()
    mirrored = (torch.rand(len(images), generator=generator) < 0.5).tolist()
    turned = [torch.rot90(image, turn, (1, 2)) for image, turn in zip(images, turns, strict=True)]
    return torch.stack([image.flip(2) if mirror else image for image, mirror in zip(turned, mirrored, strict=True)])


AUGMENTED: Mapping[str, Augment] = {
    "none": unchanged,
    "domainbed": augment,
    "rxrx1": quarter_turns,
    "poverty": strong,
    "weak": mirrored,
    "randaugment": randaugment,
    "augmix": augmix,
    "cutout": cutout,
}
