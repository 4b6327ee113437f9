"""Linear probe on frozen embeddings (Alain & Bengio 2016, arXiv 1610.01644; Radford et al. 2021, section 3.2)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield import RunContext, TrainingSet, setting
from farfield.logistic import Floats, Probe
from farfield_baselines.clip_methods import ModelConfig
from farfield_baselines.embeddings import declare, embedded, embedder
from farfield_baselines.probe import by_adamw, fitted

ADAMW = "clip-benchmark"
TRAINING = (
    "optimum: logistic regression; clip-benchmark: unit features, 10 epochs of AdamW at 0.1, l2 is its weight decay."
)
L2 = "Weight of the L2 penalty, 1/C in scikit-learn's words; 0: chosen on validation."


@dataclass(frozen=True, kw_only=True)
class Config:
    """How strongly the classifier is held back."""

    l2: float = setting(1.0, ge=0.0, le=1e6, help=L2)
    validation: float = setting(0.2, ge=0.01, le=0.9, help="Share of the training split that chooses l2.")
    training: str = setting("optimum", choices=("optimum", ADAMW), help=TRAINING)


@dataclass(frozen=True, kw_only=True)
class MiniClipConfig(Config):
    """The same; unit embeddings want a lighter hand."""

    l2: float = setting(0.01, ge=0.0, le=1e6, help=L2)


@dataclass(frozen=True, kw_only=True)
class ClipConfig(Config, ModelConfig):
    """The model, and the same."""

    l2: float = setting(0.0, ge=0.0, le=1e6, help=L2)


class LinearProbe:
    """Multinomial logistic regression on embeddings; its strength may be chosen on a part of the training split.

    CLIP's paper sweeps 96 strengths over twelve decades; here the grid has one value a decade. The classifier is then
    fitted to the whole training split. CLIP_benchmark's probe, which is trained by AdamW, is there as a setting.
    """

    def __init__(self, context: RunContext) -> None:
        self._context, self._embed = context, embedder(context)
        self._by_adamw = context.config.training == ADAMW
        self._probe: Probe | None = None

    def fit(self, train: TrainingSet) -> None:
        config: Config = self._context.config
        features = embedded(self._features, train)
        self._probe = (by_adamw if self._by_adamw else fitted)(
            features, train.labels, config.l2, config.validation, self._context
        )

    def predict(self, inputs: npt.NDArray[Any]) -> Floats:
        """Embeddings [B, D] or uint8 [B, H, W, 3] -> logits [B, C]. Raises ValueError before `fit`."""
        if self._probe is None:
            raise ValueError("a linear probe needs a benchmark with a training split; this one has none")
        return self._probe.logits(self._features(inputs))

    def _features(self, inputs: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """The embeddings [B, D], of length 1 as CLIP_benchmark takes them where its probe is asked for."""
        embeddings = self._embed(inputs)
        return embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True) if self._by_adamw else embeddings


SPEC = declare(
    "linear-probe",
    LinearProbe,
    "Logistic regression",
    ("Alain & Bengio 2016, arXiv 1610.01644",),
    {"lite0": Config, "mini-clip": MiniClipConfig, "clip": ClipConfig},
)
