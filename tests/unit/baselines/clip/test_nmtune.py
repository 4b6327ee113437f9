"""NMTune: the three penalties by hand, and what training with them does."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from farfield_baselines.classification import nmtune as method
from farfield_baselines.networks import nmtune

Make = Callable[..., Any]


def test_consistency_is_the_distance_between_directions() -> None:
    features = torch.tensor([[2.0, 0.0], [0.0, 3.0]])
    assert float(nmtune.consistency(features, 7.0 * features)) == pytest.approx(0.0)
    assert float(nmtune.consistency(features, -features)) == pytest.approx(4.0)
    assert float(nmtune.consistency(features, features.flip(1))) == pytest.approx(2.0)


def test_covariance_is_numpys(rng: np.random.Generator) -> None:
    rows = rng.normal(size=(7, 4))
    matrix = np.cov(rows.T)
    expected = (np.square(matrix).sum() - np.square(np.diag(matrix)).sum()) / 4
    assert float(nmtune.covariance(torch.from_numpy(rows))) == pytest.approx(expected)
    assert float(nmtune.covariance(torch.from_numpy(rows[:1]))) == 0.0


def test_the_singular_value_term_by_hand() -> None:
    assert float(nmtune.singular(torch.diag(torch.tensor([3.0, 1.0])))) == pytest.approx(-0.75)
    assert float(nmtune.singular(torch.ones(3, 2))) == pytest.approx(-1.0)


def test_each_weight_counts_its_own_penalty(rng: np.random.Generator) -> None:
    torch.manual_seed(0)
    adapter = nmtune.Adapter(4, 3)
    features, labels = torch.from_numpy(rng.normal(size=(6, 4)).astype(np.float32)), torch.tensor([0, 1, 2, 0, 1, 2])
    transformed, logits = adapter(features)
    plain = torch.nn.functional.cross_entropy(logits, labels)
    terms = (
        nmtune.consistency(features, transformed),
        nmtune.covariance(transformed),
        nmtune.singular(transformed),
    )
    weights = nmtune.Weights(consistency=2.0, covariance=3.0, singular=5.0)
    expected = plain + 2.0 * terms[0] + 3.0 * terms[1] + 5.0 * terms[2]
    torch.testing.assert_close(nmtune.objective(adapter, features, labels, weights), expected)


@pytest.fixture
def fitted(build: Make, tiny: Any, train: Any) -> Make:
    def run(**settings: Any) -> Any:
        made = build(method.SPEC, {**tiny, "epochs": 60, "batch_size": 9, "learning_rate": 3e-3, **settings})
        made.fit(train)
        return made

    return run


def test_consistency_keeps_the_features_direction(fitted: Make, images: Any) -> None:
    def drift(weight: float) -> float:
        made = fitted(consistency=weight)
        rows = made.rows(made.scaled(made._clip.embed_images(images)))
        with torch.inference_mode():
            return float(nmtune.consistency(rows, made._adapter(rows)[0]))

    assert drift(10.0) < 0.5 * drift(0.0)


def test_it_learns_the_training_images_and_repeats_itself(fitted: Make, images: Any, train: Any) -> None:
    longer = {"epochs": 200, "learning_rate": 1e-2}
    first = fitted(**longer).predict(images)
    assert (first.argmax(axis=1) == train.labels).mean() > 0.8
    np.testing.assert_allclose(first, fitted(**longer).predict(images), atol=1e-3)


def test_without_a_training_split_it_says_so(build: Make, tiny: Any, images: Any) -> None:
    with pytest.raises(ValueError, match="NMTune needs a benchmark with a training split"):
        build(method.SPEC, tiny).predict(images)
