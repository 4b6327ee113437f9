"""ARM-CML, adaptive risk minimisation with a learned context, by its paper (Zhang et al. 2021, arXiv 2007.02931)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from farfield_baselines.generalization.core import Algorithm, Environment, Setup, cross_entropy, pooled
from farfield_baselines.generalization.declare import declare

if TYPE_CHECKING:
    import torch
    from torch import nn


class ARMCML(Algorithm):
    """The featurizer sees each image beside one map that stands for the batch it came in.

    In training the batch is a domain's minibatch; at prediction it is the test batch, so the method is transductive.
    """

    def __init__(self, setup: Setup) -> None:
        if len(setup.shape) != 3:
            raise ValueError("arm-cml adds a map to the image, so it takes images and not ready features")
        super().__init__(setup)

    def make_featurizer(self, extra_channels: int = 0) -> nn.Module:
        from farfield_baselines.networks.heads import context_net

        self.context_net: Any = self.part("context_net", context_net(self.setup.shape[0]))
        return super().make_featurizer(extra_channels + 1)

    def objective(self, environments: Sequence[Environment]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        import torch

        seen = torch.cat([self.with_context(e.inputs) for e in environments])
        return cross_entropy(self.classifier(self.featurizer(seen)), pooled(environments)[1]), {}

    def with_context(self, inputs: torch.Tensor) -> torch.Tensor:
        """[B, C, H, W] -> [B, C + 1, H, W]: the last channel is the mean of the batch's maps, the same for all."""
        import torch

        context = self.context_net(inputs).mean(0, keepdim=True)
        return torch.cat([inputs, context.expand(len(inputs), -1, -1, -1)], dim=1)

    def logits(self, inputs: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.classifier(self.featurizer(self.with_context(inputs)))
        return logits


SPEC = declare(
    "arm-cml",
    ARMCML,
    "ARM-CML: a classifier that adapts to a batch through a context computed from all of its images.",
    ("Zhang et al. 2021, arXiv 2007.02931",),
    transductive=True,
    images_only=True,
)
