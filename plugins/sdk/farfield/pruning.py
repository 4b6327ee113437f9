"""Which images of a large set are kept, by how dense and how far apart the clusters are that they lie in.

Abbas et al. 2024, arXiv 2401.04578, as its release has it (amro-kamal/effective_pruning 42c8e54): spread-out clusters
far from others keep more, and within a cluster those are kept that are farthest from its centre. Pure functions.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Clusters:
    """Of each example [N] its cluster, 0..K-1, and its distance 1 - cosine from the centre; centres [K, D] are unit."""

    numbers: Ints
    distances: Floats
    centres: Floats

    @property
    def sizes(self) -> Ints:
        """int64 [K]."""
        return np.bincount(self.numbers, minlength=len(self.centres)).astype(np.int64)


def unit(embeddings: Floats) -> Floats:
    """Rows [N, D] of length one. Raises ValueError for a row of zeros or a value that is no finite number."""
    lengths = np.linalg.norm(embeddings, axis=1, keepdims=True)
    if not (np.isfinite(lengths).all() and lengths.min() > 0):
        raise ValueError("an embedding is zero or not finite; compute it anew, or leave that example out")
    return np.asarray(embeddings / lengths)


def clustered(embeddings: Floats, count: int, *, seed: int, rounds: int = 100) -> Clusters:
    """Spherical k-means of rows [N, D] in `count` clusters, none of them empty; K-means++ begins it.

    Raises ValueError for more clusters than there are distinct rows.
    """
    rows, draws = unit(embeddings), np.random.default_rng(seed)
    if not 1 <= count <= len(np.unique(rows, axis=0)):
        raise ValueError(f"{count} clusters of {len(rows)} examples; take from 1 to as many as differ")
    centres = _first(rows, count, draws)
    numbers = np.full(len(rows), -1)
    for _ in range(rounds):
        likeness = rows @ centres.T
        found = _none_empty(likeness)
        if np.array_equal(found, numbers):
            break
        numbers = found
        centres = unit(np.stack([rows[numbers == number].sum(axis=0) for number in range(count)]))
    distances = 1.0 - np.einsum("nd,nd->n", rows, centres[numbers])
    return Clusters(numbers=numbers, distances=distances, centres=centres)


def complexity(clusters: Clusters, neighbours: int = 20) -> Floats:
    """[K]: the mean distance 1 - cosine to the nearest centres, times that of the cluster's examples from its own.

    A single cluster, which has no others near it, counts as at the distance 1 from them.
    """
    likeness = clusters.centres @ clusters.centres.T
    np.fill_diagonal(likeness, -np.inf)
    nearest = -np.sort(-likeness, axis=1)[:, : min(neighbours, len(likeness) - 1)]
    between = (1.0 - nearest).mean(axis=1) if nearest.size else np.ones(1)
    within = np.bincount(clusters.numbers, weights=clusters.distances, minlength=len(likeness)) / clusters.sizes
    return np.asarray(between * within)


def shares(complexities: Floats, temperature: float) -> Floats:
    """Softmax of complexities [K] over the temperature.

    >>> shares(np.array([0.1, 0.1]), 0.5).tolist()
    [0.5, 0.5]
    """
    raised = np.exp((complexities - complexities.max()) / temperature)
    return np.asarray(raised / raised.sum())


def kept_of_each(wanted: Floats, sizes: Ints, total: int, balance: float) -> Ints:
    """How many [K] are kept: nearest to `wanted` shares of `total`, at least a share of an equal part, at most all.

    The minimum of the sum of squares of x - wanted * total with sum x = total and lower <= x <= sizes, rounded as the
    release rounds it, so that the sum may differ from `total` by some. The lower bound is `balance` (0 to 1) of
    total / K, but one less than the size where that is less. Raises ValueError where no such x exists.
    """
    least = int(total / len(sizes) * balance) if balance > 0 else 1
    lower = np.minimum(least, sizes - 1)
    if not lower.sum() <= total <= sizes.sum():
        raise ValueError(f"{total} cannot be kept of {sizes.sum()} with at least {lower.sum()} over the clusters")
    found: Ints = np.rint(_projected(wanted * total, lower, sizes, total)).astype(np.int64)
    return found


def counts_by_density(clusters: Clusters, total: int, *, temperature: float, balance: float) -> Ints:
    """How many [K] of each cluster are kept of `total`, by its complexity. Raises ValueError as `kept_of_each`."""
    return kept_of_each(shares(complexity(clusters), temperature), clusters.sizes, total, balance)


def kept(clusters: Clusters, counts: Ints) -> Ints:
    """Places of the examples that are kept, ascending: of each cluster so many, the farthest from its centre first."""
    order = np.lexsort((np.arange(len(clusters.numbers)), -clusters.distances))
    chosen = [order[clusters.numbers[order] == number][:count] for number, count in enumerate(counts)]
    return np.sort(np.concatenate(chosen)).astype(np.int64)


def _projected(point: Floats, lower: Ints, upper: Ints, total: float) -> Floats:
    """The nearest point to [K] within the bounds that sums to `total`: clip(point + t), whose sum rises with t.

    The sum is linear between the t at which a coordinate meets a bound, so the piece that holds `total` gives t.
    """
    turns = np.unique(np.concatenate([lower - point, upper - point]))
    sums = np.array([np.clip(point + turn, lower, upper).sum() for turn in turns])
    return np.asarray(np.clip(point + np.interp(total, sums, turns), lower, upper))


def _first(rows: Floats, count: int, draws: np.random.Generator) -> Floats:
    chosen = [int(draws.integers(len(rows)))]
    while len(chosen) < count:
        away = np.clip(1.0 - (rows @ rows[chosen].T).max(axis=1), 0.0, None)
        away[away < 1e-12] = 0.0
        chosen.append(int(draws.choice(len(rows), p=away / away.sum())))
    return rows[chosen]


def _none_empty(likeness: Floats) -> Ints:
    """The likeliest centre of each row; a centre without any takes the row that is least like its own."""
    numbers: Ints = likeness.argmax(axis=1).astype(np.int64)
    for number in np.flatnonzero(np.bincount(numbers, minlength=likeness.shape[1]) == 0):
        own = likeness[np.arange(len(numbers)), numbers].copy()
        own[np.bincount(numbers, minlength=likeness.shape[1])[numbers] == 1] = np.inf
        numbers[int(own.argmin())] = number
    return numbers
