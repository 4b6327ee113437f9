"""What domain unlearning minimises on features (Kawamura et al. 2025, arXiv 2510.08132)."""

from dataclasses import dataclass
from itertools import combinations

import torch
from torch import nn
from torch.nn import functional


@dataclass(frozen=True, kw_only=True)
class Given:
    """What is known of the images [N]: the labels [K] of the first K, which are kept, and the domain of each [N]."""

    labels: torch.Tensor
    domains: torch.Tensor


class Unlearner(nn.Module):
    """Unit features [B, D] -> unit features, moved by a perceptron, with a classifier of classes and one of domains."""

    def __init__(self, inputs: int, width: int, classes: int, domains: int) -> None:
        super().__init__()
        self.moved = nn.Sequential(nn.Linear(inputs, width), nn.ReLU(), nn.Linear(width, inputs))
        self.classes = nn.Linear(inputs, classes)
        self.domains = nn.Linear(inputs, domains)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        moved: torch.Tensor = functional.normalize(features + self.moved(features)) * features.shape[1] ** 0.5
        return moved


def objective(network: Unlearner, features: torch.Tensor, given: Given, *, domain: float, mmd: float) -> torch.Tensor:
    """Cross-entropy on the kept, cross-entropy against even answers on the others, and the domains apart; a scalar."""
    moved = network(features)
    logits = network.classes(moved)
    kept = len(given.labels)
    loss = functional.cross_entropy(logits[:kept], given.labels)
    if kept < len(features):
        loss = loss - functional.log_softmax(logits[kept:], dim=1).mean()
    loss = loss + domain * functional.cross_entropy(network.domains(moved), given.domains)
    return loss - mmd * apart(functional.normalize(moved), given.domains)


def apart(features: torch.Tensor, domains: torch.Tensor) -> torch.Tensor:
    """Mean over pairs of domains of the squared distance of their means, under a Gaussian kernel; a scalar.

    Its width is the mean squared distance of two images, held fixed. 0 for a single domain.
    """
    parts = [features[domains == number] for number in torch.unique(domains)]
    if len(parts) < 2:
        return features.new_zeros(())
    width = torch.cdist(features, features).square().mean().detach().clamp_min(1e-12)

    def alike(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return torch.exp(-torch.cdist(a, b).square() / width).mean()

    own = [alike(part, part) for part in parts]
    pairs = [own[i] + own[j] - 2 * alike(parts[i], parts[j]) for i, j in combinations(range(len(parts)), 2)]
    return torch.stack(pairs).mean()
