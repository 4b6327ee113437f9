"""The episodes are those that the release's code draws: the same draws from torch's and numpy's own generators."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from farfield.families.few_shot_classification import Episode
from farfield_evaluators.suites.rdfsl.draws import drawn

SIZES = ((21, 78), (22, 222), (40, 30), (50, 60), (33, 44), (99, 17), (60, 61))
EPISODE = Episode(way=5, shots=3, queries=4)
Plain = tuple[list[int], list[list[int]], list[list[int]]]


def ours(seed: int, count: int) -> list[Plain]:
    return [(list(d.classes), d.support.tolist(), d.queries.tolist()) for d in drawn(SIZES, EPISODE, count, seed)]


class Images(Dataset[Any]):
    """What the release's data set draws for a class."""

    def __len__(self) -> int:
        return len(SIZES)

    def __getitem__(self, number: int) -> Any:
        sizes = zip(SIZES[number], (EPISODE.shots, EPISODE.queries), strict=True)
        return (number, *(np.random.choice(size, wanted, replace=False) for size, wanted in sizes))


class Classes:
    """And its sampler for an episode."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __iter__(self) -> Iterator[Any]:
        for _ in range(self.count):
            yield torch.randperm(len(SIZES))[: EPISODE.way]


def theirs(seed: int, count: int) -> list[Plain]:
    before = np.random.get_state(), torch.get_rng_state()
    try:
        np.random.seed(seed)
        torch.manual_seed(seed)
        loader: Any = DataLoader(Images(), batch_sampler=Classes(count), num_workers=0)
        return [(classes.tolist(), support.tolist(), queries.tolist()) for classes, support, queries in loader]
    finally:
        np.random.set_state(before[0])
        torch.set_rng_state(before[1])


def test_the_draws_are_those_of_the_releases_code() -> None:
    for seed in (10, 2024):
        assert ours(seed, 40) == theirs(seed, 40)


def test_the_draws_never_change() -> None:
    """Golden: were they others, figures would not be comparable with those that boards have."""
    first, second = ours(10, 2)
    assert first == (
        [4, 2, 0, 1, 6],
        [[21, 7, 5], [23, 36, 30], [4, 19, 16], [21, 20, 5], [46, 15, 56]],
        [[37, 3, 2, 6], [7, 6, 3, 13], [35, 63, 53, 47], [182, 134, 151, 216], [45, 35, 57, 48]],
    )
    assert second[0] == [4, 0, 3, 1, 5]


def test_what_is_known_of_open_episodes_is_as_without_other_classes() -> None:
    opened = list(drawn(SIZES, replace(EPISODE, others=2), 40, 10))
    assert [(list(d.classes), d.support.tolist(), d.queries.tolist()) for d in opened] == ours(10, 40)
    for each in opened:
        assert sorted((*each.classes, *each.others)) == list(range(7))
        assert [len(set(row.tolist())) for row in each.open] == [4, 4]
        assert all(row.max() < SIZES[number][1] for number, row in zip(each.others, each.open, strict=True))
    assert len({each.open.tobytes() for each in opened}) == 40
    (closed,) = drawn(SIZES, EPISODE, 1, 10)
    assert (closed.others, closed.open.tolist()) == ((), [])


def test_more_episodes_begin_with_the_same() -> None:
    assert ours(10, 9)[:3] == ours(10, 3)
