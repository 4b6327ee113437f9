"""Attributes of a class's images, as GLT has them: clusters of their features, merged in pairs by size.

Tang et al., ECCV 2022 (arXiv 2207.09504), section 3.1 and the release's construction: k-means with 6 clusters a class;
the two largest make attribute 0, the next two attribute 1, the two smallest attribute 2.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from farfield_evaluators.data.errors import PackError

CLUSTERS, PER_ATTRIBUTE = 6, 2
STARTS = 10  # of k-means, of which the best counts: scikit-learn's rule when GLT was made
Ints = npt.NDArray[np.int64]


class ConstructionError(PackError):
    """Features or images of which GLT's sets cannot be made; says of which class and why."""

    code = "data.glt"


def clusters_of(features: npt.NDArray[np.floating], seed: int) -> Ints:
    """The cluster [N] of each image of one class, from features [N, D]; the same for the same seed on one machine.

    One thread does it, for the order of adding up would depend on how many there are. Raises ConstructionError where
    scikit-learn is not installed, or the features are too few or too much alike to make CLUSTERS clusters.
    """
    try:
        from sklearn.cluster import KMeans
        from threadpoolctl import threadpool_limits
    except ImportError as error:
        raise ConstructionError("clusters are made by scikit-learn, which is not installed; install it") from error
    different = len(np.unique(features, axis=0))
    if different < CLUSTERS:
        raise ConstructionError(f"{different} images of different features, and {CLUSTERS} clusters are to be made")
    with threadpool_limits(limits=1):
        fitted = KMeans(n_clusters=CLUSTERS, n_init=STARTS, random_state=seed).fit(features)
    return np.asarray(fitted.labels_, np.int64)


def attributes_of(clusters: Ints) -> list[Ints]:
    """The places [n] of each attribute's images, from their clusters [N], the most frequent attribute first.

    Clusters count by size, of equal ones the one that comes up first; within an attribute the images of the larger
    cluster come first, in their own order. That is the order in which they are taken for tests.

    >>> [places.tolist() for places in attributes_of(np.array([4, 1, 1, 1, 0, 0]))]
    [[1, 2, 3, 4, 5], [0]]
    """
    numbers, firsts, counts = np.unique(clusters, return_index=True, return_counts=True)
    ranked: Sequence[int] = numbers[np.lexsort((firsts, -counts))].tolist()
    members = [np.flatnonzero(clusters == number) for number in ranked]
    pairs = [members[start : start + PER_ATTRIBUTE] for start in range(0, len(members), PER_ATTRIBUTE)]
    return [np.concatenate(pair).astype(np.int64) for pair in pairs]
