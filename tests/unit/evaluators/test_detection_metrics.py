"""OOD metrics against scikit-learn, called the way OpenOOD v1.5 calls it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn import metrics

from farfield_evaluators.metrics.detection import MEASURES, auroc, fpr95

COARSE = st.integers(-4, 4).map(float)  # many ties
FINE = st.floats(-1e6, 1e6, allow_nan=False, width=32)


def scores(elements: st.SearchStrategy[float]) -> st.SearchStrategy[np.ndarray]:
    return arrays(np.float64, st.integers(1, 60), elements=elements)


def reference(id_scores: np.ndarray, ood_scores: np.ndarray) -> dict[str, float]:
    is_ood = np.r_[np.zeros(len(id_scores)), np.ones(len(ood_scores))]
    conf = np.r_[id_scores, ood_scores]
    fpr, tpr, _ = metrics.roc_curve(is_ood, -conf)
    precision_in, recall_in, _ = metrics.precision_recall_curve(1 - is_ood, conf)
    precision_out, recall_out, _ = metrics.precision_recall_curve(is_ood, -conf)
    return {
        "auroc": metrics.auc(fpr, tpr),
        "fpr95": fpr[np.argmax(tpr >= 0.95)],
        "aupr-in": metrics.auc(recall_in, precision_in),
        "aupr-out": metrics.auc(recall_out, precision_out),
    }


@given(st.sampled_from([COARSE, FINE]).flatmap(lambda e: st.tuples(scores(e), scores(e))))
def test_equals_openood(pair: tuple[np.ndarray, np.ndarray]) -> None:
    expected = reference(*pair)
    for name, measure in MEASURES.items():
        assert measure(*pair) == pytest.approx(expected[name], abs=1e-12), name


@given(scores(COARSE), scores(COARSE))
def test_auroc_of_the_other_direction_is_the_complement(a: np.ndarray, b: np.ndarray) -> None:
    assert auroc(a, b) + auroc(-a, -b) == pytest.approx(1, abs=1e-12)


@given(scores(FINE), scores(FINE))
def test_only_the_order_counts(a: np.ndarray, b: np.ndarray) -> None:
    both = np.unique(np.r_[a, b])
    ranked = [np.searchsorted(both, part).astype(float) for part in (a, b)]
    for name, measure in MEASURES.items():
        assert measure(a, b) == pytest.approx(measure(*ranked), abs=1e-12), name


def test_perfect_separation() -> None:
    high, low = np.array([3.0, 4.0]), np.array([1.0, 2.0])
    assert (auroc(high, low), fpr95(high, low)) == (1.0, 0.0)
    assert (auroc(low, high), fpr95(low, high)) == (0.0, 1.0)


def test_no_scores_are_an_error() -> None:
    with pytest.raises(ValueError, match="at least one ID and one OOD"):
        auroc(np.array([]), np.array([1.0]))
