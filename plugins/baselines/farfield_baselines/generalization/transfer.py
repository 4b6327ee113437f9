"""Transfer (Zhang et al. 2021, arXiv 2106.03632, algorithm 1): no classifier nearby does very differently by domain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from farfield import setting
from farfield_baselines.generalization.core import Algorithm, Config, Environment, Setup, cross_entropy, pooled
from farfield_baselines.generalization.declare import declare

if TYPE_CHECKING:
    import torch
    from torch import nn


@dataclass(frozen=True, kw_only=True)
class TransferConfig(Config):
    """The gap's weight, and the rival classifier that widens it."""

    t_lambda: float = setting(1.0, ge=0.0, le=1e4, help="Weight of the gap between the worst and the best domain.")
    delta: float = setting(2.0, ge=0.0, le=1e4, help="How far the rival may go from the classifier.")
    d_steps_per_g: int = setting(10, ge=1, le=1000, help="Steps of the rival after each of the others.")
    weight_decay_d: float = setting(0.0, ge=0.0, le=1.0, help="Drawn by DomainBed, which makes no use of it.")
    gda: bool = setting(
        False, help="As in DomainBed, whose optimizer then holds the rival alone: the network keeps its first weights."
    )
    beta1: float = setting(0.5, ge=0.0, le=0.999, help="Drawn by DomainBed, which makes no use of it.")
    lr_d: float = setting(1e-3, ge=0.0, le=1.0, help="Learning rate of the rival's SGD.")


class Transfer(Algorithm):
    """The pooled risk, then the gap between domains of a rival that was moved to where the gap is wide."""

    def __init__(self, setup: Setup) -> None:
        import torch

        super().__init__(setup)
        config: TransferConfig = self.config
        self.rival: Any = self.part("rival", self.make_classifier())
        self.rival.load_state_dict(self.classifier.state_dict())
        self.rival_optimizer = torch.optim.SGD(self.rival.parameters(), lr=config.lr_d)
        if config.gda:
            self.optimizer = torch.optim.SGD(self.rival.parameters(), lr=config.lr)

    def step(self, environments: Sequence[Environment]) -> dict[str, Any]:
        import torch

        config: TransferConfig = self.config
        inputs, labels = pooled(environments)
        risk = cross_entropy(self.logits(inputs), labels)
        self.descend(risk)
        self.descend(self.gap([self.featurizer(e.inputs) for e in environments], environments))
        self.rival.load_state_dict(self.classifier.state_dict())
        for _ in range(config.d_steps_per_g):
            with torch.no_grad():  # anew each time, since BatchNorm counts how often it looks
                features = [self.featurizer(e.inputs) for e in environments]
            gap = self.gap(features, environments)
            self.rival_optimizer.zero_grad()
            (-gap).backward()  # type: ignore[no-untyped-call]
            self.rival_optimizer.step()
            pull_back(self.rival, self.classifier, config.delta)
        return {"loss": risk.detach(), "gap": gap.detach()}

    def gap(self, features: Sequence[torch.Tensor], environments: Sequence[Environment]) -> torch.Tensor:
        """The weighted difference of the rival's risks in its worst and its best domain; a scalar."""
        import torch

        pairs = zip(features, environments, strict=True)
        losses = torch.stack([cross_entropy(self.rival(f), e.labels) for f, e in pairs])
        gap: torch.Tensor = self.config.t_lambda * (losses.max() - losses.min())
        return gap


def pull_back(moved: nn.Module, centre: nn.Module, radius: float) -> None:
    """Move one network's weights to no more than the radius from the other's, on the line between them."""
    import torch

    with torch.no_grad():
        pairs = list(zip(moved.parameters(), centre.parameters(), strict=True))
        distance = torch.stack([(a - b).square().sum() for a, b in pairs]).sum().sqrt()
        if distance > radius:
            for a, b in pairs:
                a.copy_(b + radius / distance * (a - b))


SPEC = declare(
    "transfer",
    Transfer,
    "Transfer: the risk, and a small gap between the best and the worst training domain for classifiers nearby.",
    ("Zhang et al. 2021, arXiv 2106.03632",),
    config=TransferConfig,
)
