"""Scores of features: KNN, Mahalanobis and ViM, against pytorch-ood and independent implementations."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from pytorch_ood.detector import KNN, Mahalanobis, ViM
from scipy.linalg import null_space
from sklearn.covariance import EmpiricalCovariance, LedoitWolf
from sklearn.neighbors import NearestNeighbors

from farfield_baselines.ood_detection import knn, mahalanobis, vim
from farfield_baselines.ood_detection.core import Known, Seen

Make = Callable[..., Any]
See = Callable[[Any], Seen]


def tensor(array: Any) -> torch.Tensor:
    return torch.from_numpy(np.asarray(array))


@pytest.mark.parametrize("k", [1, 3, 8])
def test_knn_equals_brute_force(build: Make, labeled: Make, rng: np.random.Generator, k: int) -> None:
    features = rng.random((20, 1280), dtype=np.float32)
    method = build(knn.SPEC, {"input": "lite0", "k": k})
    method.fit(labeled(features[:12], np.arange(12) % 3))
    lengths = features / np.linalg.norm(features, axis=1, keepdims=True)
    distances, _ = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(lengths[:12]).kneighbors(lengths[12:])
    np.testing.assert_allclose(method.score(features[12:])[0], -distances[:, -1], atol=1e-4)


@pytest.mark.parametrize("k", [1, 5])
def test_knn_is_pytorch_oods(known: Known, test: Seen, k: int) -> None:
    theirs = KNN(None, k=k).fit_features(tensor(known.seen.features), tensor(known.labels))
    score = knn.knn(known, knn.Config(k=k))(test)
    np.testing.assert_allclose(score, -theirs.predict_features(tensor(test.features)).numpy(), atol=1e-6)


def test_knn_with_few_training_images_takes_the_farthest(known: Known, test: Seen) -> None:
    four = known.take(np.arange(4))
    beyond, last = (knn.knn(four, knn.Config(k=k))(test) for k in (1000, 4))
    np.testing.assert_array_equal(beyond, last)


def test_knn_does_not_see_the_length_of_a_feature(known: Known, test: Seen, see: See) -> None:
    score = knn.knn(known, knn.Config())
    np.testing.assert_allclose(score(see(5.0 * test.features)), score(test), atol=1e-7)


def test_mahalanobis_without_shrinkage_is_pytorch_oods(known: Known, test: Seen) -> None:
    """Theirs is half the distance under the scatter, which is N times the covariance, plus a ridge of 1e-6."""
    theirs = Mahalanobis(None).fit_features(tensor(known.seen.features).float(), tensor(known.labels))
    score = mahalanobis.mahalanobis(known, mahalanobis.Config(shrinkage=0.0))(test)
    expected = -2.0 * len(known.labels) * theirs.predict_features(tensor(test.features).float()).numpy()
    np.testing.assert_allclose(score, expected, rtol=1e-3)


@pytest.mark.parametrize("images", [8, 60, 2000])
def test_shrinkage_is_scikit_learns(rng: np.random.Generator, images: int) -> None:
    centred = rng.normal(size=(images, 12)) * np.linspace(0.2, 3.0, 12)
    theirs = LedoitWolf(assume_centered=True).fit(centred)
    assert mahalanobis.ledoit_wolf(centred) == pytest.approx(theirs.shrinkage_, rel=1e-9)
    np.testing.assert_allclose(mahalanobis.covariance_of(centred, -1.0), theirs.covariance_, atol=1e-12)


@pytest.mark.parametrize("shrinkage", [0.0, -1.0, 0.5])
def test_mahalanobis_takes_fewer_images_than_dimensions(known: Known, test: Seen, shrinkage: float) -> None:
    few = known.take(np.arange(10))
    assert np.isfinite(mahalanobis.mahalanobis(few, mahalanobis.Config(shrinkage=shrinkage))(test)).all()


@pytest.mark.parametrize("images", [60, 10])
def test_mahalanobis_inverts_as_scikit_learn_does(known: Known, test: Seen, images: int) -> None:
    few = known.take(np.arange(images))
    means, centred = mahalanobis.class_means(few.seen.features, few.labels)
    precision = EmpiricalCovariance(assume_centered=True).fit(centred).precision_
    apart = test.features[:, None, :] - means
    expected = -np.einsum("bkd,de,bke->bk", apart, precision, apart).min(axis=1)
    score = mahalanobis.mahalanobis(few, mahalanobis.Config())(test)
    np.testing.assert_allclose(score, expected, rtol=1e-6)


def test_mahalanobis_does_not_see_a_linear_change_of_the_features(
    known: Known, test: Seen, see: See, rng: np.random.Generator
) -> None:
    change = rng.normal(size=(12, 12))
    config = mahalanobis.Config(shrinkage=0.0)
    changed = Known(head=known.head, seen=see(known.seen.features @ change), labels=known.labels)
    there = mahalanobis.mahalanobis(changed, config)(see(test.features @ change))
    np.testing.assert_allclose(there, mahalanobis.mahalanobis(known, config)(test), rtol=1e-6)


def test_mahalanobis_is_zero_at_a_class_mean(known: Known, see: See) -> None:
    means, _ = mahalanobis.class_means(known.seen.features, known.labels)
    np.testing.assert_allclose(mahalanobis.mahalanobis(known, mahalanobis.Config())(see(means)), 0.0, atol=1e-9)


def test_mahalanobis_takes_classes_that_do_not_occur_for_absent(known: Known, test: Seen) -> None:
    some = known.take(np.flatnonzero(known.labels != 2))
    numbered_anew = Known(head=some.head, seen=some.seen, labels=np.unique(some.labels, return_inverse=True)[1])
    one, other = (mahalanobis.mahalanobis(k, mahalanobis.Config())(test) for k in (some, numbered_anew))
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("dim", [1, 4, 9])
@pytest.mark.parametrize("images", [60, 11])
def test_vim_is_pytorch_oods(known: Known, test: Seen, dim: int, images: int) -> None:
    known = known.take(np.arange(images))
    theirs = ViM(None, d=dim, w=tensor(known.head.weight), b=tensor(known.head.bias))
    theirs.fit_features(tensor(known.seen.features), tensor(known.labels))
    score = vim.vim(known, vim.Config(dim=dim))(test)
    np.testing.assert_allclose(score, -theirs.predict_features(tensor(test.features)).numpy(), rtol=1e-3, atol=1e-3)


def test_vims_origin_has_no_logits_where_there_is_such_a_point(known: Known) -> None:
    np.testing.assert_allclose(known.head(vim.origin(known.head)[None]), 0.0, atol=1e-6)


def test_vim_falls_with_what_leaves_the_principal_space(known: Known, test: Seen, see: See) -> None:
    """A step that no logit sees, away from the principal space, lowers the score; the energy stays."""
    centred = known.seen.features - vim.origin(known.head)
    unseen = null_space(np.vstack([known.head.weight, vim.principal_space(centred, 2).T]))[:, :1]
    far = see(test.features + 50.0 * unseen.T)
    np.testing.assert_allclose(far.logits, test.logits, atol=1e-3)
    score = vim.vim(known, vim.Config(dim=2))
    assert (score(far) < score(test)).all()


def test_vims_dimension_leaves_a_residual(known: Known) -> None:
    assert vim.usual_dim(np.zeros((68, 1280))) == 34
    assert vim.usual_dim(np.zeros((10**4, 1280))) == vim.usual_dim(np.zeros((10**4, 2048))) == 256
    assert vim.usual_dim(np.zeros((1, 1280))) == 1
    with pytest.raises(ValueError, match="dim 12 leaves no residual of 60 training images of width 12"):
        vim.vim(known, vim.Config(dim=12))


@pytest.mark.parametrize(
    ("rule", "config"),
    [(knn.RULE, knn.Config()), (mahalanobis.RULE, mahalanobis.Config()), (vim.RULE, vim.Config(dim=6))],
)
def test_training_images_score_above_noise_far_away(known: Known, see: See, rule: Any, config: Any) -> None:
    score = rule.make(known, config)
    noise = see(-20.0 * np.ones((5, 12)))
    assert score(noise).max() < np.median(score(known.seen))
