"""Kind: methods that do not weigh what they say. Each is held to its defining property on data that can be counted."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from farfield.runtime.dataset import ArraySource, LabeledSet
from farfield_baselines.groups import class_reweighting, group_reweighting, jtt, wilds_groupdro
from farfield_baselines.groups.grouping import numbers, split
from farfield_baselines.trained.core import Recipe
from farfield_baselines.trained.loop import run
from farfield_baselines.trained.selection import worst_group

RecipeOf = Callable[..., Any]
SIZES = {(0, 0): 180, (0, 1): 12, (1, 0): 12, (1, 1): 180}  # examples by domain and class


def quiet(done: int, total: int) -> None:
    return None


def spurious(seed: int, sizes: dict[tuple[int, int], int] | None = None) -> LabeledSet:
    """The class is weak in the first column, the domain strong in the second; the two mostly agree."""
    rng = np.random.default_rng(seed)
    each = sizes or SIZES
    domains = np.concatenate([np.full(n, d) for (d, _), n in each.items()])
    labels = np.concatenate([np.full(n, y) for (_, y), n in each.items()])
    inputs = rng.normal(size=(len(labels), 6)).astype(np.float32)
    inputs[:, 0] += 2.5 * (2 * labels - 1)
    inputs[:, 1] = 2.0 * (2 * domains - 1) + 0.3 * rng.normal(size=len(labels))
    return LabeledSet(ArraySource(inputs), labels, domains)


TEST = spurious(1, dict.fromkeys(SIZES, 200))


def worst_after(recipe: Recipe) -> float:
    run(recipe, quiet)
    return worst_group(recipe.outputs(TEST).argmax(axis=1), TEST.labels, TEST.domains)


@pytest.mark.parametrize(
    ("kind", "config", "settings"),
    [
        (wilds_groupdro.GroupDRO, wilds_groupdro.GroupDROConfig, {"group_by": "domain-label", "step_size": 0.05}),
        (group_reweighting.GroupReweighting, group_reweighting.ReweightingConfig, {}),
        (jtt.JTT, jtt.JTTConfig, {"first_epochs": 1, "upweight": 15}),
    ],
    ids=["groupdro", "group-reweighting", "jtt"],
)
def test_the_worst_group_gains_over_erm(
    recipe_of: RecipeOf, kind: type[Recipe], config: type, settings: dict[str, Any]
) -> None:
    common: dict[str, Any] = {"hidden_layers": 0, "epochs": 10, "lr": 1e-2, "select": "last"}
    plain = worst_after(recipe_of(Recipe, spurious(0), **common))
    assert worst_after(recipe_of(kind, spurious(0), config=config, **common, **settings)) > plain + 0.1


def test_classes_or_groups_are_drawn_as_often(recipe_of: RecipeOf) -> None:
    train = spurious(0, {(0, 0): 300, (0, 1): 20, (1, 0): 10, (1, 1): 60})
    rng = np.random.default_rng(0)
    by_class = recipe_of(class_reweighting.ClassReweighting, train)
    drawn = np.concatenate([p for e in range(20) for p in by_class.order(train, e, rng)])
    assert np.bincount(train.labels[drawn]) / len(drawn) == pytest.approx([0.5, 0.5], abs=0.02)
    by_group = recipe_of(group_reweighting.GroupReweighting, train, config=group_reweighting.ReweightingConfig)
    drawn = np.concatenate([p for e in range(20) for p in by_group.order(train, e, rng)])
    assert np.bincount(by_group.groups[drawn]) / len(drawn) == pytest.approx([0.25] * 4, abs=0.02)


def test_groupdro_moves_its_weights_by_the_losses(recipe_of: RecipeOf) -> None:
    """q_g times exp(step times the group's mean loss), to sum one; a group that is not in the batch has the loss 0."""
    train = spurious(0)
    recipe = recipe_of(
        wilds_groupdro.GroupDRO, train, config=wilds_groupdro.GroupDROConfig, group_by="domain-label", step_size=0.5
    )
    positions = np.array([0, 1, 190, 380])
    batch = recipe.tensors(train.take(positions), positions, torch.Generator())
    errors = recipe.errors(recipe.logits(batch.inputs), batch).detach()
    losses = np.array([float(errors[:2].mean()), float(errors[2]), 0.0, float(errors[3])])
    expected = 0.25 * np.exp(0.5 * losses)
    expected /= expected.sum()
    value = recipe.loss(batch)
    np.testing.assert_allclose(recipe.weights.numpy(), expected, rtol=1e-5)
    assert float(value.detach()) == pytest.approx(float(losses @ expected), rel=1e-5)


def test_jtt_starts_again_and_repeats_what_was_wrong(recipe_of: RecipeOf) -> None:
    train = spurious(0)
    recipe = recipe_of(jtt.JTT, train, config=jtt.JTTConfig, upweight=7, hidden_layers=0, epochs=1)
    start = {name: value.clone() for name, value in recipe.parts.state_dict().items()}
    with torch.no_grad():
        recipe.classifier.weight.add_(1.0)
    wrong = np.flatnonzero(recipe.outputs(train).argmax(axis=1) != train.labels)
    recipe.begin()
    assert recipe.errors_found.tolist() == wrong.tolist()
    assert all(torch.equal(value, start[name]) for name, value in recipe.parts.state_dict().items())
    drawn = np.bincount(np.concatenate(list(recipe.upweighted(train, 0, np.random.default_rng(0)))))
    assert drawn.tolist() == [7 if position in set(wrong) else 1 for position in range(len(train))]


def test_groups_of_values_are_domains(blobs: Callable[..., LabeledSet]) -> None:
    part = blobs(targets=True)
    assert numbers(part, "domain").tolist() == part.domains.tolist()
    assert numbers(part, "domain-label").tolist() == part.domains.tolist()


def test_rows_apart_by_group() -> None:
    rows, groups = torch.arange(5.0), torch.tensor([2, 0, 2, 0, 5])
    assert [part.tolist() for part in split(rows, groups)] == [[1.0, 3.0], [0.0, 2.0], [4.0]]
