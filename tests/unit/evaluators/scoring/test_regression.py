"""Figures of regression are those of scipy and scikit-learn; what is undefined is left out."""

import numpy as np
import pytest
from scipy.stats import pearsonr
from sklearn.metrics import mean_squared_error, r2_score

from farfield_evaluators.scoring.regression import Told
from farfield_evaluators.scoring.scorer import Wanted, score_tests
from farfield_evaluators.scoring.test import Test

WANTED = Wanted(metrics=frozenset({"pearson", "mse", "r2"}))


def of(told: np.ndarray, right: np.ndarray, place: int = 0) -> dict[str, float]:
    test = Test(domain="a", role="id", count=len(right), outputs={"values": told}, targets={"wealth": right})
    scorer = Told(target="wealth", place=place)
    return {figure.metric: figure.value for figure in score_tests((scorer,), [test], WANTED) if figure.domain == "a"}


@pytest.mark.parametrize("seed", range(5))
def test_as_others_compute_them(seed: int) -> None:
    rng = np.random.default_rng(seed)
    right = rng.normal(3, 2, 50)
    told = np.column_stack([rng.normal(size=50), right + rng.normal(size=50)])
    found = of(told, right, place=1)
    assert found["pearson"] == pytest.approx(pearsonr(told[:, 1], right).statistic, abs=1e-12)
    assert found["mse"] == pytest.approx(mean_squared_error(right, told[:, 1]), abs=1e-12)
    assert found["r2"] == pytest.approx(r2_score(right, told[:, 1]), abs=1e-12)


def test_what_does_not_vary_has_no_correlation() -> None:
    assert set(of(np.ones((4, 1)), np.arange(4.0))) == {"mse", "r2"}
    assert set(of(np.arange(4.0)[:, None], np.ones(4))) == {"mse"}
