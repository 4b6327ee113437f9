"""ASCOOD: outliers are images with what counts undone (Regmi 2024, arXiv 2411.10794)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield import setting
from farfield_baselines.ood_training.core import Detecting, DetectorConfig, detector
from farfield_baselines.trained.core import TensorBatch

if TYPE_CHECKING:
    import torch

SMALL = 1e-6


@dataclass(frozen=True, kw_only=True)
class Config(DetectorConfig):
    """OpenOOD's settings."""

    weight: float = setting(1.0, ge=0.0, le=1e3, help="Weight of being uniform on outliers.")
    deviation: float = setting(0.5, ge=0.001, le=100.0, help="The deviation that an image's features are brought to.")
    share: float = setting(0.1, ge=0.0, le=1.0, help="Share of the values in which what counts is undone.")
    undoing: str = setting(
        "gradient",
        choices=("gradient", "shuffle"),
        help="Values move along the gradient of the label's logit, or the places with the highest are shuffled.",
    )
    first_step: float = setting(10.0, ge=-1e4, le=1e4, help="How far values move along it in the first epoch.")
    last_step: float = setting(10.0, ge=-1e4, le=1e4, help="How far in the last; between them in even steps.")


class ASCOOD(Detecting):
    """Cross-entropy, and uniform predictions on outliers made of the same images; features have one deviation."""

    def logits(self, inputs: torch.Tensor) -> torch.Tensor:
        features = self.featurizer(inputs)
        centred = features - features.mean(dim=1, keepdim=True)
        outputs: torch.Tensor = self.classifier(
            self.config.deviation * centred / (features.std(dim=1, keepdim=True) + SMALL)
        )
        return outputs

    def loss(self, batch: TensorBatch) -> torch.Tensor:
        import torch

        from farfield_baselines.networks.ood_losses import to_uniform

        count = len(batch.labels)
        logits = self.logits(torch.cat([batch.inputs, self.outliers(batch)]))
        outside = to_uniform(logits[count:]) - torch.tensor(float(self.setup.outputs)).log()
        risk: torch.Tensor = self.errors(logits[:count], batch).mean() + self.config.weight * outside
        return risk

    def outliers(self, batch: TensorBatch) -> torch.Tensor:
        """The batch's inputs with what speaks for their labels undone."""
        import torch

        from farfield_baselines.networks.outliers import shuffled, undone

        inputs = batch.inputs.detach().clone().requires_grad_(True)
        self.parts.eval()
        own = self.logits(inputs).gather(1, batch.labels[:, None]).sum()
        (gradient,) = torch.autograd.grad(own, inputs)
        self.parts.train()
        inputs = inputs.detach()
        if self.config.undoing == "shuffle":
            return shuffled(inputs, gradient, self.config.share)
        return undone(inputs, gradient, self.config.share, self.step())

    def step(self) -> float:
        """How far values move in this epoch."""
        config = self.config
        epoch = self.steps * config.batch // len(self.setup.train) + 1
        left = max(0.0, 1 - epoch / config.epochs)
        return float(config.last_step + left * (config.first_step - config.last_step))


SPEC = detector(
    "ascood",
    ASCOOD,
    "Outliers made of images by undoing what counts (ASCOOD)",
    ("Regmi 2024, arXiv 2411.10794",),
    Config,
)
