"""Empirical quantile risk minimisation (Eastwood et al. 2022, arXiv 2207.09944, algorithm 1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from farfield import setting
from farfield_baselines.generalization.annealing import Annealed
from farfield_baselines.generalization.core import Config, Environment, risks
from farfield_baselines.generalization.declare import declare

if TYPE_CHECKING:
    import torch

HALVINGS = 32


@dataclass(frozen=True, kw_only=True)
class EQRMConfig(Config):
    """Which quantile, from when on, and how fast then."""

    eqrm_quantile: float = setting(0.75, ge=0.001, le=0.999, help="The quantile of the domains' risks.")
    eqrm_burnin_iters: float = setting(2500.0, ge=0.0, le=1e6, help="Steps before that, on the mean risk.")
    eqrm_lr: float = setting(1e-6, ge=0.0, le=1.0, help="Learning rate of a new Adam when that is a whole number.")


class EQRM(Annealed):
    """The mean risk over domains at first, then a quantile of the distribution that the risks come from."""

    def objective(self, environments: Sequence[Environment]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        config: EQRMConfig = self.config
        losses = risks(self, environments, apart=True)
        # DomainBed draws fractions of a step, which no step equals: Adam then goes on as it was.
        self.start_anew(config.eqrm_burnin_iters, lr=config.eqrm_lr)
        if self.steps < config.eqrm_burnin_iters or len(losses) < 2:
            return losses.mean(), {}
        return quantile(losses, config.eqrm_quantile), {}


def quantile(values: torch.Tensor, share: float) -> torch.Tensor:
    """The quantile of a density of Gaussian kernels about the values [E], E > 1; a scalar.

    The kernels' width is 1.06 times the standard deviation times E to the power -1/5. The quantile lies between those
    of the least and the greatest value's kernels, and is found by halving; the gradient goes through both ends.
    """
    from torch.distributions import Normal

    values = values.double()
    width = 1.06 * values.std() * len(values) ** -0.2
    kernels: Any = Normal(values, width)
    ends = kernels.icdf(values.new_tensor(share))
    low, high = ends.min(), ends.max()
    middle: torch.Tensor = (low + high) / 2
    for _ in range(HALVINGS):
        above = bool(kernels.cdf(middle).mean() > share)
        low, high = (low, middle) if above else (middle, high)
        middle = (low + high) / 2
    return middle


SPEC = declare(
    "eqrm",
    EQRM,
    "EQRM: a high quantile of the training domains' risks in place of their mean.",
    ("Eastwood et al. 2022, arXiv 2207.09944",),
    config=EQRMConfig,
)
