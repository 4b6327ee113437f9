"""AbeT: the score by hand, and a temperature that learns who is misclassified."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import logsumexp

from farfield_baselines.ood_detection import abet
from farfield_baselines.ood_detection.core import Head, Known, Seen, each_its_own
from farfield_baselines.ood_detection.learned_temperature import Temperature, fit_temperature


def test_the_score_has_no_temperature_before_it() -> None:
    logits, temperature = np.array([[1.0, 2.0], [0.5, 0.5]]), np.array([0.5, 0.25])
    expected = [logsumexp([2.0, 4.0]), logsumexp([2.0, 2.0])]
    np.testing.assert_allclose(abet.ablated_energy(logits, temperature), expected)


def test_the_score_falls_as_the_temperature_rises(rng: np.random.Generator) -> None:
    logits = rng.exponential(size=(50, 4))
    scores = [abet.ablated_energy(logits, np.full(50, t)) for t in (0.2, 0.5, 0.9)]
    assert (np.diff(scores, axis=0) < 0).all()


@pytest.fixture
def half_wrong(rng: np.random.Generator) -> Known:
    """The first feature says the class; where the second is 1, the label is another: a model cannot know it."""
    sure = np.repeat([1.0, 0.0], 50)
    sign = rng.choice([-1.0, 1.0], 100)
    features = np.column_stack([sign, 1.0 - sure, rng.normal(size=100)])
    head = Head(weight=np.array([[2.0, 0.0, 0.0], [-2.0, 0.0, 0.0]]), bias=np.zeros(2), members=each_its_own(2))
    labels = np.where(sure == 1.0, sign < 0, rng.random(100) < 0.5).astype(np.int64)
    return Known(head=head, seen=Seen(features=features, logits=head(features)), labels=labels)


def test_where_labels_cannot_be_known_the_temperature_is_high(half_wrong: Known) -> None:
    seen = half_wrong.seen
    temperature = fit_temperature(seen.features, seen.logits, half_wrong.labels, 0.01)(seen.features)
    assert temperature[:50].max() < temperature[50:].min()
    score = abet.abet(half_wrong, abet.Config(l2=0.01))(seen)
    assert score[:50].min() > score[50:].max()


def test_the_fit_is_the_minimum_of_its_objective(half_wrong: Known) -> None:
    """scipy from another start finds no lower value."""
    seen, labels, l2 = half_wrong.seen, half_wrong.labels, 1.0
    found = fit_temperature(seen.features, seen.logits, labels, l2)

    def objective(parameters: np.ndarray) -> float:
        weight, bias = parameters[:-1], parameters[-1]
        scale = Temperature(mean=found.mean, deviation=found.deviation, weight=weight, bias=bias)(seen.features)
        logits = seen.logits / scale[:, None]
        errors = logsumexp(logits, axis=1) - logits[np.arange(len(labels)), labels]
        return float(errors.sum() + 0.5 * l2 * (parameters**2).sum())

    theirs = minimize(objective, np.full(4, 0.3))
    assert objective(np.append(found.weight, found.bias)) == pytest.approx(theirs.fun, rel=1e-6)


def test_a_strong_penalty_leaves_one_half(half_wrong: Known) -> None:
    seen = half_wrong.seen
    temperature = fit_temperature(seen.features, seen.logits, half_wrong.labels, 1e6)(seen.features)
    np.testing.assert_allclose(temperature, 0.5, atol=1e-3)


def test_a_feature_that_never_varies_is_harmless(half_wrong: Known) -> None:
    features = np.column_stack([half_wrong.seen.features, np.full(100, 3.0)])
    temperature = fit_temperature(features, half_wrong.seen.logits, half_wrong.labels, 1.0)
    assert np.isfinite(temperature(features + 1.0)).all()
