"""Self-supervised contrastive regularisation (Kim et al. 2021, arXiv 2104.09841), as DomainBed has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from farfield_baselines.generalization import mixup
from farfield_baselines.generalization.core import Algorithm, Environment, Setup, cross_entropy, pooled
from farfield_baselines.generalization.declare import declare

if TYPE_CHECKING:
    import torch

FEATURES_COUNT = 0.3  # as much as logits
ALPHA = 0.5
RESNET50 = 2048


class SelfReg(Algorithm):
    """The pooled risk, and how far an image's logits and features are from those of others of its class.

    Features are compared with the others' after a projection. It keeps its first weights, as in DomainBed, whose
    optimizer was made before it.
    """

    def __init__(self, setup: Setup) -> None:
        from farfield_baselines.networks.heads import projection

        super().__init__(setup)
        width = self.featurizer.width
        self.projection: Any = self.part("projection", projection(width, width if width == RESNET50 else 2 * width))

    def objective(self, environments: Sequence[Environment]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        inputs, labels = pooled(environments)
        labels, order = labels.sort()
        features = self.featurizer(inputs[order])
        logits = self.classifier(features)
        risk = cross_entropy(logits, labels)
        if len(labels) < 2:  # BatchNorm cannot project one image, which has none to be like
            return risk, {}
        share, partner, other = mixup.drawn_share(ALPHA), shuffled_by_class(labels), shuffled_by_class(labels)
        projected = self.projection(features)
        single = apart(logits, logits[partner]) + FEATURES_COUNT * apart(features, projected[partner])
        mixed = apart(logits, mixture(logits, share, partner, other))
        mixed = mixed + FEATURES_COUNT * apart(features, mixture(projected, share, partner, other))
        scale = min(float(risk.detach()), 1.0)
        loss = risk + scale * (share * single + (1.0 - share) * mixed)
        return loss, {}


def shuffled_by_class(labels: torch.Tensor) -> torch.Tensor:
    """For each row of sorted labels [B] a row of the same class, at random and each once."""
    import torch

    starts, order = 0, []
    for count in torch.unique_consecutive(labels, return_counts=True)[1].tolist():
        order.append(torch.randperm(count, device=labels.device) + starts)
        starts += count
    return torch.cat(order)


def mixture(rows: torch.Tensor, share: float, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """The share of one partner's row and the rest of the other's."""
    return share * rows[first] + (1.0 - share) * rows[second]


def apart(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    return (first - second).square().mean()


SPEC = declare(
    "selfreg",
    SelfReg,
    "SelfReg: the risk, and logits and features that are alike for images of one class, whatever their domain.",
    ("Kim et al. 2021, arXiv 2104.09841",),
)
