"""ZSCL (Zheng et al. 2023, arXiv 2303.06628): what the zero-shot model says of other images and texts is kept.

As its release has it: the teacher is the model before the first task, weights are pulled to those before the task, and
the mean of the weights along a task is what goes on. Reference images are the benchmark's unlabeled ones; the paper's
are ImageNet's, with sentences of Conceptual Captions where ours are ImageNet's class names unless a file is given.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from farfield import RunContext, TrainingSet, setting
from farfield.errors import ConfigError
from farfield_baselines.clip_methods import declare
from farfield_baselines.sequences.core import PAPER, InSequence, SequenceConfig, endless

if TYPE_CHECKING:
    import torch

TEMPLATE = "a photo of a {}."


@dataclass(frozen=True, kw_only=True)
class ZsclConfig(SequenceConfig):
    """What is kept, and how much."""

    texts: str = setting("", max_length=1000, help="File of reference texts, one a line; empty: ImageNet's classes.")
    temperature: float = setting(2.0, ge=0.01, le=100.0, help="Of the distillation.")
    l2: float = setting(1.0, ge=0.0, le=1e4, help="Weight of the squared distance from the weights before the task.")
    average_every: int = setting(10, ge=0, le=1_000_000, help="Steps between weights that are averaged; 0: the last.")


class ZSCL(InSequence):
    """Continual fine-tuning with distillation on reference images and texts, a pull to the weights, and their mean."""

    config: ZsclConfig

    def __init__(self, context: RunContext) -> None:
        super().__init__(context)
        self._texts = _texts(self.config.texts)

    def fit(self, train: TrainingSet, *, unlabeled: TrainingSet) -> None:
        from farfield_baselines.networks.in_sequence import Reference

        self._images = unlabeled
        # Not the benchmark's order: a stream of its own for each run.
        draws = np.random.default_rng([self.context.seed, len(unlabeled)])
        self._places = endless(len(unlabeled), self.config.batch_size, draws)
        self._reference = Reference(self.clip, copy.deepcopy(self.clip.model), self._texts)
        self.learn_all(train)

    def before(self) -> None:
        from farfield_baselines.networks.in_sequence import Averaged, parameters_of

        self._before, self._mean = parameters_of(self.clip.model), Averaged(self.clip.model)

    def penalty(self) -> torch.Tensor:
        from farfield_baselines.networks.in_sequence import squared_distance

        pixels = self.clip.pixels(self._images.take(next(self._places)).inputs)
        kept = self._reference.loss(pixels, self.config.temperature)
        return kept + self.config.l2 * squared_distance(self.clip.model, self._before)

    def after_step(self, step: int) -> None:
        if self.config.average_every and step % self.config.average_every == 0:
            self._mean.add(self.clip.model)

    def between(self) -> None:
        from farfield_baselines.networks.in_sequence import set_parameters

        if self.config.average_every:
            set_parameters(self.clip.model, self._mean.values)


def _texts(file: str) -> tuple[str, ...]:
    """The reference texts. Raises ConfigError for a file that holds none."""
    if not file:
        from open_clip import IMAGENET_CLASSNAMES

        return tuple(TEMPLATE.format(name) for name in IMAGENET_CLASSNAMES)
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"texts: {file} cannot be read as text: {error}"]) from error
    texts = tuple(line.strip() for line in lines if line.strip())
    if not texts:
        raise ConfigError([f"texts: {file} has no line of text; give one with a sentence a line"])
    return texts


_SPEC = declare(
    "zscl",
    ZSCL,
    "Tasks one after the other, while what the zero-shot model says of reference images and texts is kept.",
    (PAPER,),
    ZsclConfig,
    stochastic=True,
)
SPEC = replace(_SPEC, claims=replace(_SPEC.claims, unlabeled=True))
