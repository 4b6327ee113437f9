"""Networks on patches of images: an autoencoder that draws them, and what tells drawn patches from real ones."""

from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional

HALVINGS = 4


def widths(first: int) -> tuple[int, ...]:
    """Channels after each halving of the side.

    >>> widths(128)
    (128, 256, 512, 1024)
    """
    return tuple(first * 2**number for number in range(HALVINGS))


def halving(channels: int, first: int) -> nn.Sequential:
    """[B, C, S, S] -> [B, 8 first, S/16, S/16]. BatchNorm knows no statistics but its batch's, also at test."""
    layers: list[nn.Module] = []
    for before, after in zip((channels, *widths(first)), widths(first), strict=False):
        layers += [nn.Conv2d(before, after, 4, stride=2, padding=1), _norm(after), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers)


class Autoencoder(nn.Module):
    """A variational autoencoder of patches [B, C, S, S] in -1..1 (Kingma & Welling 2014, arXiv 1312.6114)."""

    def __init__(self, channels: int, side: int, first: int, latent: int) -> None:
        super().__init__()
        self.inside, self.latent = (widths(first)[-1], side // 2**HALVINGS, side // 2**HALVINGS), latent
        values = self.inside[0] * self.inside[1] * self.inside[2]
        self.encoder = nn.Sequential(halving(channels, first), nn.Flatten(), nn.Linear(values, 2 * latent))
        layers: list[nn.Module] = [nn.Linear(latent, values), nn.Unflatten(1, self.inside)]
        steps = (*reversed(widths(first)), max(1, first // 2))
        for before, after in pairwise(steps):
            layers += [nn.ConvTranspose2d(before, after, 4, stride=2, padding=1), _norm(after), nn.LeakyReLU(0.2)]
        self.decoder = nn.Sequential(*layers, nn.Conv2d(steps[-1], channels, 3, padding=1), nn.Tanh())

    def forward(self, patches: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """(reconstructions, the mean divergence of a patch's code from the standard normal)."""
        mean, log_variance = self.encoder(patches).chunk(2, dim=1)
        code = mean + torch.randn(mean.shape).to(mean.device) * (0.5 * log_variance).exp()
        divergence = -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).sum(dim=1).mean()
        return self.decoder(code), divergence

    def drawn(self, count: int, device: torch.device) -> torch.Tensor:
        """So many patches of no image."""
        patches: torch.Tensor = self.decoder(torch.randn(count, self.latent).to(device))
        return patches


def discriminator(channels: int, side: int, first: int) -> nn.Sequential:
    """[B, C, S, S] -> [B, 1], high where patches look real beside those of their batch."""
    values = widths(first)[-1] * (side // 2**HALVINGS) ** 2
    return nn.Sequential(halving(channels, first), nn.Flatten(), nn.Linear(values, 1))


def random_patches(images: torch.Tensor, side: int, count: int, rng: torch.Generator) -> torch.Tensor:
    """So many squares of each image [B, C, H, W], anywhere: [B count, C, side, side]."""
    tops, lefts = (
        torch.randint(size - side + 1, (len(images), count), generator=rng).tolist() for size in images.shape[2:]
    )
    return torch.stack(
        [
            image[:, top : top + side, left : left + side]
            for image, *places in zip(images, tops, lefts, strict=True)
            for top, left in zip(*places, strict=True)
        ]
    )


def even_patches(image: torch.Tensor, side: int, rows: int) -> torch.Tensor:
    """Squares of an image [C, H, W] in so many rows and columns, evenly from edge to edge: [rows², C, side, side]."""
    tops, lefts = (torch.linspace(0, size - side, rows).round().to(torch.int64).tolist() for size in image.shape[1:])
    return torch.stack([image[:, top : top + side, left : left + side] for top in tops for left in lefts])


def deceived(logits: torch.Tensor, real: bool) -> torch.Tensor:
    """The cross-entropy of taking all of a batch [B, 1] for real, or for drawn."""
    return functional.softplus(-logits if real else logits).mean()


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, track_running_stats=False)
