"""CAR-FT: fine-tuning that keeps what CLIP says of an image's context (Mao et al. 2022, arXiv 2211.16175)."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from farfield import setting
from farfield_baselines.classification.clip_car_ft import ContextConfig, context_weight, direction
from farfield_baselines.generalization.clip import AugmentedConfig, OnClip, declare
from farfield_baselines.generalization.core import Environment, Setup, cross_entropy, pooled
from farfield_baselines.prompts import listed_templates

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class CARFTConfig(ContextConfig, AugmentedConfig):
    """The divergence between context distributions. The paper's weight could not be looked up: 1 is our own."""

    car_lambda: float = setting(1.0, ge=0.0, le=1e4, help="Weight of the divergence; 0 leaves fine-tuning.")
    car_direction: str = direction()


class ClipCARFT(OnClip):
    """The pooled risk, and how far the context distribution has moved from the zero-shot model's.

    A context's weight is the mean over classes of the embeddings of "a [CONTEXT] of [CLASS]"; an image's context
    distribution is the softmax over contexts. The text tower is not trained, so both models share the contexts.
    """

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self.frozen: Any = copy.deepcopy(self.featurizer).requires_grad_(False).eval()
        templates = listed_templates(self.config.templates, self.config.model)
        self.contexts = context_weight(self.clip, self.config.by_class(setup.class_names, templates), setup.device)

    def objective(self, environments: Sequence[Environment]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        import torch

        from farfield_baselines.networks.objectives import divergence

        inputs, labels = pooled(environments)
        embeddings = self.featurizer(inputs)
        with torch.no_grad():
            before = self.frozen(inputs) @ self.contexts.T
        risk = cross_entropy(self.classifier(embeddings), labels)
        moved = divergence(before, embeddings @ self.contexts.T, self.config.car_direction)
        return risk + self.config.car_lambda * moved, {"nll": risk, "penalty": moved}


SPEC = declare(
    "car-ft",
    ClipCARFT,
    "A CLIP model fine-tuned while its distribution over contexts stays near the zero-shot model's.",
    ("Mao et al. 2022, arXiv 2211.16175",),
    CARFTConfig,
)
