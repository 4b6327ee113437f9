"""Information bottleneck with invariant risk, IB-IRM (Ahuja et al. 2021, arXiv 2106.06607)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield_baselines.generalization.core import Environment
from farfield_baselines.generalization.declare import declare
from farfield_baselines.generalization.information_bottleneck import Bottleneck, BottleneckConfig
from farfield_baselines.generalization.irm import IRMConfig, penalty

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class IBIRMConfig(BottleneckConfig, IRMConfig):
    """IRM's penalty and the bottleneck, each from its own step on."""


class IBIRM(Bottleneck):
    """IRM's objective, and features that vary little within a domain."""

    def objective(self, environments: Sequence[Environment]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        import torch

        config: IBIRMConfig = self.config
        risk, variance, logits = self.seen(environments)
        invariance = torch.stack([penalty(z, e.labels) for z, e in zip(logits, environments, strict=True)]).mean()
        loss = self.penalised(risk, invariance, config.irm_lambda, config.irm_penalty_anneal_iters)
        loss = self.squeezed(loss, variance)
        # The record's "nll" is the whole loss, as in DomainBed, which adds to it in place.
        return loss, {"nll": loss, "IRM_penalty": invariance, "IB_penalty": variance}


SPEC = declare(
    "ib-irm",
    IBIRM,
    "IB-IRM: invariant risk minimisation, and features that vary little within a training domain.",
    ("Ahuja et al. 2021, arXiv 2106.06607", "Arjovsky et al. 2019, arXiv 1907.02893"),
    config=IBIRMConfig,
)
