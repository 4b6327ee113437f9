"""Uniform risk minimisation (Krishnamachari et al. 2024, TMLR): features that are spread evenly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from farfield import setting
from farfield_baselines.generalization.core import Algorithm, Config, Environment, Setup, cross_entropy, pooled
from farfield_baselines.generalization.declare import declare

if TYPE_CHECKING:
    import torch
    from torch import nn

HIDDEN = 100
MOMENTUM = 0.9


@dataclass(frozen=True, kw_only=True)
class URMConfig(Config):
    """The discriminator, and what it tells apart."""

    urm: str = setting("adversarial", choices=("adversarial",), help="How features are spread; DomainBed has one way.")
    urm_adv_lambda: float = setting(0.1, ge=0.0, le=1e4, help="Weight of the discriminator's loss.")
    urm_discriminator_label_smoothing: float = setting(
        0.0, ge=0.0, le=0.5, help="How far its targets may be from 0 and 1, at random."
    )
    urm_discriminator_optimizer: str = setting("adam", choices=("adam", "sgd"), help="What trains it.")
    urm_discriminator_hidden_layers: int = setting(1, ge=0, le=20, help="Hidden layers of it after the first.")
    urm_generator_output: str = setting(
        "tanh", choices=("tanh", "relu", "sigmoid"), help="What features go through: noise is of its range, or 0 to 1."
    )
    urm_discriminator_lr: float = setting(5e-5, ge=0.0, le=1.0, help="Its learning rate.")


class URM(Algorithm):
    """The pooled risk, on features that a discriminator does not tell from even noise."""

    def __init__(self, setup: Setup) -> None:
        import torch

        super().__init__(setup)
        config: URMConfig = self.config
        judge = discriminator(self.featurizer.width, 1 + config.urm_discriminator_hidden_layers)
        self.discriminator: Any = self.part("discriminator", judge)
        rate, decay = config.urm_discriminator_lr, config.weight_decay
        self.discriminator_optimizer: Any = (
            self.adam(self.discriminator, lr=rate, weight_decay=decay)
            if config.urm_discriminator_optimizer == "adam"
            else torch.optim.SGD(self.discriminator.parameters(), lr=rate, weight_decay=decay, momentum=MOMENTUM)
        )

    def step(self, environments: Sequence[Environment]) -> dict[str, Any]:
        import torch

        config: URMConfig = self.config
        inputs, labels = pooled(environments)
        features = self.features(inputs)
        risk = cross_entropy(self.classifier(features), labels)
        loss = risk + config.urm_adv_lambda * self.error(features, torch.ones_like(features[:, 0]))
        self.descend(loss)
        self.teach(features.detach())
        return {"loss": loss.detach()}

    def teach(self, features: torch.Tensor) -> None:
        """A step of the discriminator, for which noise is 1 and features are 0."""
        import torch

        config: URMConfig = self.config
        noise = torch.rand(features.shape, dtype=features.dtype, device=features.device)
        noise = 2.0 * noise - 1.0 if config.urm_generator_output == "tanh" else noise
        blur = config.urm_discriminator_label_smoothing
        smooth = [blur * torch.rand(len(features), device=features.device) for _ in range(2)]
        loss = self.error(noise, 1.0 - smooth[0]) + config.urm_adv_lambda * self.error(features, smooth[1])
        self.discriminator_optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.discriminator_optimizer.step()

    def error(self, rows: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """The discriminator's cross-entropy on rows [B, D] with targets 0..1 [B]; a scalar."""
        from torch.nn import functional

        return functional.binary_cross_entropy_with_logits(self.discriminator(rows)[:, 0], targets)

    def features(self, inputs: torch.Tensor) -> torch.Tensor:
        features: torch.Tensor = getattr(self.featurizer(inputs), self.config.urm_generator_output)()
        return features

    def logits(self, inputs: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.classifier(self.features(inputs))
        return logits


def discriminator(width: int, hidden_layers: int) -> nn.Module:
    """[B, width] -> [B, 1] through hidden layers with leaky ReLU."""
    from torch import nn

    layers: list[nn.Module] = []
    for number in range(hidden_layers):
        layers += [nn.Linear(HIDDEN if number else width, HIDDEN), nn.LeakyReLU()]
    return nn.Sequential(*layers, nn.Linear(HIDDEN, 1))


SPEC = declare(
    "urm",
    URM,
    "URM: the risk, on features that a discriminator cannot tell from even noise.",
    ("Krishnamachari et al. 2024, TMLR, Uniformly distributed feature representations for fair and robust learning",),
    config=URMConfig,
)
