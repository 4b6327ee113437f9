"""A temperature that depends on the input (Hsu et al. 2020, arXiv 2002.11297, section 3.2), by full-batch L-BFGS."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from farfield_baselines.networks.linear import minimise

Floats = npt.NDArray[np.float64]
LEAST = 1e-3  # a sigmoid may fall below anything; the logits are divided by it


@dataclass(frozen=True, kw_only=True)
class Temperature:
    """T(x) = sigmoid(weight . (x - mean) / deviation + bias), at least LEAST."""

    mean: Floats
    deviation: Floats
    weight: Floats
    bias: float

    def __call__(self, features: npt.NDArray[Any]) -> Floats:
        """Features [B, D] -> temperatures [B] in (0, 1)."""
        outputs = (features - self.mean) / self.deviation @ self.weight + self.bias
        return np.maximum(1.0 / (1.0 + np.exp(-outputs)), LEAST)


def fit_temperature(
    features: npt.NDArray[Any], logits: npt.NDArray[Any], labels: npt.NDArray[np.int64], l2: float
) -> Temperature:
    """Minimise sum_i CE(logits_i / T(x_i), y_i) + l2/2 (|weight|^2 + bias^2), from T = 1/2.

    Without the penalty on the bias, T would fall to 0 where every image is classified rightly.
    """
    mean, deviation = features.mean(axis=0, dtype=np.float64), features.std(axis=0, dtype=np.float64)
    deviation = np.where(deviation > 0, deviation, 1.0)
    inputs = torch.from_numpy((features - mean) / deviation)
    outputs, targets = torch.from_numpy(np.asarray(logits, np.float64)), torch.from_numpy(np.asarray(labels))
    weight = torch.zeros(inputs.shape[1], dtype=torch.float64, requires_grad=True)
    bias = torch.zeros((), dtype=torch.float64, requires_grad=True)

    def loss() -> torch.Tensor:
        temperature = torch.sigmoid(inputs @ weight + bias).clamp(min=LEAST)
        errors = functional.cross_entropy(outputs / temperature[:, None], targets, reduction="sum")
        return errors + 0.5 * l2 * (weight.square().sum() + bias.square())

    minimise(loss, [weight, bias])
    return Temperature(mean=mean, deviation=deviation, weight=weight.detach().numpy(), bias=float(bias.detach()))
