"""Kind: unlabeled examples that count when they should not, teachers that learn, and students of the wrong teacher."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from farfield.runtime.dataset import ArraySource, LabeledSet
from farfield_baselines.adaptation import fixmatch, noisy_student, pseudo_label
from farfield_baselines.adaptation.self_training import ConfidentConfig, consistency
from farfield_baselines.trained.core import Recipe
from farfield_baselines.trained.loop import run

Blobs = Callable[..., LabeledSet]
Make = Callable[..., Any]
SHIFT = 2.5


def quiet(done: int, total: int) -> None:
    assert 0 < done <= total


def shifted(part: LabeledSet, labels: bool) -> LabeledSet:
    """The examples moved by SHIFT along the last axis of the input, towards no class; with labels, or with -1."""
    inputs = part.take(np.arange(len(part))).inputs.copy()
    inputs[:, -1] += SHIFT
    return LabeledSet(ArraySource(inputs), part.labels if labels else np.full(len(part), -1), part.domains)


def accuracy(recipe: Recipe, part: LabeledSet) -> float:
    return float((recipe.outputs(part).argmax(axis=1) == part.labels).mean())


def test_only_what_is_sure_counts_and_the_mean_is_over_all() -> None:
    teacher = torch.tensor([[4.0, 0.0], [0.1, 0.0], [0.0, 4.0]])
    outputs = torch.tensor([[0.0, 0.0], [9.0, 0.0], [1.0, 0.0]])
    by_hand = (np.log(2.0) + np.log1p(np.exp(1.0))) / 3
    assert float(consistency(outputs, teacher, 0.7)) == pytest.approx(by_hand)
    assert float(consistency(outputs, teacher, 0.999)) == 0.0


def test_no_gradient_reaches_the_teacher() -> None:
    outputs, teacher = (torch.randn(5, 3, requires_grad=True) for _ in range(2))
    consistency(outputs, teacher, 0.0).backward()
    assert teacher.grad is None
    assert outputs.grad is not None
    assert outputs.grad.abs().sum() > 0.0


def test_the_weight_grows_over_two_fifths_of_all_steps_and_then_stays(blobs: Blobs, recipe_of: Make) -> None:
    made = recipe_of(
        pseudo_label.PseudoLabel,
        blobs(),
        config=pseudo_label.PseudoLabelConfig,
        parts={"unlabeled": blobs()},
        epochs=5,
        batch=10,
        consistency_weight=3.0,
    )
    weights = []
    for made.steps in (0, 2, 4, 8, 20):
        weights.append(made.weight())
    assert weights == pytest.approx([0.0, 0.75, 1.5, 3.0, 3.0])


KINDS = [
    pytest.param(pseudo_label.PseudoLabel, pseudo_label.PseudoLabelConfig, id="pseudo-label"),
    pytest.param(noisy_student.NoisyStudent, noisy_student.NoisyStudentConfig, id="noisy-student"),
]


@pytest.mark.parametrize(("kind", "config"), KINDS)
def test_nothing_is_learned_from_the_labels_that_the_unlabeled_set_may_have(
    kind: type[Recipe], config: type, blobs: Blobs, recipe_of: Make
) -> None:
    """Wrong labels in the set, or none: the same run."""
    outputs = []
    for labels in (True, False):
        part = shifted(blobs(seed=2), labels)
        made = recipe_of(kind, blobs(), config=config, parts={"unlabeled": part}, epochs=2)
        run(made, quiet)
        outputs.append(made.outputs(blobs(seed=1)))
    assert np.array_equal(*outputs)


@pytest.mark.parametrize(("kind", "config"), KINDS)
def test_unlabeled_examples_change_what_is_learned_and_it_stays_good_on_them(
    kind: type[Recipe], config: type, blobs: Blobs, recipe_of: Make
) -> None:
    made = []
    for seed in (2, 3):
        part = shifted(blobs(200, seed=seed), labels=False)
        made.append(recipe_of(kind, blobs(), config=config, parts={"unlabeled": part}, epochs=10, lr=1e-2))
        run(made[-1], quiet)
    test = shifted(blobs(200, seed=4), labels=True)
    assert not np.array_equal(*(one.outputs(test) for one in made))
    assert all(accuracy(one, test) > 0.85 for one in made)


def test_each_student_starts_as_its_teacher_and_learns_what_that_says(blobs: Blobs, recipe_of: Make) -> None:
    """With a rate of 0 in every stage nobody moves, and all students are taught the same."""
    part = shifted(blobs(60), labels=False)
    made = recipe_of(
        noisy_student.NoisyStudent,
        blobs(),
        config=noisy_student.NoisyStudentConfig,
        parts={"unlabeled": part},
        epochs=1,
        lr=0.0,
    )
    before = made.outputs(part)
    run(made, quiet)
    assert np.array_equal(made.outputs(part), before)
    assert made.taught.tolist() == before.argmax(axis=1).tolist()
    assert [stage.name for stage in made.stages()] == ["teacher", "student", "student"]


def test_fixmatch_tells_strong_views_what_weak_ones_are(blobs: Blobs, recipe_of: Make) -> None:
    made = recipe_of(fixmatch.FixMatch, blobs(), config=ConfidentConfig, parts={"unlabeled": blobs()}, threshold=0.0)
    weak, strong = torch.randn(8, 6), torch.randn(8, 6)
    made.views = lambda: (weak, strong)
    batch = made.tensors(blobs().take(np.arange(4)), np.arange(4), torch.Generator())
    told = made.logits(weak).argmax(dim=1)
    by_hand = made.errors(made.logits(batch.inputs), batch).mean()
    by_hand = by_hand + torch.nn.functional.cross_entropy(made.logits(strong), told)
    assert float(made.loss(batch).detach()) == pytest.approx(float(by_hand.detach()), rel=1e-6)


def test_without_unlabeled_examples_it_says_so(blobs: Blobs, recipe_of: Make) -> None:
    with pytest.raises(ValueError, match="learns from unlabeled examples"):
        recipe_of(noisy_student.NoisyStudent, blobs(), config=noisy_student.NoisyStudentConfig)
