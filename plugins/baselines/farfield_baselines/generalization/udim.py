"""Unknown domain inconsistency minimisation (Shin et al. 2024, ICLR, arXiv 2403.07329), as in its release 808f1b2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from farfield import setting
from farfield_baselines.generalization.core import Environment, cross_entropy, pooled
from farfield_baselines.generalization.declare import declare
from farfield_baselines.generalization.sam import SAM, SAMConfig, moved, uphill

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class UDIMConfig(SAMConfig):
    """The unknown domains, and how much they count."""

    udim_lambda: float = setting(1.0, ge=0.0, le=1e4, help="Weight of the inconsistency; 0 leaves SAM.")
    udim_step: float = setting(10.0, ge=0.0, le=1e4, help="Length of the images' step, in normalised units.")
    udim_warm_up: int = setting(1000, ge=0, le=10_000_000, help="Steps of plain SAM before the inconsistency counts.")


class UDIM(SAM):
    """SAM on the training domains, and a loss landscape that is alike on domains nobody has seen.

    A fifth of the training is plain SAM. Then an unknown domain is made of the images moved to where the loss and its
    sharpness are worse. Landscapes are compared by the gradients of single images with respect to the last layer:
    their variances are to agree, and on the moved images they are to be small. As released, both variances are about
    the mean of the training domains, and of the moved images' slope the batch has unit length in each pixel. The
    release begins with a network that ERM has trained; give that by `weights`.
    """

    def step(self, environments: Sequence[Environment]) -> dict[str, Any]:
        from farfield_baselines.networks.heads import gradients

        if self.config.udim_lambda == 0.0 or self.steps <= self.config.udim_warm_up:
            return super().step(environments)
        parameters = self.parameters()
        inputs, labels = pooled(environments)
        loss, first, unknown = self.ascent(inputs, labels)
        apart = self.inconsistency(inputs, unknown, labels)
        pull = gradients(apart, parameters)
        with moved(parameters, uphill(first, self.config.rho)):
            worst = cross_entropy(self.logits(inputs), labels)
            flat = gradients(worst, parameters)
        for parameter, one, other in zip(parameters, flat, pull, strict=True):
            parameter.grad = one + self.config.udim_lambda * other
        self.optimizer.step()
        return {"loss": loss.detach(), "worst": worst.detach(), "inconsistency": apart.detach()}

    def ascent(
        self, inputs: torch.Tensor, labels: torch.Tensor
    ) -> tuple[torch.Tensor, list[torch.Tensor], torch.Tensor]:
        """(loss, its gradient by the parameters, the inputs of the unknown domain).

        The inputs go up the loss plus rho times the length of its gradient: what SAM's loss is to first order.
        """
        import torch

        parameters = self.parameters()
        seen = inputs.detach().clone().requires_grad_()
        loss = cross_entropy(self.logits(seen), labels)
        found = torch.autograd.grad(loss, parameters, create_graph=True, allow_unused=True)
        first = [torch.zeros_like(p) if g is None else g for p, g in zip(parameters, found, strict=True)]
        sharp = loss + self.config.rho * torch.stack([g.square().sum() for g in first]).sum().add(1e-24).sqrt()
        slope = torch.autograd.grad(sharp, seen)[0]
        return loss.detach(), [g.detach() for g in first], inputs + self.config.udim_step * self.units() * along(slope)

    def units(self) -> torch.Tensor:
        """What a unit after the featurizer's own normalisation is before it: the deviation of each channel."""
        import torch

        deviations: torch.Tensor = self.featurizer.std
        return deviations if deviations.numel() else torch.ones((), device=self.setup.device)

    def inconsistency(self, known: torch.Tensor, unknown: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """How differently the loss bends on the two domains, and how steep it is on the unknown one; a scalar."""
        import torch

        return of_gradients(*self.last_gradients(torch.cat([known, unknown]), torch.cat([labels, labels])))

    def last_gradients(self, inputs: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """(errors [B, C], inputs of the last layer with a one appended [B, D + 1]).

        The outer product of an image's two rows is the gradient of its cross-entropy by the last layer.
        """
        import torch
        from torch.nn import functional

        from farfield_baselines.networks.heads import last_layer

        seen: list[torch.Tensor] = []
        hook = last_layer(self.classifier).register_forward_hook(lambda _m, given, _o: seen.append(given[0]))
        try:
            logits = self.logits(inputs)
        finally:
            hook.remove()
        errors = logits.softmax(1) - functional.one_hot(labels, logits.shape[1])
        return errors, torch.cat([seen[-1], torch.ones_like(seen[-1][:, :1])], dim=1)


def along(slope: torch.Tensor) -> torch.Tensor:
    """The slopes [B, ...] so scaled that each entry has unit length over the batch, which is the release's scale."""
    from torch.nn import functional

    return functional.normalize(slope, dim=0, eps=1e-12)


def of_gradients(errors: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
    """The inconsistency of a batch [2 B, C], [2 B, D + 1] whose second half is the first half moved; a scalar."""
    count = len(errors) // 2
    here, there = (errors[:count], features[:count]), (errors[count:], features[count:])
    middle = centre(*here)
    halves = (spread(*here, middle) - spread(*there, middle)) / 2
    return halves.square().mean() + steepness(*there)


def centre(errors: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
    """Mean over the images of their outer products: [B, C], [B, D] -> [C, D]."""
    return errors.T @ features / len(errors)


def spread(errors: torch.Tensor, features: torch.Tensor, about: torch.Tensor) -> torch.Tensor:
    """Variance over the images of each entry of their outer products about a mean: [B, C], [B, D], [C, D] -> [C, D]."""
    squares = errors.square().T @ features.square() / len(errors)
    return squares - 2 * about * centre(errors, features) + about.square()


def steepness(errors: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
    """Mean squared entry of the images' gradients by the weights, and of those by the biases; their sum.

    The last feature [B, D + 1] is the constant one, whose products are the gradients by the biases.
    """
    by_weights = (errors.square().mean(1) * features[:, :-1].square().mean(1)).mean()
    return by_weights + errors.square().mean()


SPEC = declare(
    "udim",
    UDIM,
    "UDIM: SAM, and a loss landscape that is consistent between the training domains and perturbed ones.",
    ("Shin et al. 2024, ICLR, arXiv 2403.07329", "Foret et al. 2021, arXiv 2010.01412"),
    config=UDIMConfig,
)
