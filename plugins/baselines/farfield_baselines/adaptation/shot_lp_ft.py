"""LP-FT from a source model as SHOT has it: few-shot source-free adaptation (Lee et al. 2023, arXiv 2304.00792).

The source model is that of Liang et al. 2020 (arXiv 2002.08546, section 3.1). Once it is trained, no source example is
looked at: a few labelled target examples train the classifier, then all of the network (Kumar et al. 2022, arXiv
2202.10054).
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from farfield import TrainingSet, setting
from farfield_baselines.adaptation.shot import SHOT, SOURCE, ShotConfig, ShotModel
from farfield_baselines.trained import sampling
from farfield_baselines.trained.core import Ints, NeedsTarget, Recipe, Setup, Stage
from farfield_baselines.trained.declare import declare

APART = 4  # what keeps the chance of adaptation from that of the source model
LOOKED_AFTER = 20  # steps of adaptation


@dataclass(frozen=True, kw_only=True)
class ShotLPFTConfig(ShotConfig):
    """The source model's training, and the adaptation."""

    head_steps: int = setting(400, ge=0, le=100_000, help="Steps on the target of the classifier alone.")
    head_lr: float = setting(1e-4, ge=0.0, le=10.0, help="Learning rate of these.")
    target_steps: int = setting(1000, ge=0, le=100_000, help="Steps on the target of all, after them.")
    target_lr: float = setting(1e-5, ge=0.0, le=10.0, help="Learning rate of these.")
    target_batch: int = setting(32, ge=1, le=4096, help="Examples a step on the target; fewer where it has fewer.")


class ShotLPFT(ShotModel):
    """SHOT's source model, and LP-FT on the target. Raises ValueError without.

    The state of least cross-entropy on the target's validation examples is kept, that before any step included; the
    last where there are none.
    """

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        if setup.target is None:
            raise ValueError("this method adapts to labelled target examples, and this benchmark has none")
        self.target = setup.target

    def finish(self) -> None:
        """Adapt to the target."""
        config: ShotLPFTConfig = self.config
        least = Least(self, self.setup.target_val)
        least.look()
        self.adapt(Stage(epochs=1, trained=("classifier",), lr=config.head_lr), config.head_steps, least)
        self.adapt(Stage(epochs=1, lr=config.target_lr), config.target_steps, least)
        least.restore()
        self.parts.eval()

    def adapt(self, stage: Stage, steps: int, least: Least) -> None:
        """So many steps of Adam on the target, of what the stage trains."""
        import torch

        from farfield_baselines.networks.seeding import seeded
        from farfield_baselines.trained.loop import descend, only, parameter_groups, training

        seed = (self.setup.seed, APART, len(stage.trained))
        with only(self, stage), seeded(self.setup.device, *seed) as generator:
            optimizer = torch.optim.Adam(parameter_groups(self, stage))
            for done, positions in zip(range(1, steps + 1), self.endless(np.random.default_rng(seed)), strict=False):
                training(self, stage)
                batch = self.tensors(self.target.take(positions), positions, generator)
                descend(optimizer, self.errors(self.logits(batch.inputs), batch).mean())
                if done % LOOKED_AFTER == 0 or done == steps:
                    least.look()

    def endless(self, rng: np.random.Generator) -> Iterator[Ints]:
        """The positions of batches of the target, pass after pass, each in another order."""
        while True:
            yield from sampling.shuffled(len(self.target), self.config.target_batch, rng)


class Least:
    """The state with the least cross-entropy on some examples, the first of equal ones; without examples the last."""

    def __init__(self, recipe: Recipe, val: TrainingSet | None) -> None:
        self._recipe, self._val, self._loss = recipe, val, np.inf
        self._state: dict[str, Any] | None = None

    def look(self) -> None:
        """Look at the state as it is now."""
        if self._val is None:
            return
        loss = cross_entropy(self._recipe.outputs(self._val), self._val.labels)
        if loss < self._loss:
            self._loss, self._state = loss, copy.deepcopy(self._recipe.parts.state_dict())

    def restore(self) -> None:
        """Back to the state with the least."""
        if self._state is not None:
            self._recipe.parts.load_state_dict(self._state)
            self._recipe.setup.log(f"adaptation: cross-entropy on the target's validation examples {self._loss:.4f}")


def cross_entropy(logits: np.ndarray, labels: Ints) -> float:
    """The mean over examples, of logits [N, C] and labels [N]."""
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    return float((np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(labels)), labels]).mean())


SPEC = declare(
    "shot-lp-ft",
    ShotLPFT,
    "LP-FT of SHOT's source model: its classifier, then all of it, on a few labelled target examples",
    (
        "Lee et al. 2023, arXiv 2304.00792",
        SHOT,
        "Kumar et al. 2022, arXiv 2202.10054",
    ),
    config=ShotLPFTConfig,
    held=NeedsTarget,
    first=SOURCE,
)
