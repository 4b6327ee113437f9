"""NMTune: regularised adaptation of frozen features (Chen et al. 2024, arXiv 2309.17002).

A perceptron transforms the features of a black-box model before a linear classifier; three penalties keep what
pre-training knew and undo what label noise in pre-training did to the features' spectrum.
"""

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

HIDDEN_FACTOR = 1  # the perceptron's hidden layer, in units of the features


@dataclass(frozen=True, kw_only=True)
class Weights:
    """How much each penalty counts; the paper has one weight for all three."""

    consistency: float
    covariance: float
    singular: float


class Adapter(nn.Module):
    """Features [B, D] -> (transformed features [B, D], logits [B, C])."""

    def __init__(self, width: int, classes: int) -> None:
        super().__init__()
        hidden = HIDDEN_FACTOR * width
        self.transform = nn.Sequential(nn.Linear(width, hidden), nn.ReLU(), nn.Linear(hidden, width))
        self.classifier = nn.Linear(width, classes)

    def forward(self, features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        transformed = self.transform(features)
        return transformed, self.classifier(transformed)


def objective(adapter: Adapter, features: torch.Tensor, labels: torch.Tensor, weights: Weights) -> torch.Tensor:
    """Cross-entropy plus the weighted penalties; a scalar."""
    transformed, logits = adapter(features)
    penalty = (
        weights.consistency * consistency(features, transformed)
        + weights.covariance * covariance(transformed)
        + weights.singular * singular(transformed)
    )
    return functional.cross_entropy(logits, labels) + penalty


def consistency(features: torch.Tensor, transformed: torch.Tensor) -> torch.Tensor:
    """The mean squared distance between unit features and unit transformed features; 0 where they point alike."""
    apart = functional.normalize(features, dim=-1) - functional.normalize(transformed, dim=-1)
    return apart.square().sum(dim=1).mean()


def covariance(transformed: torch.Tensor) -> torch.Tensor:
    """The sum of the squared covariances between different dimensions, divided by their number D.

    0 where the dimensions are uncorrelated; a batch of one has none.
    """
    count, width = transformed.shape
    centred = transformed - transformed.mean(dim=0)
    matrix: torch.Tensor = centred.T @ centred / max(count - 1, 1)
    return (matrix.square().sum() - matrix.diagonal().square().sum()) / width


def singular(transformed: torch.Tensor) -> torch.Tensor:
    """Minus the largest singular value's share of their sum: -1 where all rows are parallel."""
    values: torch.Tensor = torch.linalg.svdvals(transformed)
    return -values[0] / values.sum().clamp(min=torch.finfo(values.dtype).tiny)
