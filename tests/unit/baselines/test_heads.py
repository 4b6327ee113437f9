"""Heads on frozen features: the linear probe against scikit-learn, the class means by hand."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from farfield.logistic import ABSENT, fit_softmax
from farfield_baselines.classification import linear_probe, ncm
from farfield_baselines.networks.linear import fit_each

Make = Callable[..., Any]


def toy(rng: np.random.Generator, dim: int, classes: int = 3, count: int = 60) -> tuple[Any, Any]:
    labels = np.arange(count) % classes
    return (rng.normal(size=(count, dim)) + 2 * np.eye(classes, dim)[labels]).astype(np.float32), labels


@pytest.mark.parametrize("l2", [0.1, 1.0, 10.0])
def test_logistic_regression_equals_scikit_learns(rng: np.random.Generator, l2: float) -> None:
    features, labels = toy(rng, dim=5)
    weight, bias = fit_softmax(features, labels, l2)
    theirs = LogisticRegression(C=1 / l2, tol=1e-8, max_iter=5000).fit(features.astype(np.float64), labels)
    np.testing.assert_allclose(weight, theirs.coef_, atol=1e-4)
    np.testing.assert_allclose(bias - bias.mean(), theirs.intercept_ - theirs.intercept_.mean(), atol=1e-4)


@pytest.mark.parametrize(
    "spec", [linear_probe.SPEC.with_input(n) for n in ("lite0", "mini-clip")], ids=lambda s: s.called
)
def test_probe_learns_and_never_predicts_a_class_without_images(
    spec: Any, build: Make, labeled: Make, rng: np.random.Generator
) -> None:
    features, labels = toy(rng, spec.inputs.dim, classes=2)
    probe = build(spec, {"l2": 0.1})
    probe.fit(labeled(features, 2 * labels))
    logits = probe.predict(features)
    assert (logits.argmax(axis=1) == 2 * labels).all()
    assert (logits[:, 1] == ABSENT).all()


def test_a_heavier_penalty_gives_smaller_weights(rng: np.random.Generator) -> None:
    features, labels = toy(rng, dim=5)
    light, heavy = (np.abs(fit_softmax(features, labels, l2)[0]).sum() for l2 in (0.1, 10.0))
    assert heavy < light


def test_nearest_class_mean_by_hand(build: Make, labeled: Make, rng: np.random.Generator) -> None:
    features = rng.random((6, 1280), dtype=np.float32)
    method = build(ncm.SPEC)
    method.fit(labeled(features, [0, 0, 0, 0, 2, 2]))
    lengths = features / np.linalg.norm(features, axis=1, keepdims=True)
    means = [lengths[:4].mean(axis=0), lengths[4:].mean(axis=0)]
    cosines = [lengths @ mean / np.linalg.norm(mean) for mean in means]
    expected = np.column_stack([cosines[0], np.full(6, -1.0), cosines[1]])
    np.testing.assert_allclose(method.predict(features), expected, rtol=1e-5)


def test_one_regression_is_that_of_several_at_once(rng: np.random.Generator) -> None:
    features, labels = toy(rng, dim=40, classes=4)
    weight, bias = fit_softmax(features, labels, 1.0)
    weights, biases = fit_each(features[None], labels, 1.0)
    np.testing.assert_allclose(weight, weights[0], atol=1e-4)
    np.testing.assert_allclose(bias, biases[0], atol=1e-4)


def test_without_a_penalty_separable_classes_end_the_descent() -> None:
    features = np.eye(3)[np.arange(30) % 3]
    weight, bias = fit_softmax(features, np.arange(30) % 3, 0.0)
    assert np.isfinite(weight).all()
    assert ((features @ weight.T + bias).argmax(axis=1) == np.arange(30) % 3).all()
