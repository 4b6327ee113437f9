"""The source model of SHOT (Liang et al. 2020, arXiv 2002.08546, section 3.1), from which methods adapt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from farfield import RunContext, TrainingSet, setting
from farfield_baselines.trained.config import OPTIMIZERS, SCHEDULES, TrainConfig
from farfield_baselines.trained.core import Array, Setup, TensorBatch
from farfield_baselines.trained.declare import First
from farfield_baselines.trained.first import Begun, arrays_of

if TYPE_CHECKING:
    import torch
    from torch import nn

SLOWER = 0.1  # the featurizer's rate, as a share of that of the new layers
SHOT = "Liang et al. 2020, arXiv 2002.08546"


@dataclass(frozen=True, kw_only=True)
class ShotConfig(TrainConfig):
    """The source model's training, with SHOT's defaults."""

    batch: int = setting(64, ge=1, le=4096, help="Examples a step on the source; fewer where it has fewer.")
    lr: float = setting(1e-2, ge=0.0, le=10.0, help="Learning rate on the source; a tenth of it in the featurizer.")
    optimizer: str = setting("sgd", choices=OPTIMIZERS, help="Which optimizer on the source.")
    weight_decay: float = setting(1e-3, ge=0.0, le=1.0, help="L2 penalty in sgd and adam; decoupled in adamw.")
    schedule: str = setting("fixmatch", choices=SCHEDULES, help="How the rate moves on the source.")
    smoothing: float = setting(0.1, ge=0.0, le=0.9, help="Share of a source label that is spread over all classes.")
    bottleneck: int = setting(256, ge=1, le=4096, help="Width of the layer with BatchNorm before the classifier.")


class ShotModel(Begun):
    """A featurizer, a layer with BatchNorm and a classifier of normalised weights, on smoothed labels."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self.bottleneck: Any = self.part("bottleneck", bottleneck(self.featurizer.width, self.config.bottleneck))

    def make_classifier(self) -> nn.Module:
        from torch import nn
        from torch.nn.utils.parametrizations import weight_norm

        head: nn.Module = weight_norm(nn.Linear(self.config.bottleneck, self.setup.outputs))
        return head

    def embeddings(self, inputs: torch.Tensor) -> torch.Tensor:
        """What the classifier sees of inputs [B, ...]: [B, width of the bottleneck]."""
        seen: torch.Tensor = self.bottleneck(self.featurizer(inputs))
        return seen

    def logits(self, inputs: torch.Tensor) -> torch.Tensor:
        outputs: torch.Tensor = self.classifier(self.embeddings(inputs))
        return outputs

    def rate(self, part: str) -> float:
        return slowed(self.config.lr, part)

    def loss(self, batch: TensorBatch) -> torch.Tensor:
        from torch.nn import functional

        smoothing: float = self.config.smoothing
        return functional.cross_entropy(self.logits(batch.inputs), batch.labels, label_smoothing=smoothing)


def source_model(context: RunContext, train: TrainingSet, *, val: TrainingSet | None = None) -> dict[str, Array]:
    """The source model, every tensor by name."""
    return arrays_of(ShotModel, context, train, val=val)


SOURCE = First(train=source_model, config=ShotConfig)


def slowed(rate: float, part: str) -> float:
    """The rate of a part: the featurizer's is a tenth."""
    return float(rate * (SLOWER if part == "featurizer" else 1.0))


def bottleneck(inputs: int, width: int) -> nn.Module:
    """[B, inputs] -> [B, width], linear and normalised over the batch."""
    from torch import nn

    return nn.Sequential(nn.Linear(inputs, width), nn.BatchNorm1d(width))
