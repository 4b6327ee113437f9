"""NMTune: regularised adaptation of frozen features (Chen et al. 2024, arXiv 2309.17002)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from farfield import RunContext, TrainingSet, setting
from farfield.runtime.dataset import ArraySource, LabeledSet
from farfield_baselines.clip_methods import ModelConfig, declare, load
from farfield_baselines.embeddings import embedded

if TYPE_CHECKING:
    import torch

PENALTY = "Weight of the penalty on "


@dataclass(frozen=True, kw_only=True)
class Config(ModelConfig):
    """The model, AdamW, and the three penalties."""

    epochs: int = setting(30, ge=1, le=1000, help="Passes over the training split's features.")
    batch_size: int = setting(64, ge=2, le=4096, help="Features a step.")
    learning_rate: float = setting(1e-3, ge=0.0, le=0.1, help="Peak learning rate of AdamW.")
    weight_decay: float = setting(1e-4, ge=0.0, le=1.0, help="Decoupled weight decay of AdamW.")
    consistency: float = setting(0.01, ge=0.0, le=1e4, help=f"{PENALTY}leaving the pre-trained features.")
    covariance: float = setting(0.01, ge=0.0, le=1e4, help=f"{PENALTY}correlated dimensions.")
    singular: float = setting(0.01, ge=0.0, le=1e4, help=f"{PENALTY}a weak dominant singular value.")


class NMTune:
    """A perceptron and a linear classifier on unit image embeddings times the square root of their width.

    The embeddings are computed once. Before `fit`, and on a benchmark without a training split, there is no classifier.
    """

    def __init__(self, context: RunContext) -> None:
        self._context, self._clip = context, load(context)
        self._adapter: Any = None

    def fit(self, train: TrainingSet) -> None:
        from farfield_baselines.networks import fine_tuning, nmtune
        from farfield_baselines.networks.seeding import seeded

        context, config = self._context, self._context.config
        features = self.scaled(embedded(self._clip.embed_images, train))
        with seeded(context.device, context.seed):
            self._adapter = nmtune.Adapter(features.shape[1], context.class_count).to(context.device)
        weights = nmtune.Weights(consistency=config.consistency, covariance=config.covariance, singular=config.singular)

        def loss(rows: "torch.Tensor", labels: "torch.Tensor") -> "torch.Tensor":
            return nmtune.objective(self._adapter, rows, labels, weights)

        parameters = list(self._adapter.parameters())
        rows = LabeledSet(ArraySource(features), train.labels, train.domains)
        recipe = fine_tuning.Recipe(
            epochs=config.epochs,
            batch_size=config.batch_size,
            learning_rate=config.learning_rate,
            weight_decay=config.weight_decay,
            seed=context.seed,
        )
        fine_tuning.optimise(parameters, loss, rows, recipe, self.rows, context.progress, mirrored=False)

    def predict(self, images: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        """uint8 [B, H, W, 3] -> logits float32 [B, C]. Raises ValueError before `fit`."""
        import torch

        if self._adapter is None:
            raise ValueError("NMTune needs a benchmark with a training split; this one has none")
        with torch.inference_mode():
            _, logits = self._adapter(self.rows(self.scaled(self._clip.embed_images(images))))
        return np.asarray(logits.cpu().numpy())

    def scaled(self, embeddings: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Unit embeddings [B, D] -> the same directions with entries of about 1."""
        return embeddings * np.float32(np.sqrt(embeddings.shape[1]))

    def rows(self, features: npt.NDArray[Any]) -> "torch.Tensor":
        import torch

        return torch.from_numpy(np.asarray(features)).to(self._context.device)


SPEC = declare(
    "nmtune",
    NMTune,
    "A regularised perceptron and a linear classifier on any CLIP model's frozen image embeddings.",
    ("Chen et al. 2024, arXiv 2309.17002",),
    Config,
    stochastic=True,
)
