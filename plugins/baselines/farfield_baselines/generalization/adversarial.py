"""Features from which a discriminator cannot tell the domain: DANN and CDANN share all but what it sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from farfield import setting
from farfield_baselines.generalization.core import Algorithm, Environment, NetworkConfig, Setup, cross_entropy, pooled

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class AdversarialConfig(NetworkConfig):
    """Two players: the featurizer with the classifier (g), and the discriminator (d)."""

    lambda_: float = setting(1.0, ge=0.0, le=1e4, help="Weight of the discriminator's loss; lambda in records.")
    lr_g: float = setting(5e-5, ge=0.0, le=1.0, help="Learning rate of the featurizer and the classifier.")
    lr_d: float = setting(5e-5, ge=0.0, le=1.0, help="Learning rate of the discriminator.")
    weight_decay_g: float = setting(0.0, ge=0.0, le=1.0, help="L2 penalty of the featurizer and the classifier.")
    weight_decay_d: float = setting(0.0, ge=0.0, le=1.0, help="L2 penalty of the discriminator.")
    beta1: float = setting(0.5, ge=0.0, le=0.999, help="Momentum of both players' Adam.")
    d_steps_per_g_step: int = setting(1, ge=0, le=100, help="Steps of the discriminator between two of the others.")
    grad_penalty: float = setting(0.0, ge=0.0, le=1e4, help="Weight of the discriminator's squared input gradient.")
    mlp_width: int = setting(256, ge=1, le=8192, help="Width of the discriminator's hidden layers.")
    mlp_depth: int = setting(3, ge=1, le=20, help="Layers of the discriminator.")
    mlp_dropout: float = setting(0.0, ge=0.0, le=0.9, help="Dropout in the discriminator.")


class Adversarial(Algorithm):
    """Steps of the discriminator and of the rest in turn, on losses of opposite sign."""

    conditional = False

    def __init__(self, setup: Setup) -> None:
        from torch import nn

        from farfield_baselines.networks.heads import perceptron

        super().__init__(setup)
        config, width = self.config, self.featurizer.width
        shape = (config.mlp_width, config.mlp_depth, config.mlp_dropout)
        self.discriminator: Any = self.part("discriminator", perceptron(width, setup.domains, *shape))
        self.embeddings: Any = self.part("embeddings", nn.Embedding(setup.classes, width))
        self.discriminator_optimizer = self.adam(
            self.discriminator,
            self.embeddings,
            lr=config.lr_d,
            weight_decay=config.weight_decay_d,
            betas=(config.beta1, 0.9),
        )

    def make_optimizer(self) -> Any:
        config: AdversarialConfig = self.config
        rate, decay = config.lr_g, config.weight_decay_g
        return self.adam(self.featurizer, self.classifier, lr=rate, weight_decay=decay, betas=(config.beta1, 0.9))

    def step(self, environments: Sequence[Environment]) -> dict[str, Any]:
        inputs, labels = pooled(environments)
        return self.play(self.featurizer(inputs), labels, domains_of(environments))

    def play(self, features: torch.Tensor, labels: torch.Tensor, domains: torch.Tensor) -> dict[str, Any]:
        """The move of whose turn it is: features [N, D] and domains [N], of which the first B have labels [B]."""
        config: AdversarialConfig = self.config
        confusion = self.confusion(features, labels, domains)
        # DomainBed counts from one, so that by default the featurizer moves first.
        if (self.steps + 1) % (1 + config.d_steps_per_g_step) < config.d_steps_per_g_step:
            self._move(self.discriminator_optimizer, confusion)
            return {"disc_loss": confusion.detach()}
        risk = cross_entropy(self.classifier(features[: len(labels)]), labels)
        loss = risk - config.lambda_ * confusion
        self._move(self.optimizer, loss)
        return {"gen_loss": loss.detach()}

    def _move(self, optimizer: Any, loss: torch.Tensor) -> None:
        self.discriminator_optimizer.zero_grad()
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()

    def confusion(self, features: torch.Tensor, labels: torch.Tensor, domains: torch.Tensor) -> torch.Tensor:
        """The discriminator's loss: of telling the domain from features [B, D], and its gradient penalty."""
        import torch

        config: AdversarialConfig = self.config
        seen = features + self.embeddings(labels) if self.conditional else features
        errors = cross_entropy(self.discriminator(seen), domains, reduction="none")
        loss = (errors * balance(labels)).sum() if self.conditional else errors.mean()
        if config.grad_penalty == 0.0 or not seen.requires_grad:
            return loss
        slope = torch.autograd.grad(errors.sum(), seen, create_graph=True)[0]
        return loss + config.grad_penalty * slope.square().sum(1).mean()


def balance(labels: torch.Tensor) -> torch.Tensor:
    """Weights [B] under which every class that occurs has the same share.

    As in DomainBed the share is one over the highest class number that occurs, plus one.
    """
    counts = labels.bincount()
    return 1.0 / (counts[labels] * len(counts)).float()


def domains_of(environments: Sequence[Environment]) -> torch.Tensor:
    """The number of each pooled image's domain, int64 [B]."""
    import torch

    numbers = [torch.full_like(e.labels, number) for number, e in enumerate(environments)]
    return torch.cat(numbers)
