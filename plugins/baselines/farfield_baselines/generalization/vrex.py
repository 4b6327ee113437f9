"""Risk extrapolation by variance, V-REx (Krueger et al. 2021, arXiv 2003.00688)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield import setting
from farfield_baselines.generalization.annealing import Annealed
from farfield_baselines.generalization.core import Config, Environment, risks
from farfield_baselines.generalization.declare import declare

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class VRExConfig(Config):
    """The penalty's weight, and from when on it holds."""

    vrex_lambda: float = setting(1e1, ge=0.0, le=1e6, help="Weight of the variance after the first steps.")
    vrex_penalty_anneal_iters: int = setting(500, ge=0, le=1_000_000, help="Steps before that, at weight 1.")


class VREx(Annealed):
    """The mean of the domains' risks, and their variance."""

    def objective(self, environments: Sequence[Environment]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        config: VRExConfig = self.config
        losses = risks(self, environments)
        variance = losses.var(unbiased=False)
        loss = self.penalised(losses.mean(), variance, config.vrex_lambda, config.vrex_penalty_anneal_iters)
        # The record's "nll" is the last domain's, as in DomainBed.
        return loss, {"nll": losses[-1], "penalty": variance}


SPEC = declare(
    "vrex",
    VREx,
    "V-REx: the mean of the training domains' risks and their variance.",
    ("Krueger et al. 2021, arXiv 2003.00688",),
    config=VRExConfig,
)
