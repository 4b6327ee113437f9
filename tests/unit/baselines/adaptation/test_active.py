"""Kind: a question past the budget, a label that is asked for and not learned, a source that is looked at again."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from farfield import Budget, Labels
from farfield.runtime.dataset import ArraySource, LabeledSet
from farfield_baselines.adaptation.active import Active, ActiveConfig
from farfield_baselines.adaptation.lftl import Lftl, LftlConfig
from farfield_baselines.adaptation.querying import certainty, class_weights, contrastive, margin
from farfield_baselines.adaptation.sampled import AtRandom, ByEntropy, ByMargin
from farfield_baselines.trained.loop import run

Blobs = Callable[..., LabeledSet]
Make = Callable[..., Any]
SOON = {"epochs": 8, "lr": 0.05, "round_epochs": 30, "round_lr": 0.05, "beta_im": 0.0, "beta_vpa": 0.0}


def quiet(done: int, total: int) -> None:
    assert 0 < done <= total


def turned(part: LabeledSet, *, told: bool = True) -> LabeledSet:
    """The target's domain: what speaks for a class on the source speaks for the next one."""
    inputs = part.take(np.arange(len(part))).inputs.copy()
    inputs[:, :3] = inputs[:, [1, 2, 0]]
    labels = part.labels if told else np.full(len(part), -1, np.int64)
    return LabeledSet(ArraySource(inputs), labels, part.domains)


def made(
    recipe_of: Make, blobs: Blobs, kind: type[Active], budget: Budget, asked: list[list[int]], **settings: Any
) -> Any:
    pool = blobs(40, seed=3)

    def tell(positions: np.ndarray) -> np.ndarray:
        asked.append(positions.tolist())
        return pool.labels[positions]

    parts = {"pool": turned(pool, told=False), "labels": Labels(budget, len(pool), tell)}
    config = LftlConfig if kind is Lftl else ActiveConfig
    return recipe_of(kind, blobs(120), config=config, parts=parts, **{**SOON, **settings})


def accuracy(recipe: Any, part: LabeledSet) -> float:
    return float((recipe.outputs(part).argmax(axis=1) == part.labels).mean())


@pytest.mark.parametrize("kind", [Lftl, AtRandom, ByMargin, ByEntropy])
def test_labels_that_were_asked_for_turn_the_source_model(blobs: Blobs, recipe_of: Make, kind: type[Active]) -> None:
    asked: list[list[int]] = []
    recipe = made(recipe_of, blobs, kind, Budget(rounds=3, per_round=5), asked)
    run(recipe, quiet)
    flat = [position for each in asked for position in each]
    assert [len(each) for each in asked] == [5, 5, 5]
    assert np.flatnonzero(recipe.known >= 0).tolist() == sorted(flat)
    assert accuracy(recipe, turned(blobs(200, seed=5))) > 0.6  # the source model: below 0.4, as shot-lp-ft's test says


def test_a_pool_that_is_used_up_ends_the_rounds(blobs: Blobs, recipe_of: Make) -> None:
    asked: list[list[int]] = []
    run(made(recipe_of, blobs, AtRandom, Budget(rounds=9, per_round=15), asked, epochs=1, round_epochs=1), quiet)
    assert [len(each) for each in asked] == [15, 15, 10]


def test_one_label_alone_teaches_nothing_and_fails_nothing(blobs: Blobs, recipe_of: Make) -> None:
    recipe = made(recipe_of, blobs, Lftl, Budget(rounds=1, per_round=1), [], epochs=1)
    run(recipe, quiet)
    assert np.isfinite(recipe.outputs(blobs(9))).all()


def test_after_the_source_is_learned_no_source_example_is_read(
    blobs: Blobs, recipe_of: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = made(recipe_of, blobs, Lftl, Budget(rounds=2, per_round=4), [], epochs=1, round_epochs=1)

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a round reads the source")

    for member in ("take", "batches"):
        monkeypatch.setattr(recipe.setup.train, member, refuse)
    recipe.finish()
    assert (recipe.known >= 0).sum() == 8


def test_without_a_pool_it_says_so(blobs: Blobs, recipe_of: Make) -> None:
    with pytest.raises(ValueError, match="asks for labels of a pool of examples"):
        recipe_of(AtRandom, blobs(), config=ActiveConfig)


SHARES = st.lists(st.lists(st.floats(0.01, 1.0), min_size=4, max_size=4), min_size=2, max_size=12)


@given(SHARES)
def test_scores_are_smallest_where_the_model_is_least_sure(rows: list[list[float]]) -> None:
    said = np.array(rows) / np.sum(rows, axis=1, keepdims=True)
    whole = np.vstack([said, np.full(4, 0.25)])
    for score in (margin, certainty):
        assert score(whole)[-1] <= score(whole).min() + 1e-12
    assert (margin(said) >= 0).all()
    assert (certainty(said) <= 0).all()
    plain = contrastive(said, None, ratio=0.5, most=5, class_weight=0.0)
    np.testing.assert_allclose(contrastive(said, said, ratio=0.5, most=5, class_weight=0.0), plain)


def test_a_class_that_the_model_is_seldom_sure_of_is_asked_first() -> None:
    classes, sure = np.array([0, 0, 0, 1, 1]), np.array([0.9, 0.8, 0.7, 0.6, 0.1])
    assert class_weights(classes, sure, 4).tolist() == pytest.approx([1.0, 1.0, 1.0, 1 / 3, 1 / 3])
