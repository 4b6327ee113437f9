"""The heads of networks that detect: logits over a learned temperature."""

import torch
from torch import nn

SMALL = 1e-4


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
