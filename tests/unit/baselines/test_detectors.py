"""Each detector's score, against its formula or an independent implementation."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.neighbors import NearestNeighbors

from farfield_baselines.ood_detection import lite0_energy, lite0_knn, lite0_max_logit, lite0_msp

Make = Callable[..., Any]


@pytest.fixture
def features(rng: np.random.Generator) -> Any:
    return rng.random((20, 1280), dtype=np.float32)


def test_msp_is_a_probability(build: Make, features: Any) -> None:
    score, logits = build(lite0_msp.SPEC).score(features)
    assert ((score > 0) & (score <= 1)).all()
    np.testing.assert_allclose(score, torch.from_numpy(logits).double().softmax(1).amax(1).numpy())


def test_max_logit_is_the_highest_logit(build: Make, features: Any) -> None:
    score, logits = build(lite0_max_logit.SPEC).score(features)
    np.testing.assert_array_equal(score, logits.max(axis=1))


@pytest.mark.parametrize("temperature", [0.5, 1.0, 10.0])
def test_energy_is_t_times_logsumexp(build: Make, features: Any, temperature: float) -> None:
    score, logits = build(lite0_energy.SPEC, {"temperature": temperature}).score(features)
    expected = temperature * (torch.from_numpy(logits).double() / temperature).logsumexp(1).numpy()
    np.testing.assert_allclose(score, expected, rtol=1e-5)


def test_energy_at_low_temperature_is_max_logit(build: Make, features: Any) -> None:
    score, logits = build(lite0_energy.SPEC, {"temperature": 0.01}).score(features)
    np.testing.assert_allclose(score, logits.max(axis=1), atol=0.02)


@pytest.mark.parametrize("k", [1, 3, 8])
def test_knn_equals_brute_force(build: Make, labeled: Make, features: Any, k: int) -> None:
    method = build(lite0_knn.SPEC, {"k": k})
    method.fit(labeled(features[:12], np.arange(12) % 3))
    lengths = features / np.linalg.norm(features, axis=1, keepdims=True)
    distances, _ = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(lengths[:12]).kneighbors(lengths[12:])
    np.testing.assert_allclose(method.score(features[12:])[0], -distances[:, -1], atol=1e-4)


def test_knn_with_few_training_images_takes_the_farthest(build: Make, labeled: Make, features: Any) -> None:
    few, all_four = build(lite0_knn.SPEC, {"k": 1000}), build(lite0_knn.SPEC, {"k": 4})
    for method in (few, all_four):
        method.fit(labeled(features[:4], [0, 1, 2, 0]))
    np.testing.assert_array_equal(few.score(features)[0], all_four.score(features)[0])
