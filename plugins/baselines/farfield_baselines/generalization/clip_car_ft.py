"""CAR-FT: fine-tuning that keeps what CLIP says of an image's context (Mao et al. 2022, arXiv 2211.16175)."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from farfield import setting
from farfield_baselines.classification.clip_car_ft import CONTEXTS, PROMPT, listed, prompts
from farfield_baselines.generalization.clip import AugmentedConfig, OnClip, declare
from farfield_baselines.generalization.core import Environment, Setup, cross_entropy, pooled

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class CARFTConfig(AugmentedConfig):
    """The divergence between context distributions. The paper's weight could not be looked up: 1 is our own."""

    contexts: str = setting(CONTEXTS, max_length=4000, help="The contexts, separated by commas; at least two.")
    prompt: str = setting(PROMPT, max_length=500, help="The prompt, with [CONTEXT] and [CLASS].")
    car_lambda: float = setting(1.0, ge=0.0, le=1e4, help="Weight of the divergence; 0 leaves fine-tuning.")
    car_direction: str = setting(
        "zero-shot-first",
        choices=("zero-shot-first", "tuned-first"),
        help="KL(zero-shot || tuned), or KL(tuned || zero-shot).",
    )

    def __post_init__(self) -> None:
        if len(listed(self.contexts)) < 2:
            raise ValueError(f"contexts: {self.contexts!r} has fewer than two; separate them by commas")
        if "[CONTEXT]" not in self.prompt or "[CLASS]" not in self.prompt:
            raise ValueError(f"prompt: {self.prompt!r} lacks [CONTEXT] or [CLASS]")


class ClipCARFT(OnClip):
    """The pooled risk, and how far the context distribution has moved from the zero-shot model's.

    A context's weight is the mean over classes of the embeddings of "a [CONTEXT] of [CLASS]"; an image's context
    distribution is the softmax over contexts. The text tower is not trained, so both models share the contexts.
    """

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self.frozen: Any = copy.deepcopy(self.featurizer).requires_grad_(False).eval()
        self.contexts = self.context_weight()

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

    def context_weight(self) -> torch.Tensor:
        """Float32 [K, D] on unit embeddings, times the logit scale."""
        import torch

        from farfield_baselines.networks import objectives

        config: CARFTConfig = self.config
        rows = [
            torch.from_numpy(self.clip.embed_prompts(prompts(config.prompt, listed(config.contexts), name)))
            for name in self.setup.class_names
        ]
        return objectives.context_weight(torch.stack(rows), self.clip.scale).to(self.setup.device)


SPEC = declare(
    "car-ft",
    ClipCARFT,
    "A CLIP model fine-tuned while its distribution over contexts stays near the zero-shot model's.",
    ("Mao et al. 2022, arXiv 2211.16175",),
    CARFTConfig,
)
