"""Representation self-challenging (Huang et al. 2020, arXiv 2007.02454)."""

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
class RSCConfig(Config):
    """How much is muted."""

    rsc_f_drop_factor: float = setting(1 / 3, ge=0.0, le=1.0, help="Share of each image's features that is muted.")
    rsc_b_drop_factor: float = setting(1 / 3, ge=0.0, le=1.0, help="Share of the images whose features are muted.")


class RSC(Algorithm):
    """The loss without the features that the classifier relies on most, for the images where they matter most."""

    def objective(self, environments: Sequence[Environment]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        import torch

        config: RSCConfig = self.config
        inputs, labels = pooled(environments)
        features = self.featurizer(inputs)
        seen = features.detach().requires_grad_()
        logits = self.classifier(seen)
        slope = torch.autograd.grad(chosen(logits, labels).sum(), seen)[0]
        kept = below(slope, config.rsc_f_drop_factor)
        with torch.no_grad():
            muted = self.classifier(features.detach() * kept)
            fall = chosen(logits.softmax(1), labels) - chosen(muted.softmax(1), labels)
            spared = below(fall[None], config.rsc_b_drop_factor)[0]
            mask = kept.logical_or(spared[:, None]).float()
        return cross_entropy(self.classifier(features * mask), labels), {"muted": 1.0 - mask.mean()}


def chosen(rows: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """The entry of each row [B, C] at its label: [B]."""
    return rows.gather(1, labels[:, None])[:, 0]


def below(rows: torch.Tensor, share: float) -> torch.Tensor:
    """Where [B, D] is under its row's quantile of 1 - share; with share 0 everywhere."""
    import torch

    if share == 0.0:
        return torch.ones_like(rows, dtype=torch.bool)
    return rows < torch.quantile(rows.float(), 1.0 - share, dim=1, keepdim=True)


SPEC = declare(
    "rsc",
    RSC,
    "RSC: the loss with the features muted that the classifier relies on most.",
    ("Huang et al. 2020, arXiv 2007.02454",),
    config=RSCConfig,
)
