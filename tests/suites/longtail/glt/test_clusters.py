"""Attributes out of features: what is clustered together, how clusters are merged, and what cannot be clustered."""

import sys

import numpy as np
import pytest

from farfield_evaluators.suites.longtail.glt.clusters import ConstructionError, attributes_of, clusters_of

SIZES = (40, 30, 20, 14, 12, 10)


def blobs(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Features [N, D] of six well separated clusters of SIZES, shuffled, and which one each is of."""
    rng = np.random.default_rng(seed)
    truth = rng.permutation(np.repeat(np.arange(len(SIZES)), SIZES))
    return 20 * np.eye(6)[truth] + rng.normal(size=(len(truth), 6)), truth


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_well_separated_clusters_are_told_apart_and_merged_in_pairs(seed: int) -> None:
    features, truth = blobs(seed)
    found = attributes_of(clusters_of(features, seed=25))
    assert [set((truth[places] // 2).tolist()) for places in found] == [{0}, {1}, {2}]
    assert [len(places) for places in found] == [70, 34, 22]
    largest_first = truth[found[0]].tolist()
    assert largest_first == [0] * 40 + [1] * 30
    assert all(np.diff(places[: SIZES[2 * n]]).min() > 0 for n, places in enumerate(found))


def test_clusters_are_the_same_again() -> None:
    features = np.random.default_rng(0).normal(size=(300, 16)).astype(np.float32)
    assert clusters_of(features, 25).tolist() == clusters_of(features, 25).tolist()


def test_of_clusters_of_one_size_the_first_seen_counts_first() -> None:
    found = attributes_of(np.array([5, 5, 2, 2, 0, 0, 1, 1, 3, 3, 4, 4]))
    assert [places.tolist() for places in found] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]


def test_what_cannot_be_clustered_is_refused() -> None:
    with pytest.raises(ConstructionError, match="5 images of different features, and 6 clusters are to be made"):
        clusters_of(np.repeat(np.eye(5), 4, axis=0), seed=25)


def test_what_to_install_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.cluster", None)
    with pytest.raises(ConstructionError, match="scikit-learn, which is not installed"):
        clusters_of(np.eye(8), seed=25)
