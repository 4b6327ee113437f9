"""Group distributionally robust optimisation over domains (Sagawa et al. 2020, arXiv 1911.08731, algorithm 1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield import setting
from farfield_baselines.generalization.core import Algorithm, Config, Environment, Setup, risks
from farfield_baselines.generalization.declare import declare

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class GroupDROConfig(Config):
    """How fast the weights of the domains move."""

    groupdro_eta: float = setting(1e-2, ge=0.0, le=10.0, help="Step size of the exponentiated gradient.")


class GroupDRO(Algorithm):
    """The risk weighted towards the domains that are worst now."""

    def __init__(self, setup: Setup) -> None:
        import torch

        super().__init__(setup)
        self.weights = torch.full((setup.domains,), 1.0 / setup.domains, device=setup.device)

    def objective(self, environments: Sequence[Environment]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        config: GroupDROConfig = self.config
        losses = risks(self, environments, apart=True)
        self.weights = moved(self.weights, losses.detach(), config.groupdro_eta)
        return losses @ self.weights, {"worst": losses.max()}


def moved(weights: torch.Tensor, losses: torch.Tensor, eta: float) -> torch.Tensor:
    """Exponentiated gradient ascent on the simplex: weights [E] times exp(eta * losses), to sum one."""
    raised = weights.log() + eta * losses
    return raised.softmax(dim=0)


SPEC = declare(
    "groupdro",
    GroupDRO,
    "Group DRO: the loss of the worst training domain, through weights that follow the losses.",
    ("Sagawa et al. 2020, arXiv 1911.08731",),
    config=GroupDROConfig,
)
