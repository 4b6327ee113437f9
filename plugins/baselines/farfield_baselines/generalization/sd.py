"""Spectral decoupling (Pezeshki et al. 2021, arXiv 2011.09468, equation 25)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield import setting
from farfield_baselines.generalization.core import Algorithm, Config, Environment, cross_entropy, pooled
from farfield_baselines.generalization.declare import declare

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class SDConfig(Config):
    """How small logits are to be."""

    sd_reg: float = setting(0.1, ge=0.0, le=1e4, help="Weight of the logits' mean square.")


class SD(Algorithm):
    """The pooled risk, and the mean square of the logits."""

    def objective(self, environments: Sequence[Environment]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        config: SDConfig = self.config
        inputs, labels = pooled(environments)
        logits = self.logits(inputs)
        risk, penalty = cross_entropy(logits, labels), logits.square().mean()
        # The record's "loss" is the risk alone, as in DomainBed.
        return risk + config.sd_reg * penalty, {"loss": risk, "penalty": penalty}


SPEC = declare(
    "sd",
    SD,
    "Spectral decoupling: the risk and the mean square of the logits, so that no feature starves the others.",
    ("Pezeshki et al. 2021, arXiv 2011.09468",),
    config=SDConfig,
)
