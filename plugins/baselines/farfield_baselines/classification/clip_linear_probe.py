"""Linear probe on a CLIP model's image embeddings (Radford et al. 2021, arXiv 2103.00020, section 3.2)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield import RunContext, TrainingSet, setting
from farfield_baselines.backbones import CLIP_PAPER
from farfield_baselines.clip_methods import ModelConfig, declare, load
from farfield_baselines.probe import Probe, fitted


@dataclass(frozen=True, kw_only=True)
class Config(ModelConfig):
    """The model, and how strongly the classifier is held back."""

    l2: float = setting(
        0.0, ge=0.0, le=1e6, help="Weight of the L2 penalty, 1/C in scikit-learn's words; 0: chosen on validation."
    )
    validation: float = setting(0.2, ge=0.01, le=0.9, help="Share of the training split that chooses l2.")


class LinearProbe:
    """Multinomial logistic regression on unit image embeddings; its strength is chosen on a part of the training split.

    The paper sweeps 96 strengths over twelve decades; here the grid has one value a decade. The classifier is then
    fitted to the whole training split.
    """

    def __init__(self, context: RunContext) -> None:
        self._context, self._clip = context, load(context)
        self._probe: Probe | None = None

    def fit(self, train: TrainingSet) -> None:
        config: Config = self._context.config
        features = embedded(self._clip, train)
        self._probe = fitted(features, train.labels, config.l2, config.validation, self._context)

    def predict(self, images: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        """uint8 [B, H, W, 3] -> logits [B, C]. Raises ValueError before `fit`."""
        if self._probe is None:
            raise ValueError("a linear probe needs a benchmark with a training split; this one has none")
        return self._probe.logits(self._clip.embed_images(images))


def embedded(clip: Any, train: TrainingSet, batch: int = 64) -> npt.NDArray[np.float32]:
    """Unit image embeddings float32 [N, D] of the training split, in its order."""
    return np.concatenate([clip.embed_images(part.inputs) for part in train.batches(batch)])


SPEC = declare(
    "clip-linear-probe",
    LinearProbe,
    "Logistic regression on any CLIP model's frozen image embeddings.",
    (CLIP_PAPER,),
    Config,
)
