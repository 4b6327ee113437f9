"""Style-agnostic networks (Nam et al. 2021, arXiv 1910.11645)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from farfield import setting
from farfield_baselines.generalization.core import Algorithm, Config, Environment, Setup, cross_entropy, pooled
from farfield_baselines.generalization.declare import declare

if TYPE_CHECKING:
    import torch

EPSILON = 1e-5


@dataclass(frozen=True, kw_only=True)
class SagNetConfig(Config):
    """How hard style is to be told from the features."""

    sag_w_adv: float = setting(0.1, ge=0.0, le=1e4, help="Weight of the adversarial loss of the style classifier.")


class SagNet(Algorithm):
    """A classifier that sees content under random styles, and a featurizer that hides the class from style alone."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self.style_classifier: Any = self.part("style_classifier", self.make_classifier())
        self.content_optimizer = self.adam(self.classifier)
        self.style_optimizer = self.adam(self.style_classifier)

    def make_optimizer(self) -> Any:
        """The featurizer's, which the content and the adversary share."""
        return self.adam(self.featurizer)

    def step(self, environments: Sequence[Environment]) -> dict[str, Any]:
        inputs, labels = pooled(environments)
        content = cross_entropy(self.classifier(restyled(self.featurizer(inputs))), labels)
        self._move(content, self.optimizer, self.content_optimizer)
        style = cross_entropy(self.style_classifier(recontent(self.featurizer(inputs))), labels)
        self._move(style, self.style_optimizer)
        hidden = self.config.sag_w_adv * indifference(self.style_classifier(recontent(self.featurizer(inputs))))
        self._move(hidden, self.optimizer)
        return {"loss_c": content.detach(), "loss_s": style.detach(), "loss_adv": hidden.detach()}

    def _move(self, loss: torch.Tensor, *optimizers: Any) -> None:
        self.parts.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        for optimizer in optimizers:
            optimizer.step()


def restyled(features: torch.Tensor) -> torch.Tensor:
    """The same content under a style between one's own and another image's: [B, D] -> [B, D].

    Style is an image's mean and variance over its features, content what is left when both are taken out.
    """
    import torch

    content, mean, variance = taken_apart(features)
    share = torch.rand(len(features), 1, device=features.device)
    other = torch.randperm(len(features), device=features.device)
    return put_together(
        content, share * mean + (1.0 - share) * mean[other], share * variance + (1.0 - share) * variance[other]
    )


def recontent(features: torch.Tensor) -> torch.Tensor:
    """The same style around another image's content, which takes no gradient: [B, D] -> [B, D]."""
    import torch

    content, mean, variance = taken_apart(features)
    other = torch.randperm(len(features), device=features.device)
    return put_together(content[other].detach(), mean, variance)


def taken_apart(features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """(content [B, D] of mean 0 and variance 1, mean [B, 1], variance [B, 1])."""
    mean, variance = features.mean(1, keepdim=True), features.var(1, keepdim=True)
    return (features - mean) / (variance + EPSILON).sqrt(), mean, variance


def put_together(content: torch.Tensor, mean: torch.Tensor, variance: torch.Tensor) -> torch.Tensor:
    """The inverse of `taken_apart`."""
    return content * (variance + EPSILON).sqrt() + mean


def indifference(logits: torch.Tensor) -> torch.Tensor:
    """Cross-entropy of the predictions [B, C] to the even distribution: least when they say nothing; a scalar."""
    return -logits.log_softmax(1).mean()


SPEC = declare(
    "sagnet",
    SagNet,
    "SagNet: content classified under random styles, and style from which the class cannot be told.",
    ("Nam et al. 2021, arXiv 1910.11645",),
    config=SagNetConfig,
)
