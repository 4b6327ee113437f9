"""Unknown domain inconsistency minimisation (Shin et al. 2024, ICLR, arXiv 2403.07329)."""

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
    rho_x: float = setting(0.05, ge=0.0, le=10.0, help="Size of the images' perturbation, root mean square.")


class UDIM(SAM):
    """SAM on the training domains, and a loss landscape that is alike on domains nobody has seen.

    An unknown domain is made of the images moved to where the loss and its sharpness are worse. Landscapes are
    compared by the gradients of single images with respect to the last layer: their variances are to agree, and on
    the moved images they are to be small (the tractable form of the paper). Differences: variances are taken about
    each domain's own mean, and an image's step has a fixed root mean square, whatever the size of the image.
    """

    def step(self, environments: Sequence[Environment]) -> dict[str, Any]:
        from farfield_baselines.networks.heads import gradients

        if self.config.udim_lambda == 0.0:
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
        return loss.detach(), [g.detach() for g in first], perturbed(inputs, slope, self.config.rho_x)

    def inconsistency(self, known: torch.Tensor, unknown: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """How differently the loss bends on the two domains, and how steep it is on the unknown one; a scalar."""
        here, there = (self.last_gradients(images, labels) for images in (known, unknown))
        return (spread(*here) - spread(*there)).square().mean() + steepness(*there)

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


def perturbed(inputs: torch.Tensor, slope: torch.Tensor, size: float) -> torch.Tensor:
    """Each input a step up its slope, of the root mean square `size`."""
    flat = slope.flatten(1)
    scale = flat.square().mean(1).sqrt().clamp(min=1e-12)
    return inputs + size * (flat / scale[:, None]).view_as(inputs)


def spread(errors: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
    """Variance over the images of each entry of their outer products: [B, C], [B, D] -> [C, D]."""
    count = len(errors)
    mean = errors.T @ features / count
    return errors.square().T @ features.square() / count - mean.square()


def steepness(errors: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
    """Mean squared entry of the images' outer products; a scalar."""
    return (errors.square().mean(1) * features.square().mean(1)).mean()


SPEC = declare(
    "udim",
    UDIM,
    "UDIM: SAM, and a loss landscape that is consistent between the training domains and perturbed ones.",
    ("Shin et al. 2024, ICLR, arXiv 2403.07329", "Foret et al. 2021, arXiv 2010.01412"),
    config=UDIMConfig,
)
