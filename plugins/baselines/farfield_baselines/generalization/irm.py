"""Invariant risk minimisation, IRMv1 (Arjovsky et al. 2019, arXiv 1907.02893, section 3.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield import setting
from farfield_baselines.generalization.annealing import Annealed
from farfield_baselines.generalization.core import Config, Environment, cross_entropy, pooled, split
from farfield_baselines.generalization.declare import declare

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class IRMConfig(Config):
    """The penalty's weight, and from when on it holds."""

    irm_lambda: float = setting(1e2, ge=0.0, le=1e6, help="Weight of the penalty after the first steps.")
    irm_penalty_anneal_iters: int = setting(500, ge=0, le=1_000_000, help="Steps before that, at weight 1.")


class IRM(Annealed):
    """The risk, and how much each domain would gain by scaling the classifier for itself."""

    def objective(self, environments: Sequence[Environment]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        import torch

        config: IRMConfig = self.config
        logits = split(self.logits(pooled(environments)[0]), environments)
        pairs = list(zip(logits, (e.labels for e in environments), strict=True))
        risk = torch.stack([cross_entropy(z, y) for z, y in pairs]).mean()
        invariance = torch.stack([penalty(z, y) for z, y in pairs]).mean()
        loss = self.penalised(risk, invariance, config.irm_lambda, config.irm_penalty_anneal_iters)
        return loss, {"nll": risk, "penalty": invariance}


def penalty(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """The squared derivative of the risk by a scale on the logits, at scale 1; a scalar.

    The derivatives of the even and of the odd rows are multiplied: the product of two independent estimates has the
    square as its expectation, which the square of one estimate has not (section 3.2). Zero for a single row.
    """
    import torch

    scale = torch.ones((), device=logits.device, requires_grad=True)
    if len(labels) < 2:
        return logits.sum() * 0.0
    halves = [cross_entropy(logits[i::2] * scale, labels[i::2]) for i in (0, 1)]
    even, odd = (torch.autograd.grad(half, scale, create_graph=True)[0] for half in halves)
    return even * odd


SPEC = declare(
    "irm",
    IRM,
    "Invariant risk minimisation (IRMv1): one classifier that is optimal in every training domain at once.",
    ("Arjovsky et al. 2019, arXiv 1907.02893",),
    config=IRMConfig,
)
