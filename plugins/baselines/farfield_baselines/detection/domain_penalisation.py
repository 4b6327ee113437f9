"""Faster R-CNN with domain penalisation (Jena et al. 2024, arXiv 2408.01746): an epoch's worst domains weigh more.

The paper itself was not at hand. Two summaries of it agree on the rule: an image's loss is multiplied with the weight
of its domain, 1 at first; after an epoch the weights are the softmax over domains of the mean loss of each. What is
ours is declared: the softmax is taken of the losses of that epoch as they were when training met them, and is
multiplied with the number of domains, so that the mean weight stays 1 as it begins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from farfield_baselines.detection.core import Recipe
from farfield_baselines.detection.declare import declare

if TYPE_CHECKING:
    import torch


class DomainPenalisation(Recipe):
    """Images weigh as their domain does, by how much was lost on it in the epoch before."""

    def __init__(self, config: Any, domains: int, device: str) -> None:
        import torch

        super().__init__(config, domains, device)
        self.weights = torch.ones(domains, device=device)
        self._losses, self._images = torch.zeros(2, domains, device=device)

    def objective(self, losses: torch.Tensor, domains: torch.Tensor) -> torch.Tensor:
        self._losses.index_add_(0, domains, losses.detach())
        self._images.index_add_(0, domains, losses.new_ones(len(losses)))
        return (self.weights[domains] * losses).mean()

    def end_epoch(self) -> None:
        self.weights = penalties(self._losses, self._images)
        self._losses, self._images = self._losses * 0, self._images * 0


def penalties(losses: torch.Tensor, images: torch.Tensor) -> torch.Tensor:
    """Weights [D] of mean 1 over the domains that were seen, of the sum of losses [D] and the number of images [D].

    A domain without an image has the weight 1.
    """
    import torch

    seen = images > 0
    means = losses[seen] / images[seen]
    return torch.ones_like(losses).masked_scatter(seen, means.softmax(dim=0) * seen.sum())


SPEC = declare(
    "faster-rcnn-domain-penalisation",
    DomainPenalisation,
    "Faster R-CNN with domain penalisation, by summaries of its paper",
    ("Jena et al. 2024, arXiv 2408.01746",),
)
