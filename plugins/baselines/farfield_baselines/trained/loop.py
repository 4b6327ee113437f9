"""The loop of training: stages, epochs and steps, the schedule of the rate, and the epoch that is kept."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from farfield_baselines.networks.heads import parameters_of
from farfield_baselines.networks.seeding import seeded
from farfield_baselines.trained.core import Recipe, Stage
from farfield_baselines.trained.optimizers import factor, optimizer

Progress = Callable[[int, int], None]


def run(recipe: Recipe, progress: Progress) -> None:
    """All stages, then what the recipe does last. Raises ValueError when a stage has nothing to train."""
    stages = list(recipe.stages())
    total, done = sum(stage.epochs for stage in stages), 0
    for number, stage in enumerate(stages):
        for _ in _epochs(recipe, stage, number):
            done += 1
            progress(done, total)
    recipe.parts.eval()
    recipe.finish()


def _epochs(recipe: Recipe, stage: Stage, number: int) -> Iterator[int]:
    """Train one stage epoch by epoch, and leave the recipe with the epoch that was best on validation."""
    if stage.before is not None:
        stage.before()
    best = Best(recipe, stage)
    with only(recipe, stage):
        recipe.optimizer, recipe.steps = optimizer(parameter_groups(recipe, stage), recipe.config), 0
        for epoch in range(stage.epochs):
            _epoch(recipe, stage, (number, epoch))
            best.after(epoch)
            yield epoch
    best.restore()


def _epoch(recipe: Recipe, stage: Stage, key: tuple[int, int]) -> None:
    setup, order = recipe.setup, stage.order or recipe.order
    rng = np.random.default_rng([setup.seed, *key])
    batches = list(order(setup.train, key[1], rng))
    with seeded(setup.device, setup.seed, 1, *key) as generator:
        training(recipe, stage)
        for positions in batches:
            _set_rate(recipe, len(batches) * stage.epochs, key[1])
            batch = recipe.tensors(setup.train.take(positions), positions, generator)
            descend(recipe.optimizer, (stage.loss or recipe.loss)(batch))
            recipe.steps += 1


def descend(optimizer: torch.optim.Optimizer, loss: torch.Tensor) -> None:
    """One step down the loss."""
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()


def _set_rate(recipe: Recipe, steps: int, epoch: int) -> None:
    scale = factor(recipe.config, recipe.steps, steps, epoch)
    for group in recipe.optimizer.param_groups:
        group["lr"] = scale * group["initial_lr"]


def parameter_groups(recipe: Recipe, stage: Stage) -> list[dict[str, Any]]:
    """A group for each part that the stage trains, with its rate. Raises ValueError without any."""
    groups = []
    for name in stage.trained or tuple(recipe.parts):
        rate = recipe.rate(name) if stage.lr is None else stage.lr
        if parameters := parameters_of(recipe.parts[name]):
            groups.append({"params": parameters, "lr": rate, "initial_lr": rate})
    if not groups:
        raise ValueError(recipe.config.UNTRAINED)
    return groups


@contextmanager
def only(recipe: Recipe, stage: Stage) -> Iterator[None]:
    """Nothing but the stage's parts asks for gradients inside."""
    frozen = [p for name, part in recipe.parts.items() if not _moves(stage, name) for p in parameters_of(part)]
    for parameter in frozen:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in frozen:
            parameter.requires_grad_(True)


def training(recipe: Recipe, stage: Stage) -> None:
    """The stage's parts in training mode, the others in evaluation mode."""
    for name, part in recipe.parts.items():
        part.train(_moves(stage, name))


def _moves(stage: Stage, name: str) -> bool:
    return not stage.trained or name in stage.trained


class Best:
    """The state after the epoch with the highest figure on validation; the first of equal ones.

    Without a validation split, or where the setting says `last`, nothing is kept but the last state.
    """

    def __init__(self, recipe: Recipe, stage: Stage) -> None:
        self._recipe, self._stage = recipe, stage
        self._val = recipe.setup.val if stage.select and recipe.config.select != "last" else None
        self._figure = -np.inf
        self._state: dict[str, Any] | None = None

    def after(self, epoch: int) -> None:
        """Look at the state as it is now."""
        if self._val is None:
            return
        figure = self._recipe.validated(self._val)
        said = f"{self._stage.name}: epoch {epoch + 1}, {self._recipe.config.select} on validation {figure:.4f}"
        self._recipe.setup.log(said)
        if figure > self._figure:
            self._figure, self._state = figure, copy.deepcopy(self._recipe.parts.state_dict())

    def restore(self) -> None:
        """Back to the state that was best."""
        if self._state is not None:
            self._recipe.parts.load_state_dict(self._state)
