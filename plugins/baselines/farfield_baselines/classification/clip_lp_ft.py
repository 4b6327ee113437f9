"""LP-FT: a linear probe first, then fine-tuning from it (Kumar et al. 2022, arXiv 2202.10054)."""

from dataclasses import dataclass

import numpy as np

from farfield import TrainingSet, setting
from farfield.logistic import Probe
from farfield_baselines.clip_methods import TrainConfig, declare
from farfield_baselines.embeddings import embedded
from farfield_baselines.fine_tuned import FineTuned
from farfield_baselines.probe import fitted


@dataclass(frozen=True, kw_only=True)
class Config(TrainConfig):
    """Fine-tuning, and the probe before it."""

    l2: float = setting(0.0, ge=0.0, le=1e6, help="Weight of the probe's L2 penalty; 0: chosen on validation.")
    validation: float = setting(0.2, ge=0.01, le=0.9, help="Share of the training split that chooses l2.")


class LPFT(FineTuned):
    """Fine-tuning whose head starts from the linear probe instead of the zero-shot classifier.

    A head that fits already changes the features less. A class without training images keeps its zero-shot weight.
    """

    def fit(self, train: TrainingSet) -> None:
        config: Config = self.context.config
        features = embedded(self.clip.embed_images, train)
        self.start_from(fitted(features, train.labels, config.l2, config.validation, self.context))
        self.train(train)

    def start_from(self, probe: Probe) -> None:
        """Put the probe's weight and bias into the head, for the classes that it knows."""
        import torch

        head, rows = self.network.head, torch.from_numpy(probe.present).to(self.context.device)
        with torch.no_grad():
            head.weight[rows] = torch.from_numpy(probe.weight.astype(np.float32)).to(head.weight)
            head.bias[rows] = torch.from_numpy(probe.bias.astype(np.float32)).to(head.bias)


SPEC = declare(
    "clip-lp-ft",
    LPFT,
    "Any CLIP model: a linear probe first, then fine-tuning end to end from it.",
    ("Kumar et al. 2022, arXiv 2202.10054",),
    Config,
    stochastic=True,
)
