"""OOD metrics against scikit-learn, called the way OpenOOD v1.5 calls it."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import interpolate
from sklearn import metrics

from farfield_evaluators.metrics.bootstrap import SEED, detection_stderr
from farfield_evaluators.metrics.detection import (
    CLASSIC,
    MEASURES,
    OF_DETECTORS_THAT_CLASSIFY,
    aupr_in,
    aupr_in_classic,
    aupr_out,
    aupr_out_classic,
    auroc,
    ccr_at_fpr,
    detection_error,
    fpr95,
    fpr95_classic,
    fpr95_id_interp,
    fpr95_nearest,
    tally,
)

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
        assert measure(tally(*pair)) == pytest.approx(expected[name], abs=1e-12), name


@given(scores(COARSE), scores(COARSE))
def test_auroc_of_the_other_direction_is_the_complement(a: np.ndarray, b: np.ndarray) -> None:
    assert auroc(a, b) + auroc(-a, -b) == pytest.approx(1, abs=1e-12)


@given(scores(FINE), scores(FINE))
def test_only_the_order_counts(a: np.ndarray, b: np.ndarray) -> None:
    both = np.unique(np.r_[a, b])
    ranked = [np.searchsorted(both, part).astype(float) for part in (a, b)]
    for name, measure in {**MEASURES, **CLASSIC}.items():
        assert measure(tally(a, b)) == pytest.approx(measure(tally(*ranked)), abs=1e-12), name


def test_perfect_separation() -> None:
    high, low = np.array([3.0, 4.0]), np.array([1.0, 2.0])
    assert (auroc(high, low), fpr95(high, low)) == (1.0, 0.0)
    assert (auroc(low, high), fpr95(low, high)) == (0.0, 1.0)


def test_no_scores_are_an_error() -> None:
    with pytest.raises(ValueError, match="at least one ID and one OOD"):
        auroc(np.array([]), np.array([1.0]))


def nearest(rates: np.ndarray, recalls: np.ndarray) -> float:
    """By its definition: of the thresholds down to the first that keeps everything, the lowest of the nearest."""
    whole = next(n for n, recall in enumerate(recalls) if recall == 1.0)
    return float(min((abs(recalls[n] - 0.95), -n, rates[n]) for n in range(whole + 1))[2])


@pytest.mark.parametrize(
    ("id_scores", "ood_scores", "theirs"),
    [
        (np.arange(1.0, 21.0), np.array([1.5, 1.7, 0.0, 30.0]), 0.75),
        (np.arange(1.0, 31.0), np.array([2.5, 2.6, 1.5, 9.0]), 0.75),
        (np.array([3.0, 2.0]), np.array([2.5, 1.0, 2.0]), 2 / 3),
    ],
)
def test_nearest_is_what_cookeds_own_code_says(id_scores: np.ndarray, ood_scores: np.ndarray, theirs: float) -> None:
    """`fpr_and_fdr_at_recall` of glhr/COOkeD at 217223b, run on these."""
    assert fpr95_nearest(id_scores, ood_scores) == pytest.approx(theirs, abs=1e-12)


def classic_reference(id_scores: np.ndarray, ood_scores: np.ndarray) -> dict[str, float]:
    is_id = np.r_[np.ones(len(id_scores)), np.zeros(len(ood_scores))]
    conf = np.r_[id_scores, ood_scores]
    fpr, tpr, _ = metrics.roc_curve(is_id, conf, drop_intermediate=False)
    return {
        "fpr95-classic": fpr[np.argmax(tpr >= 0.95)],
        "fpr95-nearest": nearest(fpr[1:], tpr[1:]),
        "fpr95-id-interp": float(interpolate.interp1d(tpr, fpr)(0.95)),
        "aupr-in-classic": metrics.average_precision_score(is_id, conf),
        "aupr-out-classic": metrics.average_precision_score(1 - is_id, -conf),
    }


@given(st.sampled_from([COARSE, FINE]).flatmap(lambda e: st.tuples(scores(e), scores(e))))
def test_the_classic_measures_equal_scikit_learns(pair: tuple[np.ndarray, np.ndarray]) -> None:
    expected = classic_reference(*pair)
    assert set(expected) == set(CLASSIC)
    for name, measure in CLASSIC.items():
        assert measure(tally(*pair)) == pytest.approx(expected[name], abs=1e-12), name


@given(scores(COARSE), scores(COARSE))
def test_functions_of_scores_are_those_of_counts(a: np.ndarray, b: np.ndarray) -> None:
    of_scores = {
        "auroc": auroc,
        "fpr95": fpr95,
        "aupr-in": aupr_in,
        "aupr-out": aupr_out,
        "fpr95-classic": fpr95_classic,
        "fpr95-nearest": fpr95_nearest,
        "fpr95-id-interp": fpr95_id_interp,
        "aupr-in-classic": aupr_in_classic,
        "aupr-out-classic": aupr_out_classic,
    }
    measures = {**MEASURES, **CLASSIC}
    assert set(of_scores) == set(measures)
    for name, function in of_scores.items():
        value = function(a, b)
        assert value == measures[name](tally(a, b))
        assert 0 <= value <= 1 + 1e-12


def test_the_conventions_differ() -> None:
    """20 ID scores of which one is as low as OOD, and 10 OOD scores of which one is as high as ID."""
    id_scores = np.r_[np.full(19, 2.0), 0.0]
    ood_scores = np.r_[np.full(9, 1.0), 3.0]
    assert fpr95_classic(id_scores, ood_scores) == 1 / 10
    assert fpr95(id_scores, ood_scores) == 1.0


@given(scores(COARSE), scores(COARSE))
def test_auroc_is_one_number_in_both_conventions(a: np.ndarray, b: np.ndarray) -> None:
    is_id = np.r_[np.ones(len(a)), np.zeros(len(b))]
    assert auroc(a, b) == pytest.approx(metrics.roc_auc_score(is_id, np.r_[a, b]), abs=1e-12)


@pytest.mark.parametrize(("a", "b"), [([], [1.0]), ([1.0], [])])
def test_either_side_may_lack_scores(a: list[float], b: list[float]) -> None:
    with pytest.raises(ValueError, match="at least one ID and one OOD"):
        tally(np.array(a), np.array(b))


def test_the_bootstrap_counts_what_sorting_again_would_give() -> None:
    """A resample by counts has the measures of the drawn scores themselves, draw for draw."""
    rng = np.random.default_rng(4)
    id_scores, sets = (
        rng.integers(0, 9, 40).astype(float),
        {"a": rng.normal(size=30), "b": rng.integers(0, 9, 20) + 0.0},
    )
    found = detection_stderr(lambda t: {n: MEASURES["auroc"](t[n]) for n in t}, id_scores, sets, resamples=50)
    drawn = np.random.default_rng(SEED)
    values: dict[str, list[float]] = {"a": [], "b": []}
    for _ in range(50):
        ood = {name: drawn.choice(np.sort(scores), len(scores)) for name, scores in sets.items()}
        chosen = drawn.choice(np.sort(id_scores), len(id_scores))
        for name in sets:
            values[name].append(auroc(chosen, ood[name]))
    assert found == {name: pytest.approx(np.std(v, ddof=1), abs=1e-15) for name, v in values.items()}


@pytest.mark.parametrize(
    ("seed", "inside", "outside", "error", "rates"),
    [(0, 40, 25, 0.1275, (0.625, 0.25)), (1, 7, 30, 0.25476190476190474, (3 / 7, 3 / 7))],
)
def test_the_detection_error_and_the_correct_rate_are_what_openoods_own_code_says(
    seed: int, inside: int, outside: int, error: float, rates: tuple[float, float]
) -> None:
    """`detection` and `ccr_fpr` of OpenOOD at 3c35632, run on these, some of whose scores are tied."""
    rng = np.random.RandomState(seed)
    id_scores, ood_scores = np.round(rng.normal(1, 1, inside), 2), np.round(rng.normal(0, 1, outside), 2)
    right = rng.rand(inside) < 0.7
    assert detection_error(id_scores, ood_scores) == pytest.approx(error, abs=1e-5)  # theirs tries 100,000 thresholds
    assert [ccr_at_fpr(id_scores, ood_scores, right, rate) for rate in (0.1, 0.01)] == pytest.approx(rates, abs=1e-12)


@settings(max_examples=25)
@given(scores(COARSE), scores(COARSE), st.randoms())
def test_a_correct_rate_is_at_most_the_accuracy_and_grows_with_what_is_let_pass(
    a: np.ndarray, b: np.ndarray, draw: random.Random
) -> None:
    right = np.array([draw.random() < 0.5 for _ in a])
    few, many = (ccr_at_fpr(a, b, right, rate) for rate in (0.01, 0.5))
    assert few <= many <= right.mean()


def test_a_correct_rate_needs_to_know_what_is_right() -> None:
    with pytest.raises(ValueError, match="classified rightly"):
        OF_DETECTORS_THAT_CLASSIFY["ccr-fpr10"](tally(np.ones(2), np.zeros(2)))


def test_the_bootstrap_draws_what_is_right_with_its_score_in_whatever_order_they_come() -> None:
    rng = np.random.default_rng(5)
    id_scores, right, ood = rng.integers(0, 5, 30).astype(float), rng.random(30) < 0.6, {"a": rng.normal(2, 1, 20)}
    measure = OF_DETECTORS_THAT_CLASSIFY["ccr-fpr10"]

    def error(order: np.ndarray) -> float:
        drawn = detection_stderr(lambda t: {"a": measure(t["a"])}, id_scores[order], ood, right=right[order])
        return drawn["a"]

    assert 0 < error(np.arange(30)) == error(rng.permutation(30)) < 0.2
