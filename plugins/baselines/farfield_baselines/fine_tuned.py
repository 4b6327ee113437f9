"""End-to-end fine-tuning of a CLIP model's image tower: what FT and its descendants share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from farfield import Base, RunContext, TrainingSet
from farfield.runtime.base_phase import MOST_BYTES
from farfield_baselines.clip_methods import TrainConfig, load, zero_shot_weight

if TYPE_CHECKING:
    from farfield_baselines.networks.fine_tuning import Loss, Recipe

TOO_LARGE = "too-large"  # in the place of all arrays of a base


class FineTuned:
    """The image tower with the zero-shot classifier as its head, trained by AdamW on the cross-entropy.

    The start is WiSE-FT's (Wortsman et al. 2022, arXiv 2109.01903, section 3): before training it is the zero-shot
    model exactly. Subclasses say what is minimised (`loss`), and what comes before and after (`fit`).
    """

    def __init__(self, context: RunContext) -> None:
        from farfield_baselines.networks.fine_tuning import ImageClassifier

        self.context, self.clip = context, load(context)
        self.pixels = self.clip.pixels
        self.network = ImageClassifier(self.clip.image_tower, zero_shot_weight(context, self.clip)).to(context.device)

    def fit(self, train: TrainingSet) -> None:
        self.train(train)

    def train(self, train: TrainingSet) -> None:
        """Change every parameter, in place. The network stays in evaluation mode: see `fine_tuning.fine_tune`."""
        from farfield_baselines.networks import fine_tuning

        parameters = list(self.network.eval().requires_grad_(True).parameters())
        fine_tuning.optimise(parameters, self.loss(), train, self.recipe(), self.pixels, self.context.progress)

    def loss(self) -> Loss:
        """What is minimised."""
        from farfield_baselines.networks.fine_tuning import cross_entropy

        return cross_entropy(self.network)

    def recipe(self) -> Recipe:
        return recipe(self.context.config, self.context.seed)

    def predict(self, images: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        """uint8 [B, H, W, 3] -> logits float32 [B, C]."""
        from farfield_baselines.networks.fine_tuning import logits_of

        return logits_of(self.network, self.pixels(images))


class FT(FineTuned):
    """The same by cross-entropy alone: what several methods begin with, and share."""

    def train(self, train: TrainingSet) -> None:
        """Take over what was trained first, if it was; else train."""
        from farfield_baselines.networks import fine_tuning

        if self.context.base is None or TOO_LARGE in self.context.base:
            super().train(train)
        else:
            fine_tuning.take_over(self.network.eval(), self.context.base)


def fine_tuned(context: RunContext, train: TrainingSet) -> dict[str, npt.NDArray[Any]]:
    """The network after training, every tensor by name; of one that is too large to be kept, a note alone."""
    tuned = FT(context)
    if sum(tensor.nbytes for tensor in tuned.network.state_dict().values()) >= MOST_BYTES:
        context.log("the network is too large to be kept: each run trains it")
        return {TOO_LARGE: np.ones(1, np.bool_)}
    tuned.train(train)
    return {name: tensor.detach().cpu().numpy() for name, tensor in tuned.network.state_dict().items()}


BASE = Base(train=fine_tuned, config=TrainConfig)


def recipe(config: TrainConfig, seed: int) -> Recipe:
    """AdamW's part of a configuration."""
    from farfield_baselines.networks.fine_tuning import Recipe

    return Recipe(
        epochs=config.epochs,
        batch_size=config.batch_size,
        learning_rate=config.learning_rate,
        weight_decay=config.weight_decay,
        warm_up=config.warm_up,
        seed=seed,
    )
