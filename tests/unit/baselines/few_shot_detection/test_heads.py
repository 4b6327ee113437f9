"""The last layers: what scores depend on, and that rows arrive where they belong."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from farfield_baselines.networks.few_shot_heads import copy_mask_rows, copy_rows, predictor
from farfield_baselines.networks.mask_rcnn import mask_predictor
from farfield_baselines.networks.seeding import seeded

WIDTH = 6


def made(kind: str, classes: int, seed: int = 0, *, agnostic: bool = False) -> torch.nn.Module:
    with seeded("cpu", seed):
        return predictor(kind, WIDTH, classes, agnostic=agnostic)


def features(rows: int = 5) -> torch.Tensor:
    return torch.randn(rows, WIDTH, generator=torch.Generator().manual_seed(1))


@settings(deadline=None, max_examples=30)
@given(st.lists(st.floats(0.5, 50.0), min_size=4, max_size=4), st.floats(0.5, 50.0), st.booleans())
def test_cosine_scores_do_not_know_the_length_of_weights_or_features(
    lengths: list[float], length: float, training: bool
) -> None:
    head = made("cosine", 3).train(training)
    torch.nn.init.normal_(head.cls_score.weight)
    before, _ = head(features())
    with torch.no_grad():
        head.cls_score.weight.mul_(torch.tensor(lengths)[:, None])
    after, _ = head(length * features())
    torch.testing.assert_close(before, after, rtol=1e-3, atol=1e-3)
    assert before.abs().max() <= 20.0


def test_linear_scores_do_know_them() -> None:
    head = made("fc", 3)
    assert not torch.allclose(head(features())[0], head(2 * features())[0])


def test_training_brings_weights_to_length_one_and_detecting_leaves_them() -> None:
    head = made("cosine", 3).eval()
    before = head.cls_score.weight.detach().clone()
    head(features())
    torch.testing.assert_close(head.cls_score.weight, before, rtol=0, atol=0)
    head.train()(features())
    torch.testing.assert_close(head.cls_score.weight.norm(dim=1), torch.ones(4), rtol=0, atol=1e-3)


@pytest.mark.parametrize("kind", ["fc", "cosine"])
def test_agnostic_deltas_are_the_same_for_all_classes(kind: str) -> None:
    _, deltas = made(kind, 3, agnostic=True)(features())
    assert deltas.shape == (5, 16)
    torch.testing.assert_close(deltas.reshape(5, 4, 4), deltas[:, None, :4].expand(5, 4, 4))


@pytest.mark.parametrize(("kind", "into"), [("fc", "fc"), ("fc", "cosine"), ("cosine", "cosine")])
@pytest.mark.parametrize("agnostic", [False, True])
def test_rows_that_are_copied_say_the_same_as_before(kind: str, into: str, agnostic: bool) -> None:
    """Outputs 2 and 1 of two, and the background, become outputs 1 and 4 of four."""
    source, target = made(kind, 2, 0, agnostic=agnostic), made(into, 4, 1, agnostic=agnostic)
    other = made(into, 4, 1, agnostic=agnostic)
    copy_rows(source, target, {0: 0, 1: 2, 4: 1})
    torch.testing.assert_close(target.cls_score.weight[[0, 1, 4]], source.cls_score.weight[[0, 2, 1]])
    torch.testing.assert_close(target.cls_score.weight[[2, 3]], other.cls_score.weight[[2, 3]])
    (_, theirs), (_, ours), (_, before) = source(features()), target(features()), other(features())
    theirs, ours, before = (each.reshape(5, -1, 4) for each in (theirs, ours, before))
    torch.testing.assert_close(ours[:, [0, 1, 4]], theirs[:, [0, 2, 1]])
    torch.testing.assert_close(ours[:, [2, 3]], (ours if agnostic else before)[:, [2, 3]])


def test_mask_rows_take_what_comes_before_with_them() -> None:
    source, target = (mask_predictor(8, classes, agnostic=False) for classes in (2, 4))
    copy_mask_rows(source, target, {1: 2, 4: 1})
    pooled = torch.randn(3, 8, 5, 5, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(target(pooled)[:, [1, 4]], source(pooled)[:, [2, 1]])
    assert target(pooled).shape == (3, 5, 10, 10)


def test_one_mask_is_told_for_all_classes() -> None:
    told = mask_predictor(8, 3, agnostic=True)(torch.ones(2, 8, 4, 4))
    assert told.shape == (2, 4, 8, 8)
    torch.testing.assert_close(told, told[:, :1].expand(2, 4, 8, 8))
