"""Kind: unlabeled batches that repeat before the set is through, or that move the labeled batches' chance."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from farfield import TrainingSet
from farfield.runtime.dataset import ArraySource, LabeledSet
from farfield_baselines.trained.core import Recipe
from farfield_baselines.trained.sampling import Ints, shuffled
from farfield_baselines.trained.unlabeled import Stream


def unlabeled(count: int) -> LabeledSet:
    inputs = np.arange(count * 6, dtype=np.float32).reshape(count, 6)
    return LabeledSet(ArraySource(inputs), np.full(count, -1), np.arange(count) % 3)


def in_fours(part: TrainingSet, epoch: int, rng: np.random.Generator) -> Iterator[Ints]:
    return shuffled(len(part), 4, rng)


def test_every_epoch_has_all_in_another_order(recipe_of: Callable[..., Any], blobs: Callable[..., LabeledSet]) -> None:
    part = unlabeled(12)
    recipe: Recipe = recipe_of(Recipe, blobs())
    stream = Stream(recipe, part, in_fours)
    batches = [stream.next() for _ in range(6)]
    epochs = [torch.cat([b.positions for b in batches[start : start + 3]]).tolist() for start in (0, 3)]
    assert [sorted(epoch) for epoch in epochs] == [list(range(12))] * 2
    assert epochs[0] != epochs[1]
    for batch in batches:
        assert batch.labels.tolist() == [-1] * 4
        assert batch.domains.tolist() == [position % 3 for position in batch.positions.tolist()]
        assert batch.inputs[:, 0].tolist() == [6.0 * position for position in batch.positions.tolist()]


def test_a_stream_is_the_seeds_alone(recipe_of: Callable[..., Any], blobs: Callable[..., LabeledSet]) -> None:
    drawn = []
    for disturbance in (1, 2):
        torch.manual_seed(disturbance)
        stream = Stream(recipe_of(Recipe, blobs()), unlabeled(40), in_fours)
        drawn.append(stream.next().positions.tolist())
    assert drawn[0] == drawn[1]
