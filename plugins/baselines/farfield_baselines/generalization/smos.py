"""SMOS: a student kept near a precursor that saw scenes of video games (Luo et al. 2024, arXiv 2405.15961)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from farfield import setting
from farfield_baselines.generalization.core import Algorithm, Config, Environment, Setup, cross_entropy, pooled
from farfield_baselines.generalization.declare import declare
from farfield_baselines.generalization.miro import first_spreads, surprise, variance

if TYPE_CHECKING:
    import torch


SMALLEST = 1e-12  # of what a logarithm is taken of


@dataclass(frozen=True, kw_only=True)
class SMOSConfig(Config):
    """The precursor, and how near the student stays."""

    precursor: str = setting("", help="File of the precursor's featurizer; empty takes the student's own start.")
    smos_weight: float = setting(0.15, ge=0.0, le=1e4, help="Weight of the divergence of the last features.")
    smos_factor: float = setting(
        10.0, ge=1e-3, le=1e4, help="Divides the stages' weight, and is the rate of their variances in units of lr."
    )
    smos_divergence: str = setting("js", choices=("js", "kl"), help="Of the last features from the precursor's.")


class SMOS(Algorithm):
    """The risk, how unlikely the student's stages find the precursor's, and a divergence of the last features.

    The precursor is an ERM network of SuperMarioDomains, from ImageNet's weights (SMOS+) or from scratch (SMOS-), with
    its file in `precursor`. As released (a027d58), the stages are the stem and the four blocks of a ResNet, and the
    divergence takes raw features, which are no distributions. Features below zero, which a ResNet has none of, count
    as zero where it takes a logarithm.
    """

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self.teacher: Any = frozen_teacher(self, self.config.precursor)
        self.spreads = first_spreads(self.teacher, setup, stem=True)[:-1]  # the last features have the divergence
        rate = self.config.lr * self.config.smos_factor
        self.optimizer.add_param_group({"params": self.spreads, "lr": rate})

    def objective(self, environments: Sequence[Environment]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        import torch

        from farfield_baselines.networks.featurizers import stage_outputs

        inputs, labels = pooled(environments)
        features, stages = stage_outputs(self.featurizer, inputs, stem=True)
        with torch.no_grad():
            before, earlier = stage_outputs(self.teacher, inputs, stem=True)
        pairs = zip(stages[:-1], earlier[:-1], self.spreads, strict=True)
        terms = [surprise(now, then, variance(spread)) for now, then, spread in pairs]
        bound = torch.stack(terms).sum() if terms else torch.zeros((), device=features.device)
        apart = DIVERGENCES[self.config.smos_divergence](before, features)
        risk = cross_entropy(self.classifier(features), labels)
        weight = self.config.smos_weight
        loss = risk + weight / self.config.smos_factor * bound + weight * apart
        return loss, {"nll": risk, "penalty": bound, "feat_loss": apart}


def frozen_teacher(student: Algorithm, file: str) -> Any:
    """A featurizer like the student's, which nothing trains: with a file's weights, or the student as it starts."""
    import copy

    if not file:
        return copy.deepcopy(student.featurizer).requires_grad_(False).eval()
    setup = student.setup
    network = replace(student.config, weights=file).network(setup.shape).to(setup.device)
    return network.requires_grad_(False).eval()


def raw_kl(logs: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Mean of target (log target - logs) over all entries of [B, D] twice, whatever the two are; a scalar."""
    positive = target.clamp(min=SMALLEST)
    return (positive * positive.log() - target * logs).mean()


def raw_js(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """Half of both `raw_kl` from their mean; a scalar."""
    middle = (first + second) / 2
    return (raw_kl(first, middle) + raw_kl(second, middle)) / 2


DIVERGENCES = {"js": raw_js, "kl": raw_kl}

SPEC = declare(
    "smos",
    SMOS,
    "SMOS: the risk, with features kept near those of a precursor of video games' scenes.",
    ("Luo et al. 2024, arXiv 2405.15961",),
    config=SMOSConfig,
    images_only=True,
)
