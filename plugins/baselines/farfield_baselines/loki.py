"""Loki: predict the Frechet mean of the class probabilities (Roberts et al. 2023, arXiv 2307.12226)."""

from typing import Any

import numpy as np
import numpy.typing as npt

from farfield.errors import ConfigError

Floats = npt.NDArray[np.float64]


def frechet_logits(probabilities: npt.NDArray[Any], distances: npt.NDArray[Any]) -> Floats:
    """-sum_k P[b, k] d(y, k)^2 for every label y: [B, K] and [C, K] -> [B, C].

    The argmax over y is the Frechet mean of the K observed labels, which may be a label that was never observed.

    >>> on_a_line = np.abs(np.arange(3)[:, None] - np.array([0, 2]))
    >>> int(frechet_logits(np.array([[0.5, 0.5]]), on_a_line).argmax())
    1
    """
    return -np.asarray(probabilities, np.float64) @ np.square(np.asarray(distances, np.float64)).T


def euclidean(points: npt.NDArray[Any]) -> Floats:
    """Distances [C, C] between the rows of points [C, D]."""
    rows = np.asarray(points, np.float64)
    return np.asarray(np.linalg.norm(rows[:, None] - rows[None], axis=-1))


def check_metric(distances: npt.NDArray[Any], classes: int, name: str) -> Floats:
    """The distances [C, C] as float64. Raises ConfigError unless they are finite, >= 0, symmetric and 0 to oneself."""
    if distances.shape != (classes, classes) or not np.issubdtype(distances.dtype, np.number):
        holds = f"metric: {name} holds {distances.dtype} {list(distances.shape)}"
        raise ConfigError([f"{holds}; it must be numbers [{classes}, {classes}]"])
    found = np.asarray(distances, np.float64)
    if not np.isfinite(found).all() or (found < 0).any():
        raise ConfigError([f"metric: {name} has entries that are negative or not finite; distances are neither"])
    if not np.allclose(found, found.T) or np.abs(np.diag(found)).max() > 0:
        raise ConfigError([f"metric: {name} is not symmetric with zeros on the diagonal, as distances are"])
    return found
