"""WILDS' algorithms, step by step, against what `measure_wilds.py` measured of WILDS itself."""

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.unit.baselines.groups import wilds_case as case

from farfield import parse_config
from farfield.runtime.dataset import ArraySource, LabeledSet
from farfield_baselines.adaptation import fixmatch, noisy_student, pseudo_label
from farfield_baselines.adaptation.self_training import ConfidentConfig
from farfield_baselines.groups import wilds_afn, wilds_coral, wilds_dann, wilds_erm, wilds_groupdro, wilds_irm
from farfield_baselines.trained.config import on_features
from farfield_baselines.trained.core import Recipe, Setup, Stage, TensorBatch
from farfield_baselines.trained.loop import descend, parameter_groups
from farfield_baselines.trained.optimizers import optimizer

MEASURED: Mapping[str, Any] = json.loads(Path(__file__).with_name("wilds.json").read_text(encoding="utf-8"))
OURS = {
    "ERM": wilds_erm.SPEC,
    "GroupDRO": wilds_groupdro.SPEC,
    "IRM": wilds_irm.SPEC,
    "CORAL": wilds_coral.SPEC,
    "DANN": wilds_dann.SPEC,
    "AFN": wilds_afn.SPEC,
    "PseudoLabel": pseudo_label.SPEC,
    "FixMatch": fixmatch.SPEC,
    "NoisyStudent": noisy_student.SPEC,
}
SETTINGS = {
    "hidden_width": case.WIDTH,
    "optimizer": "sgd",
    "momentum": case.MOMENTUM,
    "weight_decay": case.WEIGHT_DECAY,
    "select": "last",
    "schedule": "none",
}
OWN: Mapping[str, Mapping[str, Any]] = {
    "GroupDRO": {"step_size": case.STEP_SIZE, "group_by": "domain"},
    "IRM": {"irm_lambda": case.LAMBDA, "anneal_updates": case.ANNEAL},
    "CORAL": {"coral_weight": case.CORAL_WEIGHT},
    "DANN": {"dann_weight": case.DANN_WEIGHT, **{f"{part}_lr": rate for part, rate in case.RATES.items()}},
    "AFN": {"afn_weight": case.AFN_WEIGHT},
    "PseudoLabel": {"consistency_weight": case.SELF_WEIGHT, "threshold": case.THRESHOLD},
    "FixMatch": {"consistency_weight": case.SELF_WEIGHT, "threshold": case.THRESHOLD},
    "NoisyStudent": {"student_dropout": 0.0},
}


class Given:
    """The unlabeled batches of the comparison, in their order."""

    def __init__(self) -> None:
        self._step = 0

    def next(self) -> TensorBatch:
        self._step += 1
        batch = case.unlabeled(self._step - 1)
        return replace(tensors(batch, None), positions=torch.arange(len(batch.labels)))


def tensors(batch: case.Labeled, values: torch.Tensor | None) -> TensorBatch:
    # The training set below has one example of each group, so that an example's position is its group.
    return TensorBatch(
        inputs=batch.inputs, labels=batch.labels, domains=batch.groups, positions=batch.groups, targets=values
    )


def recipe(name: str, values: bool) -> Recipe:
    algorithm, _, form = name.partition("-")
    spec: Any = OURS[algorithm]
    own = {**OWN.get(algorithm, {}), **({"lr": case.LR} if algorithm != "DANN" else {})}
    own |= {"form": "hard"} if form == "hard" else {}
    declared = on_features(ConfidentConfig) if algorithm == "FixMatch" else spec.config
    config: Any = parse_config(declared, {**SETTINGS, **own})
    domains = np.arange(case.GROUPS)
    targets = np.zeros((case.GROUPS, 1)) if values else None
    train = LabeledSet(ArraySource(np.zeros((case.GROUPS, case.INPUTS), np.float32)), domains, domains, targets)
    beside = train if algorithm in ("AFN", *case.SELF_TRAINED) or form == "unlabeled" else None
    outputs = 1 if values else case.CLASSES
    setup = Setup(
        config=config, shape=(case.INPUTS,), outputs=outputs, domains=case.GROUPS, train=train, unlabeled=beside
    )
    made: Any = spec.build.recipe(setup)
    for part, module in made.parts.items():
        case.fill(part, module)
    if beside is not None:
        made.stream = Given()
    made.ramped = case.RAMP * case.STEPS
    trained: Recipe = made
    return trained


def loss_of(made: Any, step: int, batch: TensorBatch) -> torch.Tensor:
    """The loss of one step: of self-training with the views, or with what the teacher says, that WILDS was given."""
    if isinstance(made, fixmatch.FixMatch):
        made.views = lambda: case.views(step)  # type: ignore[method-assign]
    if isinstance(made, noisy_student.NoisyStudent):
        made.taught = case.unlabeled(step).labels.numpy()
        return made.student_loss(batch)
    loss: torch.Tensor = made.loss(batch)
    return loss


@cache
def trace(name: str) -> tuple[list[float], np.ndarray]:
    """(the loss of each step, the outputs after the last)."""
    algorithm, values = name.removesuffix("-values"), name.endswith("-values")
    made = recipe(algorithm, values)
    made.optimizer = optimizer(parameter_groups(made, Stage(epochs=1)), made.config)
    losses = []
    for step in range(case.STEPS):
        batch = case.labeled(step)
        loss = loss_of(made, step, tensors(batch, batch.values if values else None))
        descend(made.optimizer, loss)
        made.steps += 1
        losses.append(float(loss.detach()))
    return losses, made.evaluated(case.test_inputs().numpy(), made.logits).flatten()


def test_every_algorithm_is_compared() -> None:
    assert set(MEASURED) == {*case.COMPARED, *(f"{name}-values" for name in case.OF_VALUES)}


@pytest.mark.parametrize("name", MEASURED)
def test_the_losses_of_six_steps_are_those_of_wilds(name: str) -> None:
    assert trace(name)[0] == pytest.approx(MEASURED[name]["losses"], rel=2e-5, abs=1e-6)


@pytest.mark.parametrize("name", MEASURED)
def test_the_outputs_then_are_those_of_wilds(name: str) -> None:
    np.testing.assert_allclose(trace(name)[1], MEASURED[name]["outputs"], rtol=1e-4, atol=1e-5)


def test_the_penalties_matter_in_the_comparison() -> None:
    """Or it would compare ERM with itself."""
    outputs = [tuple(MEASURED[name]["outputs"]) for name in case.COMPARED]
    assert len(set(outputs)) == len(outputs)
