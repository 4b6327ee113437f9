"""ERM++ (Teterwak et al. 2025, arXiv 2304.01973), as DomainBed has it: a linear start, and averaged weights."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from farfield import setting
from farfield_baselines.generalization.core import Algorithm, Config, Environment, Setup, cross_entropy, pooled
from farfield_baselines.generalization.declare import declare

if TYPE_CHECKING:
    import torch

AVERAGED_FROM = 600  # steps


@dataclass(frozen=True, kw_only=True)
class ERMPlusPlusConfig(Config):
    """How the classifier is trained before the rest is."""

    linear_lr: float = setting(5e-5, ge=0.0, le=1.0, help="Learning rate of Adam on the classifier alone.")
    linear_steps: int = setting(500, ge=0, le=1_000_000, help="Steps after the first on the classifier alone.")


class ERMPlusPlus(Algorithm):
    """The pooled risk; predicts with the mean of the weights since a step, whose BatchNorm looks at each batch again.

    DomainBed's schedule of rates has no caller in its training script, so it is not here either.
    """

    averaged_from: int = AVERAGED_FROM

    def __init__(self, setup: Setup) -> None:
        from torch import nn

        super().__init__(setup)
        self.linear_optimizer = self.adam(self.classifier, lr=self.config.linear_lr)
        self._trained = nn.ModuleDict({name: self.parts[name] for name in ("featurizer", "classifier")})
        self.average: Any = self.part("average", copy.deepcopy(self._trained))
        self._averaged = 0

    def step(self, environments: Sequence[Environment]) -> dict[str, Any]:
        inputs, labels = pooled(environments)
        loss = cross_entropy(self.classifier(self.featurizer(inputs)), labels)
        self._trained.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        (self.optimizer if self.steps > self.config.linear_steps else self.linear_optimizer).step()
        self.follow()
        self.look_again(inputs)
        return {"loss": loss.detach()}

    def follow(self) -> None:
        """The average takes the weights as they are now: from its step on as one more, before it as all there is."""
        if self.steps + 1 >= self.averaged_from:
            self._averaged += 1
        state = self.average.state_dict()
        for name, value in self._trained.state_dict().items():
            if value.is_floating_point():
                state[name].copy_((state[name] * self._averaged + value) / (1.0 + self._averaged))

    def look_again(self, inputs: torch.Tensor) -> None:
        """Let the average's own BatchNorm see the batch, where it learns statistics."""
        import torch
        from torch.nn.modules.batchnorm import _BatchNorm

        if any(module.training for module in self.average.modules() if isinstance(module, _BatchNorm)):
            with torch.no_grad():
                self.logits(inputs)

    def logits(self, inputs: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.average["classifier"](self.average["featurizer"](inputs))
        return logits


SPEC = declare(
    "erm-plus-plus",
    ERMPlusPlus,
    "ERM++: the pooled risk, first of the classifier alone, predicted with the mean of the weights over training.",
    ("Teterwak et al. 2025, arXiv 2304.01973",),
    config=ERMPlusPlusConfig,
)
