"""What methods for tasks in sequence share: a task is a domain of the training set, in the order of their numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from farfield import RunContext, TrainingSet, setting
from farfield_baselines.clip_methods import TrainConfig, class_names, load, prompt_templates, zero_shot_weight
from farfield_baselines.prompts import fill

if TYPE_CHECKING:
    import torch

PAPER = "Zheng et al. 2023, arXiv 2303.06628"


@dataclass(frozen=True, kw_only=True)
class SequenceConfig(TrainConfig):
    """The model, the prompts, and AdamW on each task. ZSCL's release has 1,000 steps of 64 images, and no decay."""

    learning_rate: float = setting(1e-5, ge=0.0, le=0.1, help="Peak learning rate of AdamW.")
    weight_decay: float = setting(0.0, ge=0.0, le=1.0, help="Decoupled weight decay of AdamW.")
    steps: int = setting(0, ge=0, le=1_000_000, help="Steps on each task; 0: epochs passes over its images.")
    smoothing: float = setting(0.2, ge=0.0, le=0.99, help="Label smoothing of the cross-entropy.")


@dataclass(frozen=True, kw_only=True)
class Task:
    """A task: the places [N] of its examples in the training set, and its classes [P] as the benchmark numbers them."""

    places: npt.NDArray[np.int64]
    classes: npt.NDArray[np.int64]


def tasks_of(train: TrainingSet) -> list[Task]:
    """Those of a training set, in the order of its domains' numbers."""
    found = [np.flatnonzero(train.domains == number) for number in np.unique(train.domains)]
    return [Task(places=places, classes=np.unique(train.labels[places])) for places in found]


class InSequence:
    """Both towers fine-tuned on the tasks one after the other; the classifier is the text tower's own throughout.

    In a task the classes are its own, each by the first prompt alone; predictions are among all classes, by all.
    """

    config: SequenceConfig

    def __init__(self, context: RunContext) -> None:
        self.context, self.clip = context, load(context)
        self.config = context.config
        self._names, self._templates = class_names(context), prompt_templates(context)
        self._weight = zero_shot_weight(context, self.clip)

    def learn_all(self, train: TrainingSet) -> None:
        """Learn every task, and make the classifier anew."""
        tasks = tasks_of(train)
        counts = [self._steps(task) for task in tasks]
        for number, task in enumerate(tasks):
            self.before()
            self._learn(train, task, number, (sum(counts[:number]), sum(counts)))
            self.between()
        self._weight = zero_shot_weight(self.context, self.clip)

    def before(self) -> None:
        """Called before each task."""

    def penalty(self) -> torch.Tensor | float:
        """What a step minimises besides the cross-entropy."""
        return 0.0

    def after_step(self, step: int) -> None:
        """Called after each step of a task, counted from 0."""

    def between(self) -> None:
        """Called after each task."""

    def predict(self, images: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        """uint8 [B, H, W, 3] -> logits float32 [B, C]."""
        return np.asarray(self.clip.embed_images(images) @ self._weight.T)

    def _learn(self, train: TrainingSet, task: Task, number: int, done: tuple[int, int]) -> None:
        from farfield_baselines.networks.in_sequence import Steps, learn

        config, (before, every) = self.config, done
        steps = Steps(
            count=self._steps(task),
            learning_rate=config.learning_rate,
            weight_decay=config.weight_decay,
            smoothing=config.smoothing,
            warm_up=config.warm_up,
        )
        learn(
            self.clip,
            [fill(self._templates[0], self._names[label]) for label in task.classes],
            self._batches(train, task, number),
            steps,
            penalty=self.penalty,
            after=self.after_step,
            progress=lambda step: self.context.progress(before + step + 1, every),
        )

    def _steps(self, task: Task) -> int:
        return self.config.steps or self.config.epochs * math.ceil(len(task.places) / self.config.batch_size)

    def _batches(self, train: TrainingSet, task: Task, number: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """Without end, each pass over the task's examples in another order."""
        import torch

        draws = np.random.default_rng([self.context.seed, number])
        for places in endless(len(task.places), self.config.batch_size, draws):
            batch = train.take(task.places[places])
            labels = torch.from_numpy(np.searchsorted(task.classes, batch.labels)).to(self.clip.device)
            yield self.clip.pixels(batch.inputs), labels


def endless(count: int, size: int, draws: np.random.Generator) -> Iterator[npt.NDArray[np.int64]]:
    """Places 0..count-1 in batches, shuffled anew in every pass; the last batch of a pass may be smaller."""
    while True:
        order = draws.permutation(count)
        yield from (order[start : start + size] for start in range(0, count, size))
