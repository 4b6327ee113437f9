"""Logit adjustment by the classes' prior, after training or in it (Menon et al. 2021, arXiv 2007.07314)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield import MethodSpec, setting
from farfield_baselines.longtail.core import LongTail, LongTailConfig
from farfield_baselines.longtail.declare import method

if TYPE_CHECKING:
    import torch
    from torch import nn

    from farfield_baselines.trained.core import TensorBatch

POST_HOC, IN_THE_LOSS = "post-hoc", "loss"


@dataclass(frozen=True, kw_only=True)
class AdjustmentConfig(LongTailConfig):
    """Where the prior is taken out, and how much of it."""

    adjusted: str = setting(
        POST_HOC, choices=(POST_HOC, IN_THE_LOSS), help="Less the log prior at test, or plus the log prior in training."
    )
    tro: float = setting(1.0, ge=0.0, le=10.0, help="Power of the prior; 0 is cross-entropy.")


class LogitAdjustment(LongTail):
    """The last layer has no bias, which would learn the prior by itself (as in Tang et al. 2022, arXiv 2207.09504)."""

    def make_classifier(self) -> nn.Module:
        from farfield_baselines.networks.heads import last_layer

        made = super().make_classifier()
        last_layer(made).register_parameter("bias", None)
        return made

    def loss(self, batch: TensorBatch) -> torch.Tensor:
        from torch.nn import functional

        from farfield_baselines.networks.long_tail import log_prior

        logits = super().logits(batch.inputs)
        if self.config.adjusted == IN_THE_LOSS:
            logits = logits + log_prior(self.counts, self.config.tro)
        return functional.cross_entropy(logits, batch.labels)

    def logits(self, inputs: torch.Tensor) -> torch.Tensor:
        from farfield_baselines.networks.long_tail import without_prior

        logits = super().logits(inputs)
        return without_prior(logits, self.counts, self.config.tro) if self.config.adjusted == POST_HOC else logits


SPEC: MethodSpec = method(
    "logit-adjustment",
    LogitAdjustment,
    "Logit adjustment by the classes' prior",
    ("Menon et al. 2021, ICLR, arXiv 2007.07314",),
    AdjustmentConfig,
)
