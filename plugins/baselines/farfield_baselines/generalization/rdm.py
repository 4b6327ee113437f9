"""Risk distribution matching (Nguyen et al. 2024, arXiv 2310.18598)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from farfield import setting
from farfield_baselines.generalization.annealing import Annealed
from farfield_baselines.generalization.core import Config, Environment, cross_entropy, pooled, split
from farfield_baselines.generalization.declare import declare
from farfield_baselines.generalization.information_bottleneck import spread
from farfield_baselines.generalization.mmd import GAMMAS, discrepancy

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class RDMConfig(Config):
    """The penalties' weights, from when on they hold, and how fast then."""

    rdm_lambda: float = setting(5.0, ge=0.0, le=1e4, help="Weight of the risks' discrepancy after the first steps.")
    rdm_penalty_anneal_iters: int = setting(1500, ge=0, le=1_000_000, help="Steps before that, without penalties.")
    variance_weight: float = setting(0.004, ge=0.0, le=1e4, help="Weight of the risks' variance, likewise.")
    rdm_lr: float = setting(1.5e-5, ge=0.0, le=1.0, help="Learning rate of a new Adam from then on.")


class RDM(Annealed):
    """The mean risk, and how far single images' risks in the worst domain are distributed as in all of them."""

    LOSS: ClassVar[str] = "total_loss"

    def objective(self, environments: Sequence[Environment]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        import torch

        config: RDMConfig = self.config
        inputs, labels = pooled(environments)
        errors = cross_entropy(self.logits(inputs), labels, reduction="none")[:, None]
        of_domains = split(errors, environments)
        losses = torch.stack([rows.mean() for rows in of_domains])
        worst = of_domains[int(losses.argmax())]
        matching = discrepancy(worst, errors, (1e-4, *GAMMAS))
        variance = spread(errors) + spread(worst)
        risk, after = losses.mean(), config.rdm_penalty_anneal_iters
        self.start_anew(after, lr=config.rdm_lr)
        holds = float(self.steps >= after)
        loss = risk + holds * (config.rdm_lambda * matching + config.variance_weight * variance)
        of_record = {"update_count": self.steps + 1, "rdm_lambda": config.rdm_lambda}
        terms = {"erm_loss": risk, "matching_penalty": matching, "variance_penalty": variance}
        return loss, terms | {name: torch.tensor(float(value)) for name, value in of_record.items()}


SPEC = declare(
    "rdm",
    RDM,
    "RDM: the risk, and the distribution of risks in the worst training domain made that of all.",
    ("Nguyen et al. 2024, arXiv 2310.18598",),
    config=RDMConfig,
)
