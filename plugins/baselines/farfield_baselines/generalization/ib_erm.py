"""Information bottleneck with the mean risk, IB-ERM (Ahuja et al. 2021, arXiv 2106.06607)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from farfield_baselines.generalization.core import Environment
from farfield_baselines.generalization.declare import declare
from farfield_baselines.generalization.information_bottleneck import Bottleneck, BottleneckConfig

if TYPE_CHECKING:
    import torch


class IBERM(Bottleneck):
    """The mean risk, and features that vary little within a domain."""

    def objective(self, environments: Sequence[Environment]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        risk, variance, _ = self.seen(environments)
        loss = self.squeezed(risk, variance)
        # The record's "nll" is the whole loss, as in DomainBed, which adds to it in place.
        return loss, {"nll": loss, "IB_penalty": variance}


SPEC = declare(
    "ib-erm",
    IBERM,
    "IB-ERM: the risk, and features that vary little within a training domain.",
    ("Ahuja et al. 2021, arXiv 2106.06607",),
    config=BottleneckConfig,
)
