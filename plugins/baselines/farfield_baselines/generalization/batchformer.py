"""BatchFormer: attention across the images of a batch, in training only (Hou et al. 2022, arXiv 2203.01522)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from farfield import setting
from farfield_baselines.generalization.core import Algorithm, Config, Environment, Setup, cross_entropy, pooled
from farfield_baselines.generalization.declare import declare

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class BatchFormerConfig(Config):
    """The transformer layer across the batch."""

    batchformer_heads: int = setting(4, ge=1, le=64, help="Attention heads; they must divide the features' width.")
    batchformer_dropout: float = setting(0.5, ge=0.0, le=0.9, help="Dropout in the transformer layer.")


class BatchFormer(Algorithm):
    """One classifier on the features as they are, and on what a transformer over the pooled batch makes of them.

    Because the classifier is shared, the transformer is left out at prediction, and an image stands by itself.
    """

    def __init__(self, setup: Setup) -> None:
        from farfield_baselines.networks.across_batch import across_batch

        super().__init__(setup)
        config = self.config
        layer = across_batch(self.featurizer.width, config.batchformer_heads, config.batchformer_dropout)
        self.encoder: Any = self.part("encoder", layer)
        self.optimizer = self.make_optimizer()

    def objective(self, environments: Sequence[Environment]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        import torch

        inputs, labels = pooled(environments)
        features = self.featurizer(inputs)
        logits = self.classifier(torch.cat([features, self.mixed(features)]))
        return cross_entropy(logits, labels.repeat(2)), {}

    def mixed(self, features: torch.Tensor) -> torch.Tensor:
        """[B, D] -> [B, D]: the batch is the transformer's sequence, without positions."""
        from farfield_baselines.networks.across_batch import mixed

        return mixed(self.encoder, features)


SPEC = declare(
    "batchformer",
    BatchFormer,
    "BatchFormer: a transformer across the batch shares a classifier in training and is left out at prediction.",
    ("Hou et al. 2022, arXiv 2203.01522",),
    config=BatchFormerConfig,
)
