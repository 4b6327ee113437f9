"""What the long-tail methods share: their settings, the classes' counts, and training in two stages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from farfield import TrainingSet, setting
from farfield_baselines.longtail import samplers
from farfield_baselines.trained import sampling
from farfield_baselines.trained.config import OPTIMIZERS, SELECTIONS, TrainConfig
from farfield_baselines.trained.core import Ints, Recipe, Setup, Stage
from farfield_baselines.trained.first import Begun

if TYPE_CHECKING:
    import torch
    from torch import nn

Floats = npt.NDArray[np.floating[Any]]
LOSSES = ("cross-entropy", "balanced-softmax")


@dataclass(frozen=True, kw_only=True)
class LongTailConfig(TrainConfig):
    """SGD with momentum and a cosine, as the papers train, at the rate of small networks; on images there are presets.

    Adam fits a long tail on features without an error left, and then nothing is to be gained on its classifier.
    """

    epochs: int = setting(30, ge=1, le=1000, help="Passes over the training split.")
    lr: float = setting(0.02, ge=0.0, le=10.0, help="Learning rate.")
    weight_decay: float = setting(5e-4, ge=0.0, le=1.0, help="L2 penalty in the optimizer; decoupled in adamw.")
    optimizer: str = setting("sgd", choices=OPTIMIZERS, help="Which optimizer.")
    schedule: str = setting("cosine", choices=("none", "step", "cosine", "linear"), help="How the learning rate moves.")
    select: str = setting(
        "last",
        choices=SELECTIONS,
        help="Which epoch is kept: the last, or the best by a figure on the benchmark's validation split.",
    )


@dataclass(frozen=True, kw_only=True)
class LossConfig(LongTailConfig):
    """For methods that stand on either loss."""

    loss: str = setting("balanced-softmax", choices=LOSSES, help="What is minimised of the logits.")


@dataclass(frozen=True, kw_only=True)
class HeadConfig(LongTailConfig):
    """The second stage, in which the representation stays as it is."""

    head_epochs: int = setting(10, ge=1, le=1000, help="Class-aware passes of the second stage.")
    head_lr: float = setting(0.05, ge=0.0, le=10.0, help="Learning rate of the second stage.")
    per_class: int = setting(4, ge=1, le=1024, help="Images of a class in a row in the class-aware order.")


class LongTail(Recipe):
    """Cross-entropy as images come, and what every long-tail method knows: how many images each class has."""

    def __init__(self, setup: Setup) -> None:
        import torch

        numbers = samplers.counts_of(setup.train.labels, setup.outputs)
        self.counts = torch.from_numpy(numbers).to(setup.device)
        super().__init__(setup)

    def renewed(self) -> nn.Module:
        """A classifier with first weights again; they depend on the run's seed alone."""
        from farfield_baselines.networks.seeding import seeded

        with seeded(self.setup.device, self.setup.seed, len(self.parts)):
            return self.make_classifier()

    def figure(self, logits: Floats, val: TrainingSet) -> float:
        """By what something is chosen on the validation split: the figure that `select` names, else the accuracy."""
        from farfield_baselines.trained.selection import figure

        name = self.config.select
        return figure("average" if name == "last" else name, logits, val)


class EitherLoss(LongTail):
    """A method that stands on cross-entropy or on the balanced softmax, as its setting `loss` says."""

    def risk(self, logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """The configured loss of logits [B, C]; a scalar."""
        from torch.nn import functional

        from farfield_baselines.networks.long_tail import balanced_softmax

        if self.config.loss == "balanced-softmax":
            return balanced_softmax(logits, labels, self.counts)
        return functional.cross_entropy(logits, labels)


class Decoupled(Begun, LongTail):
    """A representation, learned by cross-entropy on images as they come, or there already.

    Decoupling: Kang et al. 2020, arXiv 1910.09217.
    """

    stage = "representation"


class TwoStages(Decoupled):
    """A representation; then a head, on class-aware batches. Subclasses say which head the second stage starts with."""

    def stages(self) -> Sequence[Stage]:
        config = self.config
        head = Stage(
            name="head",
            epochs=config.head_epochs,
            trained=("classifier",),
            lr=config.head_lr,
            order=self.class_aware,
            before=self.change_head,
        )
        return [*super().stages(), head]

    def change_head(self) -> None:
        """Put the second stage's head in the classifier's place."""
        self.classifier = self.part("classifier", self.second_head())

    def second_head(self) -> nn.Module:
        return self.renewed()

    def class_aware(self, train: TrainingSet, epoch: int, rng: np.random.Generator) -> Iterator[Ints]:
        config = self.config
        return sampling.batched(samplers.class_aware(train.labels, rng, config.per_class), config.batch)
