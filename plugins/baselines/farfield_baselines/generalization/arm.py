"""ARM as DomainBed has it: a featurizer that sees each image beside a map of its batch, by a network left untrained.

Zhang et al. 2021 (arXiv 2007.02931) train the network that makes the map; `arm_cml` does. Here it is in no optimizer,
as in DomainBed, so that figures stand beside those DomainBed has published.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from farfield_baselines.generalization.core import Algorithm, Setup
from farfield_baselines.generalization.declare import declare

if TYPE_CHECKING:
    import torch
    from torch import nn


class ARM(Algorithm):
    """The context of an image is the mean map of the block that it came in.

    A block is as long as a domain's minibatch where the batch divides by it, else the whole batch. In training that
    is the domain's minibatch; the network of the maps, whose BatchNorm sees all domains at once, keeps its first
    weights.
    """

    def __init__(self, setup: Setup) -> None:
        from farfield_baselines.networks.heads import context_net

        if len(setup.shape) != 3:
            raise ValueError("arm adds a map to the image, so it takes images and not ready features")
        super().__init__(setup)
        # After the optimizer was made. A gradient would go nowhere; the statistics of BatchNorm still move.
        self.context_net: Any = self.part("context_net", context_net(setup.shape[0]).requires_grad_(False))

    def make_featurizer(self, extra_channels: int = 0) -> nn.Module:
        return super().make_featurizer(extra_channels + 1)

    def with_context(self, inputs: torch.Tensor) -> torch.Tensor:
        """[B, C, H, W] -> [B, C + 1, H, W]: the last channel is the mean of the block's maps, one for all of it."""
        import torch

        size = block_size(len(inputs), self.setup.batch)
        maps = self.context_net(inputs)
        means = maps.unflatten(0, (-1, size)).mean(1)
        return torch.cat([inputs, means.repeat_interleave(size, dim=0)], dim=1)

    def logits(self, inputs: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.classifier(self.featurizer(self.with_context(inputs)))
        return logits


def block_size(count: int, minibatch: int) -> int:
    """How many of `count` images share a context; a minibatch of 0 is not known yet.

    >>> block_size(64, 8), block_size(60, 8), block_size(5, 0)
    (8, 60, 5)
    """
    return minibatch if minibatch and count % minibatch == 0 else count


SPEC = declare(
    "arm",
    ARM,
    "ARM as in DomainBed: each image beside a map of its batch, by a network that keeps its first weights.",
    ("Zhang et al. 2021, arXiv 2007.02931",),
    transductive=True,
    images_only=True,
)
