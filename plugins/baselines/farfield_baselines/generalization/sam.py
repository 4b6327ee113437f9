"""Sharpness-aware minimisation (Foret et al. 2021, arXiv 2010.01412, algorithm 1), over the pooled domains."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from farfield import setting
from farfield_baselines.generalization.core import Algorithm, Config, Environment
from farfield_baselines.generalization.declare import declare

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class SAMConfig(Config):
    """How far the weights are moved uphill."""

    rho: float = setting(0.05, ge=0.0, le=10.0, help="Length of the step uphill in the space of the weights.")


class SAM(Algorithm):
    """The loss at the worst weights within a distance."""

    def step(self, environments: Sequence[Environment]) -> dict[str, Any]:
        from farfield_baselines.networks.heads import gradients

        parameters = self.parameters()
        loss, _ = self.objective(environments)
        with moved(parameters, uphill(gradients(loss, parameters), self.config.rho)):
            worst, _ = self.objective(environments)
            self.optimizer.zero_grad()
            worst.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        return {"loss": loss.detach(), "worst": worst.detach()}


def uphill(gradients: Sequence[torch.Tensor], rho: float) -> list[torch.Tensor]:
    """rho g / |g| over all parameters together; nothing where the gradient vanishes."""
    import torch

    length = torch.stack([g.norm() for g in gradients]).norm()
    return [rho * g / (length + 1e-12) for g in gradients]


@contextmanager
def moved(parameters: Sequence[torch.Tensor], by: Sequence[torch.Tensor]) -> Iterator[None]:
    """The parameters moved inside, and exactly as they were outside."""
    import torch

    before = [p.detach().clone() for p in parameters]
    with torch.no_grad():
        torch._foreach_add_(list(parameters), list(by))
    try:
        yield
    finally:
        with torch.no_grad():
            torch._foreach_copy_(list(parameters), before)


SPEC = declare(
    "sam",
    SAM,
    "SAM: the loss at the worst weights within a distance, which prefers flat minima.",
    ("Foret et al. 2021, arXiv 2010.01412",),
    config=SAMConfig,
)
