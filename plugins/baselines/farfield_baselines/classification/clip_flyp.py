"""FLYP: fine-tune like you pre-train (Goyal et al. 2023, arXiv 2212.00638)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from farfield import RunContext, TrainingSet
from farfield_baselines.clip_methods import (
    TrainConfig,
    class_names,
    declare,
    load,
    prompt_templates,
    zero_shot_weight,
)
from farfield_baselines.fine_tuned import recipe
from farfield_baselines.prompts import fill

if TYPE_CHECKING:
    import torch


class FLYP:
    """Both towers trained by CLIP's own loss on captions of the labels; the classifier is zero-shot again afterwards.

    An image's caption is its class's name in one of the templates, drawn anew at every step.
    """

    def __init__(self, context: RunContext) -> None:
        self._context, self.clip = context, load(context)
        self._names, self._templates = class_names(context), prompt_templates(context)
        self._weight = zero_shot_weight(context, self.clip)

    def fit(self, train: TrainingSet) -> None:
        from farfield_baselines.networks import fine_tuning

        context, model = self._context, self.clip.model
        parameters = list(model.eval().requires_grad_(True).parameters())
        steps, draws = recipe(context.config, context.seed), np.random.default_rng(context.seed)

        def loss(pixels: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
            return self.contrast(pixels, self.captions(labels.tolist(), draws))

        fine_tuning.optimise(parameters, loss, train, steps, self.clip.pixels, context.progress)
        self._weight = self.clip.embed_classes(self._names, self._templates) * float(model.logit_scale.detach().exp())

    def captions(self, labels: list[int], draws: np.random.Generator) -> list[str]:
        """One prompt for each label."""
        chosen = draws.integers(len(self._templates), size=len(labels))
        return [fill(self._templates[t], self._names[label]) for t, label in zip(chosen, labels, strict=True)]

    def contrast(self, pixels: torch.Tensor, captions: list[str]) -> torch.Tensor:
        """The loss of a batch of pixels [B, 3, H, W] with their captions."""
        from farfield_baselines.networks.objectives import contrastive

        model = self.clip.model
        images = model.encode_image(pixels, normalize=True)
        texts = model.encode_text(self.clip.tokens(captions), normalize=True)
        return contrastive(images, texts, model.logit_scale.exp())

    def predict(self, images: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        """uint8 [B, H, W, 3] -> logits float32 [B, C]."""
        return np.asarray(self.clip.embed_images(images) @ self._weight.T)


SPEC = declare(
    "clip-flyp",
    FLYP,
    "Both towers of any CLIP model fine-tuned by CLIP's own loss on captions of the labels.",
    ("Goyal et al. 2023, arXiv 2212.00638",),
    TrainConfig,
    stochastic=True,
)
