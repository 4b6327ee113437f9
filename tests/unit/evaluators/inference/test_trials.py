import numpy as np
import pytest
from tests.made_boards import hits

from farfield_evaluators.inference.resampling import Estimates, Outcomes, bootstrap
from farfield_evaluators.inference.trials import over_trials


def test_an_entry_of_one_run_has_the_error_of_the_examples_alone() -> None:
    runs = bootstrap([Outcomes(values=hits([0.5, 0.7], 800, 1))])
    entries = over_trials(runs, [1, 0])
    assert entries.values == pytest.approx(runs.values[::-1])
    assert entries.draws == pytest.approx(runs.draws[:, ::-1])


@pytest.mark.parametrize("trials", [3, 10])
def test_the_error_is_over_trials_and_examples_both(trials: int) -> None:
    rng = np.random.default_rng(trials)
    values = rng.normal(0.6, 0.02, trials)
    examples = rng.normal(0, 0.01, 20_000)  # the same for all trials, as they are tested on the same examples
    runs = Estimates(values=values, draws=values + examples[:, None])
    entry = over_trials(runs, [0] * trials)
    assert entry.values == pytest.approx([values.mean()])
    expected = np.hypot(values.std(ddof=1) / np.sqrt(trials), 0.01)
    assert entry.draws.std() == pytest.approx(expected, rel=0.03)


def test_every_entry_has_a_run() -> None:
    runs = Estimates(values=np.zeros(2), draws=np.zeros((5, 2)))
    for numbers in ([0, 2], [0], []):
        with pytest.raises(ValueError, match="at least one run"):
            over_trials(runs, numbers)
