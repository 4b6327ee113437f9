"""De-confounded training and the total direct effect (Tang et al. 2020, arXiv 2009.12991)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from farfield import MethodSpec, TrainingSet, setting
from farfield_baselines.longtail.core import LongTail, LongTailConfig
from farfield_baselines.longtail.declare import method
from farfield_baselines.validation import best

if TYPE_CHECKING:
    import torch
    from torch import nn

    from farfield_baselines.trained.core import TensorBatch

ALPHAS = tuple(float(alpha) for alpha in np.linspace(0.0, 4.0, 17))
FULL_MOVEMENT = 10.0  # from a tenth of the first rate on the mean moves as fast as it may


@dataclass(frozen=True, kw_only=True)
class CausalConfig(LongTailConfig):
    """The classifier's heads, and what is taken away at test."""

    heads: int = setting(2, ge=1, le=64, help="Parts into which features are split; they must divide the width.")
    tau: float = setting(16.0, ge=0.0, le=1000.0, help="Scale of the logits, shared by the heads.")
    norm_gamma: float = setting(0.03125, ge=0.0, le=10.0, help="Added to the length of a class's weights.")
    alpha: float = setting(3.0, ge=0.0, le=100.0, help="How much of the mean feature's effect is taken away at test.")
    tuned: bool = setting(
        True, help="Take the best of 17 alphas from 0 to 4 on validation, where there is such a split."
    )
    mu: float = setting(0.9, ge=0.0, le=1.0, help="What is kept of the moving mean feature at each step.")


class DeconfoundTDE(LongTail):
    """The optimiser's momentum drags features along their mean; at test what that direction says is taken away.

    The moving mean slows down with the learning rate below a tenth of its first value, as in the release.
    """

    classifier_is_its_own = "nonlinear_classifier: this method has a classifier of its own; switch it off"

    def make_classifier(self) -> nn.Module:
        from farfield_baselines.networks.long_tail import CausalHead

        config = self.config
        if config.nonlinear_classifier:
            raise ValueError(self.classifier_is_its_own)
        return CausalHead(
            self.featurizer.width,
            self.setup.outputs,
            heads=config.heads,
            tau=config.tau,
            gamma=config.norm_gamma,
            alpha=config.alpha,
        )

    def loss(self, batch: TensorBatch) -> torch.Tensor:
        from torch.nn import functional

        features = self.featurizer(batch.inputs)
        self.classifier.remember(features, self.momentum())
        return functional.cross_entropy(self.classifier(features), batch.labels)

    def momentum(self) -> float:
        """What is kept of the moving mean at this step."""
        group = self.optimizer.param_groups[0]
        speed = min(FULL_MOVEMENT * group["lr"] / group["initial_lr"], 1.0) if group["initial_lr"] else 1.0
        return 1.0 - (1.0 - float(self.config.mu)) * speed

    def validated(self, val: TrainingSet) -> float:
        if self.config.tuned:
            self.choose(val)
        return super().validated(val)

    def finish(self) -> None:
        val = self.setup.val
        if val is not None and self.config.tuned:
            self.choose(val)
            self.setup.log(f"alpha {float(self.classifier.alpha):g} is best on validation")

    def choose(self, val: TrainingSet) -> None:
        """Set alpha to the first of ALPHAS with the highest figure; logits are linear in it."""
        at_zero, at_one = (self.over(val, self.at(alpha)) for alpha in (0.0, 1.0))
        alpha, _ = best(ALPHAS, lambda alpha: self.figure(at_zero + alpha * (at_one - at_zero), val))
        self.at(alpha)

    def at(self, alpha: float) -> Callable[[torch.Tensor], torch.Tensor]:
        """The logits as they are with this alpha, which is set."""
        self.classifier.alpha.fill_(alpha)
        return self.logits

    def logits(self, inputs: torch.Tensor) -> torch.Tensor:
        effect: torch.Tensor = self.classifier.effect(self.featurizer(inputs))
        return effect


SPEC: MethodSpec = method(
    "deconfound-tde",
    DeconfoundTDE,
    "De-confounded training with the total direct effect at test",
    ("Tang et al. 2020, NeurIPS, arXiv 2009.12991",),
    CausalConfig,
)
