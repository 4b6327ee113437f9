"""Accuracies against scikit-learn and against loops."""

import doctest
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn import metrics

from farfield_evaluators.metrics import classification
from farfield_evaluators.metrics.classification import (
    accuracy,
    class_accuracy,
    correct,
    in_top,
    per_class_accuracy,
)

CLASSES = 6


@st.composite
def labelled(draw: st.DrawFn, coarse: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Logits [N, 6] and labels [N]; coarse ones have many ties."""
    count = draw(st.integers(1, 25))
    elements = st.integers(-2, 2).map(float) if coarse else st.floats(-50, 50, width=32)
    return draw(arrays(np.float64, (count, CLASSES), elements=elements)), draw(
        arrays(np.int64, count, elements=st.integers(0, CLASSES - 1))
    )


def found_by_loop(logits: np.ndarray, label: int, k: int) -> bool:
    order = sorted(range(len(logits)), key=lambda c: (-logits[c], c))
    return label in order[:k]


@given(labelled(), st.integers(1, CLASSES))
def test_in_top_equals_a_stable_sort(pair: tuple[np.ndarray, np.ndarray], k: int) -> None:
    logits, labels = pair
    expected = [found_by_loop(row, label, k) for row, label in zip(logits, labels, strict=True)]
    assert in_top(logits, labels, k).tolist() == expected


@given(labelled())
def test_the_first_place_is_correct(pair: tuple[np.ndarray, np.ndarray]) -> None:
    assert (in_top(*pair, 1) == correct(*pair)).all()
    assert in_top(*pair, CLASSES).all()


def test_top5_equals_scikit_learns_without_ties() -> None:
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(size=(400, 20)), rng.integers(0, 20, 400)
    expected = metrics.top_k_accuracy_score(labels, logits, k=5, labels=range(20))
    assert accuracy(in_top(logits, labels, 5)) == pytest.approx(expected, abs=1e-12)


def test_parts_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    logits, labels = rng.normal(size=(50, 7)).astype(np.float16), rng.integers(0, 7, 50)
    whole = in_top(logits, labels, 3)
    monkeypatch.setattr(classification, "CHUNK_VALUES", 8)
    assert (in_top(logits, labels, 3) == whole).all()


def test_a_label_that_is_no_class_is_never_found() -> None:
    assert in_top(np.zeros((2, 3)), np.array([-1, 3]), 3).tolist() == [False, False]
    assert in_top(np.zeros((0, 3)), np.zeros(0, np.int64), 3).tolist() == []


@given(labelled())
def test_per_class_accuracies_are_recalls(pair: tuple[np.ndarray, np.ndarray]) -> None:
    logits, labels = pair
    hits = correct(logits, labels)
    found = per_class_accuracy(hits, labels, CLASSES)
    present = np.unique(labels)
    assert set(np.flatnonzero(~np.isnan(found)).tolist()) == set(present.tolist())
    expected = metrics.recall_score(labels, logits.argmax(axis=1), labels=present, average=None)
    assert found[present] == pytest.approx(expected, abs=1e-12)
    assert class_accuracy(hits, labels, CLASSES)[0] == pytest.approx(np.mean(expected), abs=1e-12)


def test_the_error_of_the_mean_over_classes_is_that_of_repeated_draws() -> None:
    shares, size = np.array([0.2, 0.5, 0.9]), 40
    rng = np.random.default_rng(2)
    labels = np.repeat(np.arange(3), size)
    draws = [class_accuracy(rng.random(3 * size) < shares[labels], labels, 3) for _ in range(3000)]
    assert np.mean([error for _, error in draws]) == pytest.approx(np.std([mean for mean, _ in draws]), rel=0.04)
    assert class_accuracy(np.array([True]), np.array([0]), 2) == (1.0, None)


def test_the_accuracy_of_nothing_is_undefined() -> None:
    with pytest.raises(ValueError, match="no examples"):
        accuracy(np.zeros(0, bool))
    assert math.isnan(per_class_accuracy(np.zeros(0, bool), np.zeros(0, np.int64), 1)[0])


def test_the_examples_in_the_docstrings() -> None:
    assert doctest.testmod(classification).failed == 0
