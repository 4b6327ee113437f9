"""BatchFormer on a long tail: rare classes learn from the others of a batch (Hou et al. 2022, arXiv 2203.01522)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield import MethodSpec, setting
from farfield_baselines.longtail.core import EitherLoss, LossConfig
from farfield_baselines.longtail.declare import method
from farfield_baselines.trained.core import Setup

if TYPE_CHECKING:
    import torch

    from farfield_baselines.trained.core import TensorBatch


@dataclass(frozen=True, kw_only=True)
class BatchFormerConfig(LossConfig):
    """The transformer layer across the batch."""

    batchformer_heads: int = setting(4, ge=1, le=64, help="Attention heads; they must divide the features' width.")
    batchformer_dropout: float = setting(0.5, ge=0.0, le=0.9, help="Dropout in the transformer layer.")


class BatchFormer(EitherLoss):
    """One classifier on the features as they are, and on what a transformer layer across the batch makes of them.

    Because the classifier is shared, the layer is left out at test, and an image stands by itself.
    """

    def __init__(self, setup: Setup) -> None:
        from farfield_baselines.networks.across_batch import across_batch

        super().__init__(setup)
        config = self.config
        layer = across_batch(self.featurizer.width, config.batchformer_heads, config.batchformer_dropout)
        self.encoder = self.part("encoder", layer)

    def loss(self, batch: TensorBatch) -> torch.Tensor:
        import torch

        from farfield_baselines.networks.across_batch import mixed

        features = self.featurizer(batch.inputs)
        logits = self.classifier(torch.cat([features, mixed(self.encoder, features)]))
        return self.risk(logits, batch.labels.repeat(2))


SPEC: MethodSpec = method(
    "lt-batchformer",
    BatchFormer,
    "BatchFormer on a long tail",
    ("Hou et al. 2022, CVPR, arXiv 2203.01522",),
    BatchFormerConfig,
)
