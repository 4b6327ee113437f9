"""The inputs that the references' figures and ours are of: made of a seed, the same on every machine."""

from typing import Any

import numpy as np
import numpy.typing as npt
import torch

CLASSES, WIDTH, BATCH = 7, 12, 40
COUNTS = (400, 120, 60, 21, 20, 6, 3)
STEPS, RATE, MOMENTUM, MEAN_MOMENTUM = 5, 0.2, 0.9, 0.9
HEADS, TAU, GAMMA, ALPHA = 2, 16.0, 1 / 32, 3.0
CENTRE_WEIGHT, CENTRE_RATE = 0.005, 0.5


def array(seed: int, *shape: int) -> npt.NDArray[np.float64]:
    return np.random.default_rng(seed).normal(size=shape)


def tensor(seed: int, *shape: int) -> torch.Tensor:
    return torch.from_numpy(array(seed, *shape)).float()


def labels(seed: int = 1, size: int = BATCH) -> npt.NDArray[np.int64]:
    return np.random.default_rng(seed).integers(0, CLASSES, size)


def targets(seed: int = 1) -> torch.Tensor:
    return torch.from_numpy(labels(seed))


def probabilities(seed: int = 2, size: int = 200) -> npt.NDArray[np.float64]:
    """Of each image's own class, with two decimals, as many ties as real ones never have."""
    return np.random.default_rng(seed).beta(2.0, 1.0, size).round(2)


def rounded(values: Any) -> Any:
    """As the JSON file holds it."""
    return np.asarray(torch.as_tensor(values).detach().double()).round(6).tolist()
