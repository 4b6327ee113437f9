"""Pseudo-Label (Lee 2013, ICML workshop on challenges in representation learning), as WILDS 2.0 has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from farfield import setting
from farfield_baselines.adaptation.self_training import (
    WILDS_2,
    ConfidentConfig,
    SelfTraining,
    StrongImageConfig,
    consistency,
)
from farfield_baselines.trained.core import NeedsUnlabeled, Setup, TensorBatch
from farfield_baselines.trained.declare import declare

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class PseudoLabelConfig(ConfidentConfig):
    """When the unlabeled examples count in full."""

    ramp: float = setting(0.4, ge=0.0, le=1.0, help="Share of all steps over which their weight grows from 0.")


class PseudoLabel(SelfTraining):
    """The risk, and the cross-entropy of unlabeled examples with the classes that are predicted of them for sure."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        config: PseudoLabelConfig = self.config
        batches = list(self.order(setup.train, 0, np.random.default_rng(0)))
        self.ramped = config.ramp * len(batches) * config.epochs

    def weight(self) -> float:
        """What the unlabeled examples count at this step: it grows linearly, then stays."""
        done = min(1.0, self.steps / self.ramped) if self.ramped else 1.0
        return float(self.config.consistency_weight * done)

    def loss(self, batch: TensorBatch) -> torch.Tensor:
        outputs, others = self.both(batch.inputs, self.stream.next().inputs)
        risk = self.errors(outputs, batch).mean()
        return risk + self.weight() * consistency(others, others, self.config.threshold)


SPEC = declare(
    "pseudo-label",
    PseudoLabel,
    "Pseudo-Label: the risk, and what the network predicts of unlabeled examples for sure as their labels",
    ("Lee 2013, ICML workshop on challenges in representation learning", WILDS_2),
    config=PseudoLabelConfig,
    network=StrongImageConfig,
    held=NeedsUnlabeled,
    images_gib=38.0,
)
