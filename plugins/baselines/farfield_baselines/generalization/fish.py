"""Fish (Shi et al. 2022, arXiv 2104.09937, algorithm 1): domains whose gradients point the same way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from farfield import setting
from farfield_baselines.generalization.core import Config, Environment, cross_entropy
from farfield_baselines.generalization.declare import declare
from farfield_baselines.generalization.stand_in import WithStandIn


@dataclass(frozen=True, kw_only=True)
class FishConfig(Config):
    """How far the weights follow."""

    meta_lr: float = setting(0.5, ge=0.0, le=1.0, help="Share of the way to the inner weights that is taken.")


class Fish(WithStandIn):
    """A step on each domain in turn on a copy of the networks, and a part of the way to where it ends.

    The copy's Adam goes on from step to step.
    """

    _inner: Any = None

    def step(self, environments: Sequence[Environment]) -> dict[str, Any]:
        config: FishConfig = self.config
        parts = self.stand_in()
        self._inner = self._inner or self.adam(parts)
        for environment in environments:
            logits = parts["classifier"](parts["featurizer"](environment.inputs))
            loss = cross_entropy(logits, environment.labels)
            self._inner.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            self._inner.step()
        outer, inner = self.parts.state_dict(), parts.state_dict()
        for name, value in outer.items():
            value.copy_(value + config.meta_lr * (inner[name] - value))
        return {"loss": loss.detach()}


SPEC = declare(
    "fish",
    Fish,
    "Fish: weights that follow steps taken on one training domain after another, so that their gradients agree.",
    ("Shi et al. 2022, arXiv 2104.09937",),
    config=FishConfig,
)
