"""Kind: a head that keeps moving the featurizer, an adaptation that needs the source, the wrong state at the end."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from farfield.runtime.dataset import ArraySource, LabeledSet
from farfield_baselines.adaptation.shot_lp_ft import Least, ShotLPFT, ShotLPFTConfig, cross_entropy
from farfield_baselines.trained.core import Recipe, Stage
from farfield_baselines.trained.loop import run

Blobs = Callable[..., LabeledSet]
Make = Callable[..., Any]
SOON = {"epochs": 8, "lr": 0.05, "head_steps": 100, "target_steps": 100, "head_lr": 1e-2, "target_lr": 1e-2}


def quiet(done: int, total: int) -> None:
    assert 0 < done <= total


def turned(part: LabeledSet) -> LabeledSet:
    """The target's domain: what speaks for a class on the source speaks for the next one."""
    inputs = part.take(np.arange(len(part))).inputs.copy()
    inputs[:, :3] = inputs[:, [1, 2, 0]]
    return LabeledSet(ArraySource(inputs), part.labels, part.domains)


def accuracy(recipe: Recipe, part: LabeledSet) -> float:
    return float((recipe.outputs(part).argmax(axis=1) == part.labels).mean())


def made(recipe_of: Make, blobs: Blobs, parts: dict[str, Any], **settings: Any) -> Any:
    return recipe_of(ShotLPFT, blobs(200), config=ShotLPFTConfig, parts=parts, **{**SOON, **settings})


def test_a_few_target_examples_turn_the_source_model(blobs: Blobs, recipe_of: Make) -> None:
    parts = {"target": turned(blobs(15, seed=3)), "target_val": turned(blobs(6, seed=4))}
    before, after = made(recipe_of, blobs, parts, head_steps=0, target_steps=0), made(recipe_of, blobs, parts)
    for recipe in (before, after):
        run(recipe, quiet)
    test = turned(blobs(200, seed=5))
    assert accuracy(before, test) < 0.4
    assert accuracy(after, test) > 0.75


def test_the_first_steps_move_nothing_but_the_classifier(blobs: Blobs, recipe_of: Make) -> None:
    recipe = made(recipe_of, blobs, {"target": turned(blobs(15))})
    before = {name: value.clone() for name, value in recipe.parts.state_dict().items()}

    def moved() -> set[str]:
        now = recipe.parts.state_dict()
        return {name.partition(".")[0] for name in now if not torch.equal(now[name], before[name])}

    recipe.adapt(Stage(epochs=1, trained=("classifier",), lr=1e-2), 5, Least(recipe, None))
    assert moved() == {"classifier"}
    recipe.adapt(Stage(epochs=1, lr=1e-2), 5, Least(recipe, None))
    assert moved() == {"featurizer", "bottleneck", "classifier"}


def test_after_the_source_is_learned_no_source_example_is_read(
    blobs: Blobs, recipe_of: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = made(recipe_of, blobs, {"target": turned(blobs(15))}, epochs=1)
    run(recipe, quiet)

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("the adaptation reads the source")

    for member in ("take", "batches"):
        monkeypatch.setattr(recipe.setup.train, member, refuse)
    recipe.finish()


def test_the_state_of_least_validation_loss_is_kept(blobs: Blobs, recipe_of: Make) -> None:
    """Target examples with the wrong labels: validation says that the source model was best."""
    wrong = blobs(15, seed=3)
    target = LabeledSet(ArraySource(wrong.take(np.arange(15)).inputs), (wrong.labels + 1) % 3, wrong.domains)
    kept = made(recipe_of, blobs, {"target": target, "target_val": blobs(30, seed=4)})
    last = made(recipe_of, blobs, {"target": target})
    for recipe in (kept, last):
        run(recipe, quiet)
    test = blobs(200, seed=5)
    assert accuracy(kept, test) > 0.85
    assert accuracy(last, test) < 0.4


def test_the_source_labels_are_smoothed_and_the_weights_normalised(blobs: Blobs, recipe_of: Make) -> None:
    recipe = made(recipe_of, blobs, {"target": blobs(15)}, smoothing=0.3)
    batch = recipe.tensors(blobs().take(np.arange(9)), np.arange(9), torch.Generator())
    logs = recipe.logits(batch.inputs).log_softmax(dim=1)
    wanted = 0.7 * torch.eye(3)[batch.labels] + 0.1
    by_hand = -(wanted * logs).sum(dim=1).mean()
    torch.testing.assert_close(recipe.loss(batch), by_hand)
    names = set(recipe.classifier.state_dict())
    assert {"parametrizations.weight.original0", "parametrizations.weight.original1"} <= names
    assert (recipe.rate("featurizer"), recipe.rate("classifier")) == pytest.approx((0.005, 0.05))


def test_cross_entropy_is_torchs() -> None:
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(size=(7, 3)).astype(np.float32) * 30, rng.integers(0, 3, 7)
    wanted = torch.nn.functional.cross_entropy(torch.from_numpy(logits), torch.from_numpy(labels))
    assert cross_entropy(logits, labels) == pytest.approx(float(wanted), rel=1e-5)


def test_without_target_examples_it_says_so(blobs: Blobs, recipe_of: Make) -> None:
    with pytest.raises(ValueError, match="adapts to labelled target examples"):
        made(recipe_of, blobs, {})
