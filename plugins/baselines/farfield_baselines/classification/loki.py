"""Loki: Frechet-mean prediction over a label metric (Roberts et al. 2023, arXiv 2307.12226)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield import RunContext, TrainingSet, setting
from farfield.errors import ConfigError
from farfield.logistic import Probe
from farfield.numerics import softmax
from farfield_baselines import loki
from farfield_baselines.backbones import any_clip
from farfield_baselines.clip_methods import PromptConfig, class_names, declare, prompt_templates, prompt_tower
from farfield_baselines.embeddings import embedded
from farfield_baselines.probe import fitted

TEXT = "text"


@dataclass(frozen=True, kw_only=True)
class Config(PromptConfig):
    """The model, whose probabilities are taken, and the metric between the labels."""

    probabilities: str = setting(
        "linear-probe",
        choices=("linear-probe", "zero-shot"),
        help="From a linear probe on the classes that have training images, or from the zero-shot classifier.",
    )
    temperature: float = setting(1.0, ge=1e-3, le=1e3, help="Logits are divided by it before the softmax.")
    metric: str = setting(
        TEXT,
        max_length=1000,
        help='"text": distances between the classes\' text embeddings; or a .npy file of distances [C, C].',
    )
    l2: float = setting(0.0, ge=0.0, le=1e6, help="Weight of the probe's L2 penalty; 0: chosen on validation.")
    validation: float = setting(0.2, ge=0.01, le=0.9, help="Share of the training split that chooses l2.")


class Loki:
    """The label with the least mean squared distance to the labels that a classifier believes in.

    With the probe a class without training images can still be predicted, because it has a place among the others.
    """

    def __init__(self, context: RunContext) -> None:
        self._context, self._tower = context, prompt_tower(context)
        config: Config = context.config
        self._embeddings = self._tower.embed_classes(class_names(context), prompt_templates(context))
        self._distances = distances(config.metric, self._embeddings)
        self._probe: Probe | None = None

    def fit(self, train: TrainingSet) -> None:
        config: Config = self._context.config
        if config.probabilities == "linear-probe":
            features = embedded(self._embed, train)
            self._probe = fitted(features, train.labels, config.l2, config.validation, self._context)

    def predict(self, images: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        """uint8 [B, H, W, 3] -> minus mean squared distances [B, C], as logits. Raises ValueError before `fit`."""
        embeddings = self._embed(images)
        observed, logits = self.observed(embeddings)
        beliefs = softmax(logits / self._context.config.temperature)
        return loki.frechet_logits(beliefs, self._distances[:, observed])

    def _embed(self, images: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return images if images.ndim == 2 else self._tower.clip.embed_images(images)

    def observed(self, embeddings: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int64], npt.NDArray[Any]]:
        """(the K labels that the classifier knows, its logits [B, K])."""
        if self._context.config.probabilities == "zero-shot":
            weight = self._tower.scale * self._embeddings
            return np.arange(self._context.class_count), embeddings @ weight.T
        if self._probe is None:
            raise ValueError("Loki's linear probe needs a benchmark with a training split; set probabilities=zero-shot")
        return self._probe.present, embeddings @ self._probe.weight.T + self._probe.bias


def distances(metric: str, embeddings: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """The label metric [C, C]. Raises ConfigError for a file that is missing or holds no metric."""
    if metric == TEXT:
        return loki.euclidean(embeddings)
    try:
        stored = np.load(metric, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise ConfigError([f"metric: {metric!r} is neither {TEXT} nor a .npy file of numbers: {error}"]) from error
    if not isinstance(stored, np.ndarray):
        raise ConfigError([f"metric: {Path(metric).name} holds several arrays; save one, [C, C], as .npy"])
    return loki.check_metric(stored, len(embeddings), Path(metric).name)


SPEC = declare(
    "loki",
    Loki,
    "The Frechet mean of a classifier's probabilities under a metric between the labels, on any CLIP model.",
    ("Roberts et al. 2023, arXiv 2307.12226",),
    Config,
    frozen=(any_clip(learns=True, learns_only={"probabilities": "linear-probe"}),),
)
