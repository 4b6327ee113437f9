"""Meta-learning for domain generalisation, first order (Li et al. 2018, arXiv 1710.03463, algorithm 1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import TYPE_CHECKING, Any

from farfield import setting
from farfield_baselines.generalization.core import Config, Environment, cross_entropy
from farfield_baselines.generalization.declare import declare
from farfield_baselines.generalization.stand_in import WithStandIn

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class MLDGConfig(Config):
    """What is held out, and how much it counts."""

    mldg_beta: float = setting(1.0, ge=0.0, le=1e4, help="Weight of the loss on the held-out domains.")
    n_meta_test: int = setting(2, ge=1, le=100, help="Domains held out in a step; at least one is trained on.")


class MLDG(WithStandIn):
    """The gradient on some domains, plus that on another after a step towards them."""

    def step(self, environments: Sequence[Environment]) -> dict[str, Any]:
        config: MLDGConfig = self.config
        parameters = self.parameters()
        self.optimizer.zero_grad()
        for parameter in parameters:
            parameter.grad = parameter.detach() * 0.0
        total = 0.0
        for first, second in held_out(environments, config.n_meta_test):
            loss, gradients = self.meta_gradients(first, second, config.mldg_beta)
            total += loss / len(environments)
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter.grad.add_(gradient / len(environments))  # type: ignore[union-attr]
        self.optimizer.step()
        return {"loss": total}

    def meta_gradients(self, first: Environment, second: Environment, beta: float) -> tuple[float, list[torch.Tensor]]:
        """(L1 + beta L2, g1 + beta g2), where g2 is taken after one step of a fresh Adam along g1.

        The second derivative is left out, as in DomainBed.
        """
        from farfield_baselines.networks.heads import gradients, parameters_of

        parts = self.stand_in()
        inner = parameters_of(parts)
        loss = cross_entropy(parts["classifier"](parts["featurizer"](first.inputs)), first.labels)
        train = gradients(loss, inner)
        for parameter, gradient in zip(inner, train, strict=True):
            parameter.grad = gradient.clone()
        self.adam(parts).step()
        after = cross_entropy(parts["classifier"](parts["featurizer"](second.inputs)), second.labels)
        test = gradients(after, inner)
        return float(loss.detach() + beta * after.detach()), [g + beta * h for g, h in zip(train, test, strict=True)]


def held_out(environments: Sequence[Environment], count: int) -> list[tuple[Environment, Environment]]:
    """Each domain that is trained on with one of the `count` held out, at random and in turn.

    With a single domain it is held out from itself.
    """
    import torch

    order: list[int] = torch.randperm(len(environments)).tolist()
    cut = max(1, len(order) - count)
    train, test = order[:cut], order[cut:] or order
    return [(environments[a], environments[b]) for a, b in zip(train, cycle(test), strict=False)]


SPEC = declare(
    "mldg",
    MLDG,
    "MLDG, first order: a step that helps some training domains and, once taken, others too.",
    ("Li et al. 2018, arXiv 1710.03463",),
    config=MLDGConfig,
)
