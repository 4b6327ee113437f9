"""Additive disentanglement of domain features with remix (Demirel et al. 2023, arXiv 2308.06624)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from farfield import setting
from farfield_baselines.generalization.adversarial import domains_of
from farfield_baselines.generalization.core import Algorithm, Config, Environment, Setup, cross_entropy, pooled
from farfield_baselines.generalization.declare import declare

if TYPE_CHECKING:
    import torch
    from torch import nn

TEMPERATURE = 0.07
SMALL = 1e-5


@dataclass(frozen=True, kw_only=True)
class ADRMXConfig(Config):
    """The weights of the losses, and the discriminator."""

    lr: float = setting(3e-5, ge=0.0, le=1.0, help="Learning rate of both players' Adam.")
    cnt_lambda: float = setting(1.0, ge=0.0, le=1e4, help="Weight of the two contrasts.")
    dclf_lambda: float = setting(1.0, ge=0.0, le=1e4, help="Weight of telling domains from domain features.")
    disc_lambda: float = setting(0.75, ge=0.0, le=1e4, help="Weight of the discriminator's loss, which is lowered.")
    rmxd_lambda: float = setting(1.0, ge=0.0, le=1e4, help="Weight of the loss of remixed features.")
    d_steps_per_g_step: int = setting(2, ge=0, le=100, help="Steps of the discriminator between two of the others.")
    beta1: float = setting(0.5, ge=0.0, le=0.999, help="Momentum of both players' Adam.")
    mlp_width: int = setting(256, ge=1, le=8192, help="Width of the discriminator's hidden layers.")
    mlp_depth: int = setting(9, ge=1, le=20, help="Layers of the discriminator.")
    mlp_dropout: float = setting(0.0, ge=0.0, le=0.9, help="Dropout in the discriminator.")


class ADRMX(Algorithm):
    """Features of the class and of the domain, whose difference hides the domain, in turn with a discriminator."""

    def __init__(self, setup: Setup) -> None:
        from farfield_baselines.networks.heads import perceptron

        super().__init__(setup)
        config: ADRMXConfig = self.config
        width = self.featurizer.width
        layers = (config.mlp_width, config.mlp_depth, config.mlp_dropout)
        self.discriminator: Any = self.part("discriminator", perceptron(width, setup.domains, *layers))
        betas = (config.beta1, 0.9)
        self.discriminator_optimizer = self.adam(self.discriminator, weight_decay=0.0, betas=betas)

    def make_optimizer(self) -> Any:
        """Of all but the discriminator, which is not there yet."""
        width = self.featurizer.width
        self.domain_featurizer: Any = self.part("domain_featurizer", self.make_featurizer())
        self.second_classifier: Any = self.part("second_classifier", self.make_classifier())
        self.domain_classifier: Any = self.part("domain_classifier", funnel(width, self.setup.domains))
        return self.adam(self.parts, weight_decay=0.0, betas=(self.config.beta1, 0.9))

    def make_classifier(self) -> nn.Module:
        """Always of three layers, as in DomainBed."""
        return funnel(self.featurizer.width, self.setup.classes)

    def step(self, environments: Sequence[Environment]) -> dict[str, Any]:
        config: ADRMXConfig = self.config
        inputs, labels = pooled(environments)
        of_class, of_domain = self.featurizer(inputs), self.domain_featurizer(inputs)
        domains = domains_of(environments)
        disc_loss = cross_entropy(self.discriminator(of_class - of_domain), domains)
        # DomainBed counts from one.
        if (self.steps + 1) % (1 + config.d_steps_per_g_step) < config.d_steps_per_g_step:
            self.discriminator_optimizer.zero_grad()
            disc_loss.backward()  # type: ignore[no-untyped-call]
            self.discriminator_optimizer.step()
            return {"loss_disc": disc_loss.detach()}
        terms = self.terms(of_class, of_domain, labels, domains)
        total = terms["loss_clf_int"] + terms["loss_clf_fin"]
        total = total + config.dclf_lambda * terms["loss_dmn"] + config.rmxd_lambda * terms["loss_remixed"]
        total = total + config.cnt_lambda * (terms["loss_cnt_int"] + terms["loss_cnt_final"])
        total = total - config.disc_lambda * disc_loss
        self.descend(total)
        losses = {"loss_total": total, "loss_disc": disc_loss, **terms}
        return {name: value.detach() for name, value in losses.items()}

    def terms(
        self, of_class: torch.Tensor, of_domain: torch.Tensor, labels: torch.Tensor, domains: torch.Tensor
    ) -> dict[str, torch.Tensor]:
        """The losses of all but the discriminator, by DomainBed's names, of features [B, D]."""
        without = of_class - of_domain
        first, second = remixed(labels, self.setup.classes)
        mixture = self.classifier(without[first] + of_domain[second])
        again = cross_entropy(mixture, labels[first], reduction="none").sum() / self.setup.classes
        return {
            "loss_cnt_int": contrast(of_class, labels),
            "loss_cnt_final": contrast(without, labels),
            "loss_clf_int": cross_entropy(self.classifier(of_class), labels),
            "loss_clf_fin": cross_entropy(self.second_classifier(without), labels),
            "loss_dmn": cross_entropy(self.domain_classifier(of_domain), domains),
            "loss_remixed": again,
        }


def funnel(width: int, classes: int) -> nn.Module:
    from farfield_baselines.networks.heads import classifier

    return classifier(width, classes, nonlinear=True)


def remixed(labels: torch.Tensor, classes: int) -> tuple[list[int], list[int]]:
    """Two rows for each class with two images or more: whose features are kept, and whose domain is added.

    As in DomainBed the two are places among the images of the class, taken for rows of the batch.
    """
    import torch

    counts = labels.bincount(minlength=classes).tolist()
    pairs = [torch.randperm(count)[:2].tolist() for count in counts if count > 1]
    return [first for first, _ in pairs], [second for _, second in pairs]


def contrast(features: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """The supervised contrast of features [B, D], whose parts within and outside the domain weigh the same; a scalar.

    Images without another of their class are left out; the sum over the others is divided by one more than they are.
    """
    import torch
    from torch.nn import functional

    unit = functional.normalize(features, dim=1)
    others = ~torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    alike = (labels[:, None] == labels) & others
    raised = 0.5 * (unit @ unit.T / TEMPERATURE).exp()
    whole = (raised * others).sum(1, keepdim=True) + SMALL
    shares = (raised / whole + SMALL).log() * alike
    positives = alike.sum(1)
    counted = positives > 0
    return -(shares.sum(1)[counted] / positives[counted]).sum() / (counted.sum() + 1)


SPEC = declare(
    "adrmx",
    ADRMX,
    "ADRMX: features of the class less those of the domain, which a discriminator tells no domain from, remixed.",
    ("Demirel et al. 2023, arXiv 2308.06624",),
    config=ADRMXConfig,
    memory_gib=37.0,  # two networks
)
