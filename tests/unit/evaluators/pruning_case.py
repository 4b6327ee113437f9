"""Clusters of made embeddings that the release of density-based pruning and ours are both asked about."""

import numpy as np

from farfield.pruning import Clusters, clustered

COUNT, CLUSTERS, WIDTH = 600, 12, 8
NEIGHBOURS = 5
CASES = ((0.5, 240, 0.5), (0.05, 240, 0.5), (0.05, 90, 0.0), (0.02, 400, 1.0))  # temperature, kept, balance


def embeddings() -> np.ndarray:
    """Groups of several sizes and spreads."""
    rng = np.random.default_rng(3)
    groups = rng.integers(0, CLUSTERS, COUNT)
    middles, spreads = rng.normal(size=(CLUSTERS, WIDTH)) * 2, np.linspace(0.1, 1.5, CLUSTERS)
    return middles[groups] + rng.normal(size=(COUNT, WIDTH)) * spreads[groups][:, None]


def clusters() -> Clusters:
    return clustered(embeddings(), CLUSTERS, seed=0)
