"""The heads of networks that detect: over a learned temperature, from reciprocal points, or with sharpened weights."""

import torch
from torch import nn
from torch.nn import functional

SMALL = 1e-4
TINY = 1e-12


def _by_length(rows: torch.Tensor) -> torch.Tensor:
    lengths: torch.Tensor = rows.norm(dim=1, keepdim=True)
    return rows / (lengths + SMALL)


class OverTemperature(nn.Module):
    """h(x) / g(x): cosines with class weights, inner products or minus mean squared distances, over a temperature.

    g(x) = sigmoid(BatchNorm(linear(x))) in (0, 1). Hsu et al. 2020, arXiv 2002.11297, section 3.1.
    """

    def __init__(self, width: int, classes: int, similarity: str) -> None:
        super().__init__()
        self.similarity = similarity
        self.h = nn.Linear(width, classes, bias=similarity == "inner")
        nn.init.kaiming_normal_(self.h.weight, nonlinearity="relu")
        if similarity == "inner":
            nn.init.zeros_(self.h.bias)
        self.g = nn.Sequential(nn.Linear(width, 1), nn.BatchNorm1d(1), nn.Sigmoid())

    def numerator(self, features: torch.Tensor) -> torch.Tensor:
        """h: [B, D] -> [B, C]."""
        if self.similarity == "inner":
            outputs: torch.Tensor = self.h(features)
            return outputs
        if self.similarity == "euclid":
            return -(features[:, None] - self.h.weight).square().mean(dim=2)
        return _by_length(features) @ _by_length(self.h.weight).T

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """h / g: [B, D] -> [B, C]."""
        temperature: torch.Tensor = self.g(features)
        return self.numerator(features) / temperature


class ReciprocalPoints(nn.Module):
    """Logits of a class are the distance from its point, which stands for all that it is not, less the inner product.

    Chen et al. 2021, arXiv 2103.00953, equations 5 and 6, as OpenOOD has them: distances are mean squares.
    """

    def __init__(self, width: int, classes: int) -> None:
        super().__init__()
        self.points = nn.Parameter(0.1 * torch.randn(classes, width))
        self.radius = nn.Parameter(torch.zeros(1))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """[B, D] -> [B, C]."""
        return self.distances(features) - features @ self.points.T

    def distances(self, features: torch.Tensor) -> torch.Tensor:
        """Mean squared distances to the points: [B, D] -> [B, C]."""
        return (features[:, None] - self.points).square().mean(dim=2)

    def beyond(self, features: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """How far features lie out of the learned radius about their class's point, with a margin of 1: a scalar."""
        own = (features - self.points[labels]).square().mean(dim=1)
        return (own - self.radius + 1).relu().mean()


class SharpenedLinear(nn.Linear):
    """A linear layer whose weights learn from each example's highest activations, scaled (ISH).

    Forward it is linear. Backward, weights see x exp(sum of x / sum of the highest) with all but the highest at 0, and
    what lies before the layer the usual gradient (Xu et al. 2024, arXiv 2310.00227, section 5).
    """

    def __init__(self, width: int, classes: int, pruned: float) -> None:
        super().__init__(width, classes)
        self.pruned = pruned

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """[B, D] -> [B, C]."""
        outputs: torch.Tensor = functional.linear(features, self.weight, self.bias)
        if not self.training:
            return outputs
        through_features = functional.linear(features, self.weight.detach(), self.bias)
        through_weights = functional.linear(sharpened(features.detach(), self.pruned), self.weight)
        return through_features + through_weights - through_weights.detach()


def sharpened(features: torch.Tensor, pruned: float) -> torch.Tensor:
    """Rows [B, D] with that share of their activations at 0, the lowest, and the others scaled, as ISH has it.

    The factor is exp(sum of a row / sum of its highest activations).
    """
    count = max(1, int(features.shape[1] * (1 - pruned)))
    highest, places = features.abs().topk(count, dim=1)
    factors = (features.sum(dim=1) / highest.sum(dim=1).clamp(min=TINY)).exp()
    return torch.zeros_like(features).scatter(1, places, highest * factors[:, None])
