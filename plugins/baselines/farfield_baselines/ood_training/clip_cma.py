"""CMA: CLIP's towers fine-tuned with an energy between the modalities (Kim & Hwang 2025, arXiv 2503.18817)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from farfield import RunContext, TaskFamily, TrainingSet, setting
from farfield.errors import ProtocolError
from farfield.numerics import softmax
from farfield_baselines.classification.clip_flyp import FLYP
from farfield_baselines.clip_methods import TrainConfig, declare
from farfield_baselines.ood_detection.core import Floats
from farfield_baselines.ood_detection.neglabel import PAPER, Words, known_share, negatives_of

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class Config(TrainConfig, Words):
    """The training of FLYP, the weight of the energy, and the score."""

    alignment: float = setting(0.001, ge=0.0, le=1e3, help="Weight of the energy; the paper's is 0.001.")
    scored: str = setting(
        "neglabel", choices=("neglabel", "mcm"), help="Against far words, or the highest softmax over cosines."
    )


class CMA(FLYP):
    """FLYP's contrast less the log-sum-exps of both directions; then zero-shot classes, scored against far words."""

    def __init__(self, context: RunContext) -> None:
        super().__init__(context)
        self._config: Any = context.config
        self._classes: Floats | None = None
        self._negatives: Floats | None = None

    def fit(self, train: TrainingSet) -> None:
        super().fit(train)
        self._classes = self.clip.embed_classes(self._names, self._templates)
        if self._config.scored == "neglabel":
            first = self._templates[:1]
            self._negatives = negatives_of(self.clip, self._names, self._classes, first, self._config)

    def contrast(self, pixels: torch.Tensor, captions: list[str]) -> torch.Tensor:
        """The loss of a batch of pixels [B, 3, H, W] with their captions."""
        from farfield_baselines.networks.objectives import aligned

        model = self.clip.model
        images = model.encode_image(pixels, normalize=True)
        texts = model.encode_text(self.clip.tokens(captions), normalize=True)
        return aligned(images, texts, model.logit_scale.exp(), self._config.alignment)

    def score(self, images: npt.NDArray[Any]) -> tuple[Floats, Floats]:
        """uint8 [B, H, W, 3] -> (score [B] in (0, 1], logits [B, C])."""
        if self._classes is None:
            raise ProtocolError("this detector is trained on ID training images, and the benchmark gives none")
        embeddings = self.clip.embed_images(images)
        cosines = embeddings @ self._classes.T
        logits = np.asarray(cosines / self._config.tau, np.float32)
        if self._negatives is None:
            return softmax(cosines).max(axis=1), logits
        negative = embeddings @ self._negatives.T / self._config.tau
        return known_share(logits, negative, self._config.groups), logits


SPEC = declare(
    "clip-cma",
    CMA,
    "Both towers of any CLIP model fine-tuned with an energy between the modalities (CMA).",
    ("Kim & Hwang 2025, arXiv 2503.18817", "Goyal et al. 2023, arXiv 2212.00638", PAPER),
    Config,
    stochastic=True,
    family=TaskFamily.OOD_DETECTION,
)
