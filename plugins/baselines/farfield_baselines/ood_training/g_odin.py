"""G-ODIN: logits h(x) over a learned temperature g(x), scored by h (Hsu et al. 2020, arXiv 2002.11297)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield import setting
from farfield_baselines.ood_training.core import Detecting, DetectorConfig, detector, highest_probability

if TYPE_CHECKING:
    import torch
    from torch import nn

PAPER = "Hsu et al. 2020, arXiv 2002.11297"
SIMILARITIES = ("cosine", "inner", "euclid")
EPSILON = "The step towards a higher best h; on images pixels lie in 0..1, and OpenOOD's is 0.0025."


@dataclass(frozen=True, kw_only=True)
class HeadConfig(DetectorConfig):
    """What h is."""

    similarity: str = setting("cosine", choices=SIMILARITIES, help="What h is of a feature and a class's weights.")


@dataclass(frozen=True, kw_only=True)
class Config(HeadConfig):
    """What h is; no step, as features have no unit that one could be in."""

    epsilon: float = setting(0.0, ge=0.0, le=10.0, help=EPSILON)


@dataclass(frozen=True, kw_only=True)
class ImagesConfig(Config):
    """What h is, and the step of an image."""

    epsilon: float = setting(0.0025, ge=0.0, le=10.0, help=EPSILON)


class OverLearnedTemperature(Detecting):
    """A classifier of h(x) / g(x), trained by cross-entropy."""

    def make_classifier(self) -> nn.Module:
        from farfield_baselines.networks.ood_heads import OverTemperature

        return OverTemperature(self.featurizer.width, self.setup.outputs, self.config.similarity)


class GeneralisedODIN(OverLearnedTemperature):
    """The highest softmax of h after the step; the logits are h without it."""

    def judge(self, inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        plain = self.numerator(inputs)
        return highest_probability(self.numerator(self.stepped(inputs)) if self.config.epsilon else plain), plain

    def numerator(self, inputs: torch.Tensor) -> torch.Tensor:
        """h of prepared inputs: [B, C]."""
        found: torch.Tensor = self.classifier.numerator(self.featurizer(inputs))
        return found

    def stepped(self, inputs: torch.Tensor) -> torch.Tensor:
        """Inputs after the step up the gradient of their best h."""
        import torch

        with torch.enable_grad():
            moving = inputs.detach().clone().requires_grad_(True)
            (gradient,) = torch.autograd.grad(self.numerator(moving).amax(dim=1).sum(), moving)
        step: torch.Tensor = self.config.epsilon * gradient.sign()
        return inputs + step


SPEC = detector(
    "g-odin",
    GeneralisedODIN,
    "Logits over a learned temperature, scored without it (G-ODIN)",
    (PAPER,),
    Config,
    image_config=ImagesConfig,
)
