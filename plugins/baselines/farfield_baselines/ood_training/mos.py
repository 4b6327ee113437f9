"""MOS: softmaxes over groups of classes, each with a place for all others (Huang & Li 2021, arXiv 2105.01879)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from farfield import setting
from farfield_baselines.ood_training.core import Detecting, DetectorConfig, Floats, detector
from farfield_baselines.trained.core import Setup, TensorBatch

if TYPE_CHECKING:
    import torch
    from torch import nn


@dataclass(frozen=True, kw_only=True)
class Config(DetectorConfig):
    """How classes are grouped."""

    groups: int = setting(0, ge=0, le=1000, help="Groups of classes, at most one a class; 0: the root of their number.")
    grouping: str = setting(
        "features",
        choices=("features", "random"),
        help="Classes whose training images look alike to the first network, or any.",
    )


def dealt(labels: Sequence[int], count: int) -> tuple[tuple[int, ...], ...]:
    """Classes by the number of their group: those of each that has any.

    >>> dealt([1, 0, 1, 3], 4)
    ((1,), (0, 2), (3,))
    """
    groups = (tuple(c for c, group in enumerate(labels) if group == number) for number in range(count))
    return tuple(group for group in groups if group)


def alike(means: Floats, count: int) -> tuple[tuple[int, ...], ...]:
    """Groups of classes by k-means over their mean features [C, D] of unit length, always from the same centres."""
    from scipy.cluster.vq import kmeans2

    _, groups = kmeans2(means.astype(np.float64), count, minit="++", seed=0)
    return dealt(groups.tolist(), count)


class GroupSoftmax(Detecting):
    """The score is minus the least probability of "others" in a group; the logits are log-probabilities in groups."""

    def __init__(self, setup: Setup) -> None:
        self.groups: tuple[tuple[int, ...], ...] = ()
        super().__init__(setup)

    def make_classifier(self) -> nn.Module:
        """A place for each class, and one for the others of each group."""
        from torch import nn

        self.groups = self.grouped()
        return nn.Linear(self.featurizer.width, self.setup.outputs + len(self.groups))

    def grouped(self) -> tuple[tuple[int, ...], ...]:
        """The groups, by what the network says before it is trained, or by chance."""
        classes = self.setup.outputs
        count = min(self.config.groups or max(2, round(classes**0.5)), classes)
        if self.config.grouping == "random":
            return dealt(np.random.default_rng(self.setup.seed).permutation(classes) % count, count)
        rows, labels = self.over(self.setup.train, self.featurizer), self.setup.train.labels
        sums = np.zeros((classes, rows.shape[1]))
        np.add.at(sums, labels, rows)
        return alike(sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12), count)

    def loss(self, batch: TensorBatch) -> torch.Tensor:
        from farfield_baselines.networks.ood_losses import group_softmax

        return group_softmax(self.classifier(self.featurizer(batch.inputs)), batch.labels, self.groups)

    def judge(self, inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        from farfield_baselines.networks.ood_losses import in_groups

        others, logits = in_groups(self.classifier(self.featurizer(inputs)), self.groups)
        return -others.exp().amin(dim=1), logits

    def logits(self, inputs: torch.Tensor) -> torch.Tensor:
        return self.judge(inputs)[1]


SPEC = detector(
    "mos",
    GroupSoftmax,
    "Softmaxes over groups of classes, each with a place for all others (MOS)",
    ("Huang & Li 2021, arXiv 2105.01879",),
    Config,
)
