"""Kind: runs that depend on something beside their seed, stages that move what they should not, the wrong epoch."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from farfield.runtime.dataset import ArraySource, LabeledSet
from farfield_baselines.trained.core import Recipe, Stage, TensorBatch
from farfield_baselines.trained.loop import run

Blobs = Callable[..., LabeledSet]
Make = Callable[..., Any]


def state(recipe: Recipe) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in recipe.parts.state_dict().items()}


def accuracy(recipe: Recipe, part: LabeledSet) -> float:
    return float((recipe.outputs(part).argmax(axis=1) == part.labels).mean())


def quiet(done: int, total: int) -> None:
    assert 0 < done <= total


def test_it_learns_classes(blobs: Blobs, recipe_of: Make) -> None:
    recipe = recipe_of(Recipe, blobs(), epochs=10, lr=1e-2)
    run(recipe, quiet)
    assert accuracy(recipe, blobs(seed=1)) > 0.85


def test_it_learns_values(blobs: Blobs, recipe_of: Make) -> None:
    recipe = recipe_of(Recipe, blobs(targets=True), epochs=60, lr=1e-2)
    before = float(np.square(recipe.outputs(blobs(seed=1)) - blobs(seed=1, targets=True).targets).mean())
    run(recipe, quiet)
    after = float(np.square(recipe.outputs(blobs(seed=1)) - blobs(seed=1, targets=True).targets).mean())
    assert after < 0.3 * before


def test_the_state_does_not_depend_on_who_drew_numbers_before(blobs: Blobs, recipe_of: Make) -> None:
    states = []
    for disturbance in (1, 2):
        recipe = recipe_of(Recipe, blobs(), epochs=2)
        torch.manual_seed(disturbance)
        run(recipe, quiet)
        states.append(state(recipe))
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


def test_a_linear_step_is_the_one_by_hand(blobs: Blobs, recipe_of: Make) -> None:
    """Full batch, no hidden layer, SGD: W <- W - lr times the gradient of the mean cross-entropy."""
    train = blobs()
    recipe = recipe_of(Recipe, train, epochs=1, batch=40, hidden_layers=0, optimizer="sgd", momentum=0.0, lr=0.5)
    weight, bias = (p.detach().clone().double().numpy() for p in recipe.classifier.parameters())
    inputs = train.take(np.arange(40)).inputs.astype(np.float64)
    logits = inputs @ weight.T + bias
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    gradient = (shares - np.eye(3)[train.labels]).T @ inputs / 40
    run(recipe, quiet)
    np.testing.assert_allclose(recipe.classifier.weight.detach().numpy(), weight - 0.5 * gradient, atol=1e-6)


class TwoStages(Recipe):
    """All of it, then the classifier alone at a rate and in an order of its own."""

    def stages(self) -> list[Stage]:
        self.orders: list[int] = []
        self.between: dict[str, torch.Tensor] = {}
        second = Stage(
            epochs=3, name="head", trained=("classifier",), lr=0.1, order=self.backwards, before=self.remember
        )
        return [Stage(epochs=1), second]

    def backwards(self, train: Any, epoch: int, rng: np.random.Generator) -> Any:
        self.orders.append(epoch)
        yield np.arange(len(train))[::-1]

    def remember(self) -> None:
        self.between = state(self)

    def loss(self, batch: TensorBatch) -> torch.Tensor:
        assert torch.equal(batch.labels, torch.from_numpy(self.setup.train.labels)[batch.positions])
        if self.between:
            assert not self.featurizer.training
            assert self.optimizer.param_groups[0]["lr"] == 0.1
        return super().loss(batch)


def test_a_stage_moves_its_parts_alone(blobs: Blobs, recipe_of: Make) -> None:
    recipe = recipe_of(TwoStages, blobs())
    start = state(recipe)
    run(recipe, quiet)
    assert recipe.orders == [0, 1, 2]
    end = state(recipe)
    for name, tensor in end.items():
        assert not torch.equal(recipe.between[name], start[name])
        assert torch.equal(tensor, recipe.between[name]) == name.startswith("featurizer")
    assert all(p.requires_grad for p in recipe.parts.parameters())


class Figures(Recipe):
    """Whose validation figures are given."""

    figures = (0.2, 0.9, 0.9, 0.4)

    def validated(self, val: Any) -> float:
        self.seen = [*getattr(self, "seen", []), state(self)]
        return self.figures[len(self.seen) - 1]


@pytest.mark.parametrize(("select", "epoch"), [("average", 1), ("last", None)])
def test_the_first_best_epoch_is_kept(blobs: Blobs, recipe_of: Make, select: str, epoch: int | None) -> None:
    recipe = recipe_of(Figures, blobs(), val=blobs(seed=2), epochs=4, select=select)
    run(recipe, quiet)
    end = state(recipe)
    if epoch is None:
        assert not hasattr(recipe, "seen")
        return
    same = [all(torch.equal(seen[name], end[name]) for name in end) for seen in recipe.seen]
    assert same == [False, True, False, False]


def test_without_a_validation_split_the_last_epoch_is_kept(blobs: Blobs, recipe_of: Make) -> None:
    recipe = recipe_of(Recipe, blobs(), epochs=2, select="average")
    run(recipe, quiet)
    other = recipe_of(Recipe, blobs(), epochs=2, select="last")
    run(other, quiet)
    assert torch.equal(recipe.classifier.weight, other.classifier.weight)


def test_nothing_to_train_is_said(blobs: Blobs, recipe_of: Make) -> None:
    class Nothing(Recipe):
        def stages(self) -> list[Stage]:
            return [Stage(epochs=1, trained=("featurizer",))]

    with pytest.raises(ValueError, match="hidden_layers"):
        run(recipe_of(Nothing, blobs(), hidden_layers=0), quiet)


def test_images_of_any_channels_and_of_floats_are_taken(blobs: Blobs) -> None:
    from farfield_baselines.networks.inputs import to_inputs

    floats = np.full((2, 4, 4, 8), -1.5, np.float32)
    assert to_inputs(floats, "cpu").shape == (2, 8, 4, 4)
    assert float(to_inputs(floats, "cpu").min()) == -1.5
    pixels = np.full((2, 4, 4, 3), 255, np.uint8)
    assert float(to_inputs(pixels, "cpu").max()) == 1.0


def test_predictions_need_a_fit(context_of: Callable[..., Any]) -> None:
    from farfield_baselines.groups import wilds_erm

    method = wilds_erm.SPEC.build(context_of(wilds_erm.SPEC))
    with pytest.raises(ValueError, match="training split"):
        method.predict(np.zeros((2, 1280), np.float32))


def test_a_set_by_positions(blobs: Blobs) -> None:
    """What the protocol promises of `take`: any order, repeated ones too."""
    train = LabeledSet(ArraySource(np.arange(6.0)[:, None]), np.arange(6), np.zeros(6, np.int64))
    batch = train.take(np.array([4, 0, 4]))
    assert batch.labels.tolist() == [4, 0, 4]
    assert batch.inputs[:, 0].tolist() == [4.0, 0.0, 4.0]
