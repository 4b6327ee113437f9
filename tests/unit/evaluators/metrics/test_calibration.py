"""Calibration against scikit-learn and against the formulas written out."""

import doctest
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn import metrics

from farfield_evaluators.metrics import calibration, classification
from farfield_evaluators.metrics.calibration import brier, ece, mean, nll, outcomes

CLASSES = 5


@st.composite
def labelled(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    count = draw(st.integers(1, 40))
    logits = draw(arrays(np.float32, (count, CLASSES), elements=st.floats(-20, 20, width=32)))
    return logits, draw(arrays(np.int64, count, elements=st.integers(0, CLASSES - 1)))


def softmax(logits: np.ndarray) -> np.ndarray:
    shifted = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def ece_by_bins(logits: np.ndarray, labels: np.ndarray) -> float:
    """The formula of Guo et al., section 2, with a loop over the bins."""
    probabilities = softmax(logits)
    confidence, hits = probabilities.max(axis=1), logits.argmax(axis=1) == labels
    total = 0.0
    for low, high in zip(np.linspace(0, 1, 16)[:-1], np.linspace(0, 1, 16)[1:], strict=True):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            total += inside.sum() / len(labels) * abs(hits[inside].mean() - confidence[inside].mean())
    return float(total)


@given(labelled())
def test_nll_and_brier_equal_scikit_learns(pair: tuple[np.ndarray, np.ndarray]) -> None:
    logits, labels = pair
    probabilities, classes = softmax(logits), list(range(CLASSES))
    assert nll(logits, labels) == pytest.approx(-np.log(probabilities[np.arange(len(labels)), labels]).mean(), abs=1e-9)
    expected = metrics.brier_score_loss(labels, probabilities, labels=classes, scale_by_half=False)
    assert brier(logits, labels) == pytest.approx(expected, abs=1e-12)
    assert 0 <= brier(logits, labels) <= 2


@given(labelled())
def test_ece_equals_the_formula(pair: tuple[np.ndarray, np.ndarray]) -> None:
    found = outcomes(*pair)
    edges = np.linspace(0, 1, 16)
    if np.abs(found.confidence[:, None] - edges).min() < 1e-9:  # rounding may put it on either side
        return
    assert ece(found.confidence, found.hits).value == pytest.approx(ece_by_bins(*pair), abs=1e-12)
    assert 0 <= ece(found.confidence, found.hits).value <= 1


def test_a_confidence_on_an_edge_belongs_to_the_bin_below() -> None:
    edge = np.linspace(0, 1, 16)[9]
    confidence = np.array([edge, edge - 0.01, edge + 0.01])
    apart = ece(confidence, np.array([True, False, True])).value
    expected = (abs(1 + 0 - confidence[:2].sum()) + abs(1 - confidence[2])) / 3
    assert apart == pytest.approx(expected, abs=1e-12)


@given(labelled(), st.floats(-30, 30, width=32))
def test_a_constant_in_the_logits_does_not_count(pair: tuple[np.ndarray, np.ndarray], shift: float) -> None:
    logits, labels = pair
    moved = logits.astype(np.float64) + shift
    assert nll(moved, labels) == pytest.approx(nll(logits, labels), abs=1e-9)
    assert brier(moved, labels) == pytest.approx(brier(logits, labels), abs=1e-9)


@given(labelled(), st.randoms(use_true_random=False))
def test_the_order_of_examples_does_not_count_to_the_last_digit(pair, random) -> None:
    logits, labels = pair
    order = random.sample(range(len(labels)), len(labels))
    for one, other in ((outcomes(logits, labels), outcomes(logits[order], labels[order])),):
        assert ece(one.confidence, one.hits) == ece(other.confidence, other.hits)
        assert mean(one.nll) == mean(other.nll)
        assert mean(one.brier) == mean(other.brier)


def test_parts_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    logits, labels = rng.normal(size=(60, 9)).astype(np.float32), rng.integers(0, 9, 60)
    whole = outcomes(logits, labels)
    monkeypatch.setattr(classification, "CHUNK_VALUES", 20)
    parts = outcomes(logits, labels)
    for name in ("confidence", "hits", "nll", "brier"):
        assert (getattr(whole, name) == getattr(parts, name)).all(), name


def test_extremes() -> None:
    sure = np.array([[1000.0, 0.0], [0.0, 1000.0]])
    assert (nll(sure, np.array([0, 1])), brier(sure, np.array([0, 1]))) == (0, 0)
    assert nll(sure, np.array([1, 0])) == 1000
    assert brier(sure, np.array([1, 0])) == 2
    beyond = np.array([[1e308, -1e308]])
    assert nll(beyond, np.array([1])) == math.inf
    assert mean(outcomes(beyond, np.array([1])).nll).stderr is None


def test_errors_are_those_of_repeated_draws() -> None:
    """A model that says 0.8 and is right in 60%: ECE is 0.2, give or take the error of a share."""
    rng = np.random.default_rng(4)
    draws = [ece(np.full(200, 0.8), rng.random(200) < 0.6) for _ in range(2000)]
    assert np.mean([d.value for d in draws]) == pytest.approx(0.2, abs=0.005)
    assert np.mean([d.stderr for d in draws]) == pytest.approx(np.std([d.value for d in draws]), rel=0.05)
    assert mean(np.array([1.0, 2.0, 4.0])).stderr == pytest.approx(np.std([1, 2, 4], ddof=1) / math.sqrt(3))
    assert mean(np.array([1.0])).stderr is None


def test_nothing_has_no_calibration() -> None:
    with pytest.raises(ValueError, match="no examples"):
        outcomes(np.zeros((0, 3)), np.zeros(0, np.int64))


def test_the_examples_in_the_docstrings() -> None:
    assert doctest.testmod(calibration).failed == 0
