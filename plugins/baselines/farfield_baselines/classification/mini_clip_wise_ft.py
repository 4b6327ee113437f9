"""WiSE-FT: fine-tune the zero-shot model, then average the weights (Wortsman et al. 2022, arXiv 2109.01903)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield import MethodSpec, Resources, RunContext, TaskFamily, TrainingSet, setting
from farfield_baselines.backbones import CLIP_PAPER, MINI_CLIP, MINI_CLIP_CLAIMS
from farfield_baselines.classification.clip_wise_ft import ALPHAS, copied
from farfield_baselines.prompts import HELP, templates


@dataclass(frozen=True, kw_only=True)
class Config:
    """The interpolation, and the fine-tuning before it."""

    alpha: float = setting(0.5, ge=0.0, le=1.0, help="0 is the zero-shot model, 1 the fine-tuned one.")
    epochs: int = setting(10, ge=1, le=100, help="Passes over the training split.")
    batch_size: int = setting(16, ge=1, le=512, help="Images a step.")
    learning_rate: float = setting(1e-4, ge=0.0, le=0.1, help="Peak learning rate of AdamW.")
    weight_decay: float = setting(0.1, ge=0.0, le=1.0, help="Decoupled weight decay of AdamW.")
    templates: str = setting("ensemble", help=HELP)
    curve: bool = setting(True, help="Predict at alpha 0, 0.1, ... 1 too: the whole curve in one submission.")


class WiseFT:
    """The image tower with the zero-shot classifier as its head, trained end to end and interpolated."""

    def __init__(self, context: RunContext) -> None:
        from farfield_baselines.networks.fine_tuning import ImageClassifier
        from farfield_baselines.networks.mini_clip import MiniClip

        self._context = context
        clip = MiniClip(context.device)
        classes = clip.embed_classes(context.class_names, templates(context.config.templates))
        self._pixels = clip.pixels
        self._network = ImageClassifier(clip.image_tower, clip.scale * classes).to(context.device)

    def fit(self, train: TrainingSet) -> None:
        from farfield_baselines.networks import fine_tuning

        config: Config = self._context.config
        start = copied(self._network.state_dict())
        recipe = fine_tuning.Recipe(
            epochs=config.epochs,
            batch_size=config.batch_size,
            learning_rate=config.learning_rate,
            weight_decay=config.weight_decay,
            seed=self._context.seed,
        )
        fine_tuning.fine_tune(self._network, train, recipe, self._pixels, self._context.progress)
        self._ends = start, copied(self._network.state_dict())
        self.move_to(config.alpha)

    @property
    def curve_points(self) -> tuple[float, ...]:
        return ALPHAS if self._context.config.curve else ()

    def move_to(self, point: float) -> None:
        """Be the network at alpha = point of the training that `fit` did."""
        from farfield_baselines.networks import fine_tuning

        self._network.load_state_dict(fine_tuning.interpolate(*self._ends, point))

    def predict(self, images: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        """uint8 [B, 128, 128, 3] -> logits float32 [B, C]."""
        from farfield_baselines.networks.fine_tuning import logits_of

        return logits_of(self._network, self._pixels(images))


SPEC = MethodSpec(
    name="mini-clip-wise-ft",
    family=TaskFamily.CLASSIFICATION,
    summary="The mini CLIP fine-tuned end to end, its weights averaged with the zero-shot ones.",
    build=WiseFT,
    inputs=MINI_CLIP.inputs,
    claims=MINI_CLIP_CLAIMS,
    config=Config,
    resources=Resources(memory_gib=6.0),
    stochastic=True,
    papers=("Wortsman et al. 2022, arXiv 2109.01903", CLIP_PAPER),
    licence="Apache-2.0",
)
