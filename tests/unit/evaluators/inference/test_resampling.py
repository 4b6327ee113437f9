import numpy as np
import pytest
from scipy import stats
from tests.made_boards import board, hits

from farfield_evaluators.inference.resampling import (
    BLOCK,
    MANY,
    SEED,
    Estimates,
    Outcomes,
    bootstrap,
    independent,
)


@pytest.mark.parametrize("examples", [60, MANY - 1, MANY, 3000])
def test_the_spread_of_draws_is_the_error_of_a_mean(examples: int) -> None:
    values = hits([0.3, 0.8], examples, 5)
    drawn = bootstrap([Outcomes(values=values)], resamples=4000)
    expected = values.std(axis=0) / np.sqrt(examples)
    assert drawn.draws.std(axis=0) == pytest.approx(expected, rel=0.06)
    assert drawn.draws.mean(axis=0) == pytest.approx(values.mean(axis=0), abs=4 * expected.max() / np.sqrt(4000))


@pytest.mark.parametrize("examples", [MANY + 1, BLOCK + 3])
def test_the_draws_are_those_by_which_standings_were_frozen(examples: int) -> None:
    """A Poisson number for each 16 bits of the generator, resample by resample; the means by a plain product."""
    values, resamples, rng = hits([0.3, 0.8], examples, 5), 3, np.random.default_rng(SEED)
    chance = np.frombuffer(rng.bytes(2 * resamples * examples), np.uint16).reshape(resamples, examples)
    counts = stats.poisson(1).ppf((chance + 0.5) / 65536)
    expected = counts @ values / counts.sum(axis=1, keepdims=True)
    assert bootstrap([Outcomes(values=values)], resamples=resamples).draws == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("examples", [80, 2000])
def test_methods_are_looked_at_on_the_same_resampled_examples(examples: int) -> None:
    values = hits([0.5, 0.6], examples, 1)
    drawn = bootstrap([Outcomes(values=values)], resamples=4000)
    paired = (values[:, 0] - values[:, 1]).std() / np.sqrt(examples)
    assert np.std(drawn.draws[:, 0] - drawn.draws[:, 1]) == pytest.approx(paired, rel=0.06)
    alone = np.hypot(*values.std(axis=0)) / np.sqrt(examples)
    assert paired < 0.9 * alone


def test_examples_of_a_cluster_are_drawn_together() -> None:
    """Ten copies of each example tell no more than one."""
    once = hits([0.4], 700, 2)
    clusters = np.repeat(np.arange(700), 10)
    copied = bootstrap([Outcomes(values=once.repeat(10, axis=0), clusters=clusters)], resamples=3000)
    single = bootstrap([Outcomes(values=once)], resamples=3000)
    assert copied.draws == pytest.approx(single.draws)


def test_clusters_of_other_sizes_have_the_error_of_a_ratio() -> None:
    rng = np.random.default_rng(3)
    sizes = rng.integers(1, 20, 600)
    rates = rng.uniform(0.2, 0.9, 600)
    clusters = np.repeat(np.arange(600), sizes)
    values = (rng.random(len(clusters)) < rates[clusters]).astype(float)[:, None]
    mean = values.mean()
    residuals = np.bincount(clusters, (values[:, 0] - mean))
    expected = np.sqrt((residuals**2).sum()) / sizes.sum()  # linearised, as for a ratio estimator
    drawn = bootstrap([Outcomes(values=values, clusters=clusters)], resamples=4000)
    assert drawn.draws.std() == pytest.approx(expected, rel=0.06)
    assert drawn.values == pytest.approx([mean])


def test_a_figure_over_domains_is_the_mean_of_theirs() -> None:
    small, large = board([0.9, 0.2], 100, 1), board([0.5, 0.4], 5000, 2)
    drawn = bootstrap([small, large], resamples=3000)
    means = np.array([small.values.mean(axis=0), large.values.mean(axis=0)])
    assert drawn.values == pytest.approx(means.mean(axis=0))
    errors = [np.asarray(d.values.std(axis=0) / np.sqrt(len(d.values))) for d in (small, large)]
    assert drawn.draws.std(axis=0) == pytest.approx(np.hypot(*errors) / 2, rel=0.06)


def test_the_same_outcomes_give_the_same_draws_whoever_else_is_there() -> None:
    alone = bootstrap([board([0.5, 0.6], 800, 4)])
    values = np.column_stack([board([0.5, 0.6], 800, 4).values, np.zeros(800)])
    joined = bootstrap([Outcomes(values=values)])
    assert joined.draws[:, :2] == pytest.approx(alone.draws, abs=1e-12)


def test_percentile_intervals_hold_the_middle_of_the_draws() -> None:
    draws = np.linspace(0, 1, 1001)[:, None]
    low, high = Estimates(values=np.array([0.5]), draws=draws).interval(0.9)
    assert (low[0], high[0]) == pytest.approx((0.05, 0.95))


def test_figures_with_errors_alone_are_drawn_apart() -> None:
    drawn = independent(np.array([0.5, 0.7]), np.array([0.1, 0.0]), resamples=5000)
    assert drawn.draws.std(axis=0) == pytest.approx([0.1, 0.0], abs=0.005)


@pytest.mark.parametrize(
    ("values", "clusters", "says"),
    [
        (np.zeros((0, 2)), None, "at least one example"),
        (np.zeros(3), None, "at least one example"),
        (np.array([[np.nan]]), None, "not finite"),
        (np.zeros((3, 1)), np.zeros(2, np.int64), "clusters"),
    ],
)
def test_outcomes_that_cannot_be_compared(values: np.ndarray, clusters: np.ndarray | None, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Outcomes(values=values, clusters=clusters)


def test_domains_have_the_same_methods() -> None:
    with pytest.raises(ValueError, match="same methods"):
        bootstrap([board([0.5]), board([0.5, 0.6])])
    with pytest.raises(ValueError, match="same methods"):
        bootstrap([])


def test_what_is_no_error() -> None:
    with pytest.raises(ValueError, match="from 0 on"):
        independent(np.zeros(2), np.array([0.1, -1.0]))
    with pytest.raises(ValueError, match="shape"):
        Estimates(values=np.zeros(2), draws=np.zeros((5, 3)))
