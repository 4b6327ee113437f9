"""Seeds and splits: DomainBed's check vectors, and what its own sweep holds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.suites.domainbed.sweeps import VLCS_IN, VLCS_OUT

from farfield_evaluators.suites.domainbed.seeds import epoch, run_seed, seed_hash, split


@pytest.mark.parametrize(("parts", "seed"), [((0, 0), 894182419), ((0, 1), 1514274641), ((1, 3), 1739848239)])
def test_the_check_vectors(parts: tuple[int, int], seed: int) -> None:
    assert seed_hash(*parts) == seed


def test_the_check_vector_of_a_split() -> None:
    out, kept = split(10, 0, 0)
    assert (out.tolist(), kept.tolist()) == ([2, 3], [8, 1, 4, 5, 0, 9, 6, 7])


@pytest.mark.parametrize(
    ("test_envs", "hparams_seed", "trial_seed", "seed"),
    [((1, 2), 1, 0, 360234358), ((0,), 0, 0, 1721972278), ((0,), 1, 1, 1826196677), ((0, 3), 0, 1, 99481980)],
)
def test_the_seeds_in_domainbeds_own_sweep(
    test_envs: tuple[int, ...], hparams_seed: int, trial_seed: int, seed: int
) -> None:
    assert run_seed("VLCS", "ERM", test_envs, hparams_seed, trial_seed) == seed


@given(st.integers(0, 300), st.integers(0, 5), st.integers(0, 9))
def test_a_split_takes_every_example_once_as_the_shuffle_of_a_list_does(count: int, trial: int, env: int) -> None:
    out, kept = split(count, trial, env)
    keys = list(range(count))
    np.random.RandomState(seed_hash(trial, env)).shuffle(keys)
    assert [*out, *kept] == keys
    assert len(out) == int(0.2 * count)


def test_the_sizes_of_the_official_splits_of_vlcs() -> None:
    sizes = [a + b for a, b in zip(VLCS_IN, VLCS_OUT, strict=True)]
    splits = [split(size, 2, number) for number, size in enumerate(sizes)]
    assert [len(out) for out, _ in splits] == [*VLCS_OUT]
    assert [len(kept) for _, kept in splits] == [*VLCS_IN]


@pytest.mark.parametrize(
    ("step", "batch", "value"), [(300, 39, 10.335689045936396), (1000, 32, 28.268551236749115), (0, 8, 0.0)]
)
def test_the_epochs_in_domainbeds_own_sweep(step: int, batch: int, value: float) -> None:
    assert epoch(step, VLCS_IN, batch) == value
