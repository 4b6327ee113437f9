"""Inter-environmental gradient alignment (Koyama & Yamaguchi 2020, arXiv 2008.01883)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield import setting
from farfield_baselines.generalization.core import Algorithm, Config, Environment, risks
from farfield_baselines.generalization.declare import declare

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class IGAConfig(Config):
    """How alike the domains' gradients are to be."""

    penalty: float = setting(1000.0, ge=0.0, le=1e7, help="Weight of the gradients' distance from their mean.")


class IGA(Algorithm):
    """The mean risk, and how far each domain's gradient is from the mean gradient, which is held fixed."""

    def objective(self, environments: Sequence[Environment]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        import torch

        config: IGAConfig = self.config
        parameters = self.parameters()
        losses = risks(self, environments, apart=True)
        each = [torch.autograd.grad(loss, parameters, create_graph=True) for loss in losses]
        risk = losses.mean()
        mean = torch.autograd.grad(risk, parameters, retain_graph=True)
        apart = torch.stack([(g - m).square().sum() for of_one in each for g, m in zip(of_one, mean, strict=True)])
        # The record's "loss" is the risk alone, as in DomainBed.
        return risk + config.penalty * apart.sum(), {"loss": risk, "penalty": apart.sum()}


SPEC = declare(
    "iga",
    IGA,
    "IGA: the risk, and how far the training domains' gradients are apart.",
    ("Koyama & Yamaguchi 2020, arXiv 2008.01883",),
    config=IGAConfig,
    memory_gib=70.0,  # the gradients of three domains, with what their own gradients need
)
