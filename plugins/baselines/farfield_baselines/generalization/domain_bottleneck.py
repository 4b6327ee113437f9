"""What CAD and CondCAD share (Ruan et al. 2022, arXiv 2201.00057): a contrast by which features hide the domain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from farfield import setting
from farfield_baselines.generalization.adversarial import domains_of
from farfield_baselines.generalization.core import Algorithm, Config, Environment, cross_entropy, pooled

if TYPE_CHECKING:
    import torch

BASE_TEMPERATURE = 0.07
PROJECTED = 128


@dataclass(frozen=True, kw_only=True)
class CADConfig(Config):
    """How much the contrast counts, and of what it is made."""

    lmbda: float = setting(0.1, ge=0.0, le=1e4, help="Weight of the contrast.")
    temperature: float = setting(0.1, ge=1e-3, le=100.0, help="What inner products are divided by.")
    is_normalized: bool = setting(False, help="Contrast features of length one.")
    is_project: bool = setting(False, help="Contrast features after a trained projection.")
    is_flipped: bool = setting(True, help="Raise what other domains get, where off lowers what the own one gets.")


class DomainBottleneck(Algorithm):
    """The pooled risk, and a contrast that is least where an image's neighbours are as often of other domains."""

    LOSS: ClassVar[str] = "total_loss"
    conditional = False

    def make_optimizer(self) -> Any:
        from farfield_baselines.networks.heads import perceptron

        if self.config.is_project:
            width = self.featurizer.width
            self.part("projection", perceptron(width, PROJECTED, width, depth=2))
        return super().make_optimizer()

    def objective(self, environments: Sequence[Environment]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        config: CADConfig = self.config
        inputs, labels = pooled(environments)
        features = self.featurizer(inputs)
        contrast = self.contrast(features, labels, domains_of(environments))
        risk = cross_entropy(self.classifier(features), labels)
        return risk + config.lmbda * contrast, {"clf_loss": risk, "bn_loss": contrast}

    def contrast(self, features: torch.Tensor, labels: torch.Tensor, domains: torch.Tensor) -> torch.Tensor:
        """The mean over images with another of their class, of minus the log of what other domains get; a scalar.

        Given the class, what they get of the images of that class alone. Features are [B, D].
        """
        import torch
        from torch.nn import functional

        config: CADConfig = self.config
        rows = self.parts["projection"](features) if config.is_project else features
        rows = functional.normalize(rows, dim=1) if config.is_normalized else rows
        others = ~torch.eye(len(labels), dtype=torch.bool, device=labels.device)
        alike, own = (labels[:, None] == labels) & others, domains[:, None] == domains
        likeness = rows @ rows.T / config.temperature * others
        likeness = likeness - likeness.max(1, keepdim=True).values.detach()
        compared = alike if self.conditional else others
        chosen = ~own if config.is_flipped else own
        chosen = chosen & alike if self.conditional else chosen
        counted = (chosen if self.conditional else alike).any(1)
        shares = likeness - (likeness + log_of(compared)).logsumexp(1, keepdim=True)
        gain = (shares + log_of(chosen))[counted].logsumexp(1)
        values = config.temperature / BASE_TEMPERATURE * (-gain if config.is_flipped else gain)
        finite = values[values.isfinite()]
        return finite.mean() if len(finite) else features.sum() * 0.0


def log_of(mask: torch.Tensor) -> torch.Tensor:
    """0 where the mask holds, and minus infinity elsewhere."""
    return mask.float().log()
