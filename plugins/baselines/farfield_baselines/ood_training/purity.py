"""Which outliers are none: those in clusters that are nearly of one class (Yang et al. 2021, arXiv 2108.11941)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.floating[Any]]
UNKNOWN = -1
SMALL = 1e-10


def clustered(features: Floats, count: int, dim: int, rng: np.random.Generator) -> Ints:
    """The cluster of each row [N, D] by k-means, on whitened main directions of unit length."""
    from scipy.cluster.vq import kmeans2

    centred = features.astype(np.float64) - features.mean(axis=0)
    _, values, directions = np.linalg.svd(centred, full_matrices=False)
    some = min(dim, int((values > values.max() * 1e-6).sum()))
    rows = centred @ directions[:some].T / values[:some] * np.sqrt(len(centred))
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), SMALL)
    _, clusters = kmeans2(rows, count, minit="++", seed=rng)
    return np.asarray(clusters, np.int64)


def sorted_out(labels: Ints, clusters: Ints, pure: float, foreign: float, boost: float) -> tuple[Ints, Floats]:
    """(labels [N] after the clusters, weights [N] as outliers). A label of UNKNOWN is none.

    Of a cluster of which more than the share `pure` has one label, all have it; what is in no such cluster is unknown.
    Where more than `foreign` are unknown in another cluster, they count `boost` times.
    """
    renamed, weights = np.full_like(labels, UNKNOWN), np.ones(len(labels))
    for number in np.unique(clusters):
        inside = clusters == number
        values, counts = np.unique(labels[inside], return_counts=True)
        most = values[counts.argmax()]
        if counts.max() / inside.sum() > pure:
            renamed[inside] = most
        elif counts.max() / inside.sum() > foreign and most == UNKNOWN:
            weights[inside] = boost
    return renamed, weights


def evened(clusters: Ints, count: int) -> Floats:
    """Weights [N] by the inverse root of how many are in an example's cluster; their mean over clusters is one."""
    of_cluster = (1 / (np.bincount(clusters, minlength=count) + SMALL)) ** 0.5
    return np.asarray((of_cluster / of_cluster.mean())[clusters])
