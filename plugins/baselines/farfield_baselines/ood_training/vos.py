"""VOS: outliers are drawn where a class's Gaussian is thin (Du et al. 2022, arXiv 2202.01197)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from farfield import setting
from farfield_baselines.ood_training.core import Detecting, DetectorConfig, detector
from farfield_baselines.trained.core import Setup, TensorBatch

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class Config(DetectorConfig):
    """How outliers are drawn, and how much they count."""

    kept: int = setting(1000, ge=2, le=100000, help="Features of each class that its Gaussian is of, the latest.")
    drawn: int = setting(10000, ge=1, le=1_000_000, help="Draws of a class, of which the least likely is an outlier.")
    start: float = setting(
        0.4, ge=0.0, le=1.0, help="Share of the epochs before outliers are drawn; the paper's is 0.4."
    )
    weight: float = setting(0.1, ge=0.0, le=1e3, help="Weight of telling them by their energy.")


class VOS(Detecting):
    """Cross-entropy, and a logistic regression on a weighted energy between images and drawn outliers."""

    def __init__(self, setup: Setup) -> None:
        from torch import nn

        from farfield_baselines.networks.outliers import Latest

        super().__init__(setup)
        of_classes = nn.Linear(setup.outputs, 1, bias=False)
        nn.init.uniform_(of_classes.weight)
        self.of_classes: Any = self.part("energy", of_classes)
        self.told = self.part("told", nn.Linear(1, 2))
        self.memory = Latest(setup.outputs, self.featurizer.width, self.config.kept, setup.device)

    def energy(self, logits: torch.Tensor) -> torch.Tensor:
        """log sum_c w_c exp(logit_c), the weights kept from below 0: [B, C] -> [B]."""
        import torch

        weights: torch.Tensor = self.of_classes.weight.relu().clamp(min=1e-12).log()
        return torch.logsumexp(logits + weights, dim=1)

    def loss(self, batch: TensorBatch) -> torch.Tensor:
        import torch
        from torch.nn import functional

        from farfield_baselines.networks.outliers import least_likely

        features = self.featurizer(batch.inputs)
        self.memory.remember(features, batch.labels)
        logits = self.classifier(features)
        risk = self.errors(logits, batch).mean()
        if self.steps < self.config.start * self.config.epochs * -(-len(self.setup.train) // self.config.batch):
            return risk
        outliers = least_likely([rows for rows in self.memory.rows if len(rows)], self.config.drawn)
        energies = torch.cat([self.energy(logits), self.energy(self.classifier(outliers))])
        inside = torch.cat([torch.ones(len(logits)), torch.zeros(len(outliers))]).long().to(energies.device)
        uncertainty: torch.Tensor = self.config.weight * functional.cross_entropy(self.told(energies[:, None]), inside)
        return risk + uncertainty

    def judge(self, inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        logits = self.logits(inputs)
        return logits.logsumexp(dim=1), logits


SPEC = detector(
    "vos",
    VOS,
    "Outliers drawn at the edge of each class's features (VOS)",
    ("Du et al. 2022, arXiv 2202.01197",),
    Config,
)
