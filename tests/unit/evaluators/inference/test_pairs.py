import numpy as np
import pytest
from tests.made_boards import board

from farfield_evaluators.inference import pairs
from farfield_evaluators.inference.pairs import compare
from farfield_evaluators.inference.resampling import Estimates, Floats, Outcomes, bootstrap

ROUNDED = 1e-12  # a draw that is as large as the difference may come out a last digit smaller, by the order of sums


def textbook(estimates: Estimates) -> Floats:
    """Adjusted p-values of all pairs by the algorithm as it is written down, one hypothesis after the other."""
    count = len(estimates)
    upper = [(j, k) for j in range(count) for k in range(j + 1, count)]
    values, draws = estimates.values, estimates.draws
    spread = {(j, k): (draws[:, j] - draws[:, k]) - (values[j] - values[k]) for j, k in upper}
    error = {pair: np.sqrt(np.mean(noise**2)) for pair, noise in spread.items()}
    size = {(j, k): abs(values[j] - values[k]) / error[j, k] for j, k in upper}
    p_values, left, last = np.ones((count, count)), sorted(upper, key=lambda pair: -size[pair]), 0.0
    while left:
        tested = left[0]
        largest = np.max([np.abs(spread[pair]) / error[pair] for pair in left], axis=0)
        reached = largest >= size[tested] * (1 - ROUNDED)
        last = max(last, float((np.sum(reached) + 1) / (len(draws) + 1)))
        p_values[tested] = p_values[tested[::-1]] = last
        left.remove(tested)
    return p_values


@pytest.mark.parametrize("block", [3, 1024])
@pytest.mark.parametrize("seed", range(5))
def test_p_values_are_those_of_the_textbook(seed: int, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "BLOCK", block)
    estimates = bootstrap([board([0.5, 0.55, 0.6, 0.62, 0.7, 0.7], 300, seed)], resamples=199)
    assert compare(estimates, higher_is_better=True).adjusted == pytest.approx(textbook(estimates))


def test_differences_and_errors_of_rows_less_columns() -> None:
    outcomes = board([0.5, 0.8], 1000, 3)
    compared = compare(bootstrap([outcomes], resamples=3000), higher_is_better=True)
    apart = outcomes.values[:, 0] - outcomes.values[:, 1]
    assert compared.differences == pytest.approx(np.array([[0, apart.mean()], [-apart.mean(), 0]]))
    assert compared.stderr[0, 1] == pytest.approx(apart.std() / np.sqrt(1000), rel=0.06)
    assert compared.better.tolist() == [[False, False], [True, False]]
    assert compare(bootstrap([outcomes]), higher_is_better=False).better.tolist() == [[False, True], [False, False]]


def test_the_same_method_twice_is_equal_to_itself() -> None:
    values = board([0.5, 0.8], 500, 1).values[:, [0, 0, 1]]
    compared = compare(bootstrap([Outcomes(values=values)]), higher_is_better=True)
    assert compared.adjusted[0, 1] == 1.0
    assert compared.stderr[0, 1] == 0.0
    assert not compared.better[:2, :2].any()


def test_what_has_no_error_is_told_apart_by_any_difference() -> None:
    estimates = Estimates(values=np.array([0.5, 0.6]), draws=np.tile([0.5, 0.6], (99, 1)))
    assert compare(estimates, higher_is_better=True).better[1, 0]


def test_a_board_of_one() -> None:
    compared = compare(bootstrap([board([0.5])]), higher_is_better=True)
    assert compared.better.tolist() == [[False]]
