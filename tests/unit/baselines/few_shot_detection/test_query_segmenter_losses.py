"""Matching and losses, against what else says the same."""

from itertools import permutations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torch.nn import functional

from farfield_baselines.networks.query_segmenter_decoder import Predicted
from farfield_baselines.networks.query_segmenter_frames import Truth
from farfield_baselines.networks.query_segmenter_losses import (
    Weights,
    class_loss,
    cost,
    layer_loss,
    mask_loss,
    match,
    middles,
    middles_loss,
)
from farfield_baselines.networks.seeding import seeded

WEIGHTS = Weights()


@given(st.integers(1, 5), st.integers(1, 4), st.data())
def test_no_pairing_of_queries_and_objects_costs_less(queries: int, objects: int, data: st.DataObject) -> None:
    prices = data.draw(arrays(np.float32, (queries, objects), elements=st.floats(-5, 5, width=32)))
    rows, columns = match(torch.from_numpy(prices))
    assert len(set(rows)) == len(set(columns)) == len(rows) == min(queries, objects)
    table = prices if queries >= objects else prices.T
    best = min(sum(table[row, n] for n, row in enumerate(rows)) for rows in permutations(range(len(table)), len(rows)))
    assert prices[rows, columns].sum() == pytest.approx(best, abs=1e-4)


def some(count: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    with seeded("cpu", seed):
        return 3 * torch.randn(count, 20), torch.rand(count, 20).round()


def test_a_pair_costs_what_its_mask_loses() -> None:
    logits, wanted = some(1)
    price = cost(torch.zeros(1, 3), logits, torch.tensor([1]), wanted, Weights(classes=0.0))
    torch.testing.assert_close(price[0, 0], mask_loss(logits, wanted, WEIGHTS))


def test_the_mask_loss_is_that_of_each_mask_on_average_and_none_without() -> None:
    logits, wanted = some(4)
    each = [mask_loss(logits[n : n + 1], wanted[n : n + 1], WEIGHTS) for n in range(4)]
    torch.testing.assert_close(mask_loss(logits, wanted, WEIGHTS), torch.stack(each).mean())
    assert mask_loss(logits[:0], wanted[:0], WEIGHTS) == 0


def test_no_object_weighs_less_among_classes() -> None:
    logits = torch.tensor([[[2.0, 0.0, 1.0], [0.0, 1.0, 3.0]]])
    both = functional.cross_entropy(logits[0], torch.tensor([0, 2]), reduction="none")
    expected = (both[0] + 0.1 * both[1]) / 1.1
    torch.testing.assert_close(class_loss(logits, torch.tensor([[0, 2]]), 0.1), expected)


def perfect(truths: list[Truth]) -> Predicted:
    """Three queries an image, of which the first say its objects for sure."""
    classes, masks = torch.full((len(truths), 3, 3), -20.0), torch.full((len(truths), 3, 4, 4), -20.0)
    for number, told in enumerate(truths):
        classes[number, :, 2] = 20.0
        for query, label in enumerate(told.labels.tolist()):
            classes[number, query] = torch.tensor([-20.0, -20.0, -20.0])
            classes[number, query, label] = 20.0
            masks[number, query] = 40 * told.masks[query] - 20
    return Predicted(classes=classes, masks=masks, queries=torch.zeros(len(truths), 3, 8))


def truths() -> list[Truth]:
    first = torch.zeros(2, 4, 4)
    first[0, :2, :2] = first[1, 2:, 2:] = 1.0
    return [Truth(labels=torch.tensor([0, 1]), masks=first), Truth(labels=torch.zeros(0, dtype=int), masks=first[:0])]


def test_nothing_is_lost_on_what_is_right_in_whatever_order() -> None:
    said = perfect(truths())
    assert layer_loss(said, truths(), WEIGHTS) == pytest.approx(0.0, abs=1e-5)
    turned = Predicted(classes=said.classes.flip(1), masks=said.masks.flip(1), queries=said.queries)
    assert layer_loss(turned, truths(), WEIGHTS) == pytest.approx(0.0, abs=1e-5)
    wrong = Predicted(classes=said.classes.flip(2), masks=said.masks, queries=said.queries)
    assert layer_loss(wrong, truths(), WEIGHTS) > 1.0


def test_an_objects_middle_is_where_its_mask_is_on_average() -> None:
    masks = torch.zeros(1, 16, 16)
    masks[0, 4:8, 8:16] = 1.0
    heat = middles(masks, (8, 8))
    assert heat.argmax() == 3 * 8 + 6
    assert heat.max() == 1.0
    assert heat[3, 5] > heat[1, 6]  # it is wider than high
    assert middles(masks[:0], (8, 8)).sum() == 0


def test_the_map_of_middles_loses_least_where_it_is_right() -> None:
    heat = torch.stack([middles(told.masks, (4, 4)) for told in truths()])
    right = torch.where(heat >= 1, 10.0, -10.0)
    assert middles_loss(right, truths()) < 0.01 < middles_loss(-right, truths())
