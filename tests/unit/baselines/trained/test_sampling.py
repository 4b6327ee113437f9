"""Kind: samplers that lose examples, or favour a group."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from farfield_baselines.trained.sampling import batched, by_group, even, shuffled, weighted

GROUPS = np.repeat([0, 1, 2], [90, 8, 2])


@given(st.integers(1, 60), st.integers(1, 20), st.integers(0, 5))
def test_an_epoch_has_every_position_once(count: int, batch: int, seed: int) -> None:
    batches = list(shuffled(count, batch, np.random.default_rng(seed)))
    assert sorted(np.concatenate(batches)) == list(range(count))
    assert all(len(part) <= batch + 1 for part in batches)
    assert batch == 1 or count == 1 or min(map(len, batches)) > 1


def test_weights_of_groups_draw_each_as_often() -> None:
    drawn = np.concatenate(list(weighted(even(GROUPS), 10, np.random.default_rng(0))))
    many = np.concatenate(
        [np.concatenate(list(weighted(even(GROUPS), 10, np.random.default_rng(seed)))) for seed in range(100)]
    )
    assert len(drawn) == len(GROUPS)
    assert np.allclose(np.bincount(GROUPS[many]) / len(many), 1 / 3, atol=0.02)


def test_the_group_loader_draws_different_groups_and_drops_the_last_batch() -> None:
    batches = list(by_group(GROUPS, 16, 2, np.random.default_rng(0)))
    assert len(batches) == 100 // 16
    for batch in batches:
        groups, counts = np.unique(GROUPS[batch], return_counts=True)
        assert len(groups) == 2
        assert counts.tolist() == [8, 8]


def test_the_group_loader_repeats_only_inside_a_group_that_is_too_small() -> None:
    for batch in by_group(GROUPS, 16, 2, np.random.default_rng(1)):
        of_the_large = batch[GROUPS[batch] == 0]
        assert len(set(of_the_large)) == len(of_the_large)


@pytest.mark.parametrize(("batch", "groups", "lengths"), [(400, 2, [100]), (16, 8, [15] * 6), (2, 3, [3] * 33)])
def test_a_small_set_gives_what_it_has(batch: int, groups: int, lengths: list[int]) -> None:
    batches = list(by_group(GROUPS, batch, groups, np.random.default_rng(0)))
    assert [len(b) for b in batches] == lengths


def test_a_last_example_by_itself_joins_the_batch_before() -> None:
    assert [part.tolist() for part in batched(np.arange(5), 2)] == [[0, 1], [2, 3, 4]]
    assert [part.tolist() for part in batched(np.arange(3), 1)] == [[0], [1], [2]]
    assert [part.tolist() for part in batched(np.arange(1), 4)] == [[0]]
