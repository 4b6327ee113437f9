"""Loki: Frechet means by brute force, and labels that were never observed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from farfield.errors import ConfigError
from farfield.numerics import softmax
from farfield_baselines import loki
from farfield_baselines.classification import linear_probe, zero_shot
from farfield_baselines.classification import loki as method

Make = Callable[..., Any]


def test_it_is_the_frechet_mean_by_brute_force(rng: np.random.Generator) -> None:
    distances = loki.euclidean(rng.normal(size=(6, 3)))[:, :4]
    beliefs = rng.dirichlet(np.ones(4), size=5)
    logits = loki.frechet_logits(beliefs, distances)
    for row, belief in zip(logits, beliefs, strict=True):
        costs = [sum(p * distances[y, k] ** 2 for k, p in enumerate(belief)) for y in range(6)]
        np.testing.assert_allclose(row, np.negative(costs))
        assert row.argmax() == int(np.argmin(costs))


def test_equal_distances_leave_the_classification_as_it_is(rng: np.random.Generator) -> None:
    beliefs = rng.dirichlet(np.ones(5), size=50)
    distances = 1.0 - np.eye(5)
    assert (loki.frechet_logits(beliefs, distances).argmax(axis=1) == beliefs.argmax(axis=1)).all()


@pytest.fixture
def on_a_line(tmp_path: Path) -> str:
    """The three classes on a line: zebra, cat, banana."""
    path = tmp_path / "line.npy"
    np.save(path, np.abs(np.subtract.outer(np.arange(3.0), np.arange(3.0))))
    return str(path)


def test_a_class_without_training_images_can_be_predicted(
    build: Make, labeled: Make, tiny: Any, images: Any, on_a_line: str
) -> None:
    """Undecided between both ends of a line the mean is its middle, which the probe alone never says."""
    train = labeled(images, [0, 2] * 4 + [0])
    settings = {**tiny, "l2": 1e4, "metric": on_a_line}
    ours, probe = build(method.SPEC, settings), build(linear_probe.SPEC.with_input("clip"), {**tiny, "l2": 1e4})
    ours.fit(train)
    probe.fit(train)
    assert (ours.predict(images).argmax(axis=1) == 1).all()
    assert (probe.predict(images).argmax(axis=1) != 1).all()


def test_zero_shot_probabilities_and_text_distances(build: Make, tiny: Any, images: Any) -> None:
    prompts = {**tiny, "templates": "single"}
    ours = build(method.SPEC, {**prompts, "probabilities": "zero-shot", "temperature": 2.0}).predict(images)
    base = build(zero_shot.SPEC.with_input("clip"), prompts)
    embeddings = base._weight / np.linalg.norm(base._weight, axis=1, keepdims=True)
    expected = loki.frechet_logits(softmax(base.predict(images) / 2.0), loki.euclidean(embeddings))
    np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-6)


def saved(path: Path, array: Any) -> str:
    np.save(path, array)
    return str(path)


@pytest.mark.parametrize(
    ("array", "sentence"),
    [
        (np.zeros((2, 2)), r"metric.npy holds float64 \[2, 2\]; it must be numbers \[3, 3\]"),
        (np.full((3, 3), "x"), r"it must be numbers \[3, 3\]"),
        (np.full((3, 3), np.nan), "entries that are negative or not finite"),
        (np.array([[0.0, 1, 2], [3, 0, 1], [2, 1, 0]]), "not symmetric with zeros on the diagonal"),
        (np.ones((3, 3)), "not symmetric with zeros on the diagonal"),
    ],
)
def test_what_is_no_metric_is_refused(build: Make, tiny: Any, tmp_path: Path, array: Any, sentence: str) -> None:
    path = saved(tmp_path / "metric.npy", array)
    with pytest.raises(ConfigError, match=sentence):
        build(method.SPEC, {**tiny, "metric": path})


def test_a_metric_that_is_a_pickle_or_missing_is_refused(build: Make, tiny: Any, tmp_path: Path) -> None:
    objects = saved(tmp_path / "objects.npy", np.array([{}], dtype=object))
    for metric in (objects, "/none.npy"):
        with pytest.raises(ConfigError, match="is neither text nor a .npy file of numbers"):
            build(method.SPEC, {**tiny, "metric": metric})


def test_without_a_training_split_it_says_so(build: Make, tiny: Any, images: Any) -> None:
    with pytest.raises(ValueError, match="set probabilities=zero-shot"):
        build(method.SPEC, tiny).predict(images)
