"""What the methods share that learn from their own predictions: unlabeled batches, and what of them is believed.

WILDS 2.0 has them so (Sagawa et al. 2022, arXiv 2112.05090, appendix C).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield import TrainingSet, setting
from farfield_baselines.groups.presets import PresetImageConfig
from farfield_baselines.trained import sampling
from farfield_baselines.trained.config import AUGMENTATIONS, SCHEDULES, TrainConfig
from farfield_baselines.trained.core import Recipe, Setup
from farfield_baselines.trained.sampling import Ints

if TYPE_CHECKING:
    import numpy as np
    import torch

WILDS_2 = "Sagawa et al. 2022, arXiv 2112.05090"


@dataclass(frozen=True, kw_only=True)
class UnlabeledConfig(TrainConfig):
    """How many unlabeled examples a step has, and how the rate moves."""

    unlabeled_batch: int = setting(0, ge=0, le=4096, help="Unlabeled examples a step; 0: as many as labeled ones.")
    schedule: str = setting("fixmatch", choices=SCHEDULES, help="How the learning rate moves.")


@dataclass(frozen=True, kw_only=True)
class ConfidentConfig(UnlabeledConfig):
    """How much the unlabeled examples count, and which of them."""

    consistency_weight: float = setting(1.0, ge=0.0, le=1e3, help="Weight of the loss on unlabeled examples.")
    threshold: float = setting(0.7, ge=0.0, le=1.0, help="Least probability of a predicted class that is believed.")


@dataclass(frozen=True, kw_only=True)
class StrongImageConfig(PresetImageConfig):
    """The network on images, which are changed strongly in training, labeled or not."""

    augmentation: str = setting("randaugment", choices=AUGMENTATIONS, help="Random changes of the training images.")


class SelfTraining(Recipe):
    """ERM with unlabeled batches at hand. Raises ValueError without unlabeled examples."""

    def __init__(self, setup: Setup) -> None:
        from farfield_baselines.trained.unlabeled import Stream

        super().__init__(setup)
        if setup.unlabeled is None:
            raise ValueError("this method learns from unlabeled examples, and this benchmark has none")
        self.unlabeled = setup.unlabeled
        self.stream = Stream(self, setup.unlabeled, self.unlabeled_order)

    def unlabeled_order(self, part: TrainingSet, epoch: int, rng: np.random.Generator) -> Iterator[Ints]:
        """The positions of each batch of the unlabeled examples, all of them in an epoch."""
        return sampling.shuffled(len(part), self.config.unlabeled_batch or self.config.batch, rng)

    def both(self, labeled: torch.Tensor, others: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits of labeled and of other inputs, which go through the network together."""
        import torch

        outputs = self.logits(torch.cat([labeled, others]))
        return outputs[: len(labeled)], outputs[len(labeled) :]


def consistency(outputs: torch.Tensor, teacher: torch.Tensor, threshold: float) -> torch.Tensor:
    """Cross-entropy of logits [B, C] with the classes that `teacher` [B, C] is sure of; no gradient reaches that.

    The mean over those with a probability of `threshold` or more, times their share: 0 where there is none.
    """
    from torch.nn import functional

    sure, classes = teacher.detach().softmax(dim=1).max(dim=1)
    return (functional.cross_entropy(outputs, classes, reduction="none") * (sure >= threshold)).mean()
