"""COOkeD: the mean of three softmaxes, by hand and on the shipped models."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.stats import entropy
from sklearn.linear_model import LogisticRegression

from farfield.errors import ProtocolError
from farfield.numerics import softmax
from farfield_baselines.ood_detection import cooked

Make = Callable[..., Any]


def test_the_two_scores_by_hand() -> None:
    mean = np.array([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0], [1 / 3, 1 / 3, 1 / 3]])
    np.testing.assert_allclose(cooked.confidence(mean, "msp"), [0.5, 1.0, 1 / 3])
    np.testing.assert_allclose(cooked.confidence(mean, "entropy"), -entropy(mean, axis=1), atol=1e-9)


def test_the_probe_is_scikit_learns(rng: np.random.Generator) -> None:
    features, labels = rng.normal(size=(40, 6)), np.arange(40) % 3
    probe = cooked.fit_probe(features, labels, 3, 0.5)
    theirs = LogisticRegression(C=1 / 0.5, tol=1e-10, max_iter=5000).fit(features, labels)
    np.testing.assert_allclose(probe(features), theirs.predict_proba(features), atol=1e-5)


def test_a_class_without_a_training_image_has_no_probability(rng: np.random.Generator) -> None:
    features = rng.normal(size=(20, 6))
    found = cooked.fit_probe(features, np.where(np.arange(20) % 2, 3, 1), 5, 1.0)(features)
    assert found[:, [0, 2, 4]].tolist() == [[0.0, 0.0, 0.0]] * 20
    np.testing.assert_allclose(found.sum(axis=1), 1.0)


@pytest.mark.parametrize("combined", ["msp", "entropy"])
def test_on_images_it_is_the_mean_of_its_three(
    build: Make, labeled: Make, rng: np.random.Generator, combined: str
) -> None:
    images = rng.integers(0, 256, (9, 224, 224, 3), dtype=np.uint8)
    method = build(cooked.SPEC, {"combined": combined})
    with pytest.raises(ProtocolError, match="needs ID training images for its probe"):
        method.score(images)
    method.fit(labeled(images[:6], np.arange(6) % 3))
    score, logits = method.score(images[6:])
    clip = method._clip.see(images[6:])
    parts = [softmax(method._classifier.see(images[6:]).logits), softmax(clip.logits), method._probe(clip.features)]
    np.testing.assert_allclose(np.exp(logits), sum(parts) / 3, rtol=1e-6)
    np.testing.assert_allclose(score, cooked.confidence(sum(parts) / 3, combined), rtol=1e-6)
