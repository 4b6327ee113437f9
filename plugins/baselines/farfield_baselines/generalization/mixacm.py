"""MixACM: a student whose channels are active as a robust teacher's on mixed images.

Awais et al. 2021, arXiv 2111.05073. Read from its abstract, which leaves open what an activated channel map is: here
the mean of a channel's positive part, of unit length over the channels of a stage.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from farfield import setting
from farfield_baselines.generalization.core import Algorithm, Environment, Setup, cross_entropy, pooled
from farfield_baselines.generalization.declare import declare
from farfield_baselines.generalization.mixup import MixupConfig, drawn_share
from farfield_baselines.generalization.smos import frozen_teacher

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class MixACMConfig(MixupConfig):
    """The teacher, and how near its channels the student's stay."""

    teacher: str = setting("", help="File of a robust featurizer; empty takes the student's own start.")
    mixacm_weight: float = setting(1.0, ge=0.0, le=1e4, help="Weight of the distance of the channel maps.")


class MixACM(Algorithm):
    """Mixup's risk over the whole batch, and how far its channel maps are from the teacher's on the mixtures."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self.teacher: Any = frozen_teacher(self, self.config.teacher)

    def objective(self, environments: Sequence[Environment]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        import torch

        from farfield_baselines.networks.featurizers import stage_outputs

        inputs, labels = pooled(environments)
        share, order = drawn_share(self.config.mixup_alpha), torch.randperm(len(labels)).to(labels.device)
        mixed = share * inputs + (1.0 - share) * inputs[order]
        features, stages = stage_outputs(self.featurizer, mixed)
        with torch.no_grad():
            _, taught = stage_outputs(self.teacher, mixed)
        logits = self.classifier(features)
        risk = share * cross_entropy(logits, labels) + (1.0 - share) * cross_entropy(logits, labels[order])
        pairs = zip(stages, taught, strict=True)
        apart = torch.stack([(channel_map(a) - channel_map(b)).square().sum(1).mean() for a, b in pairs]).mean()
        return risk + self.config.mixacm_weight * apart, {"nll": risk, "penalty": apart}


def channel_map(outputs: torch.Tensor) -> torch.Tensor:
    """How active each channel of [B, C, ...] is: the mean of its positive part, of unit length; [B, C]."""
    from torch.nn import functional

    active = outputs.clamp_min(0.0)
    return functional.normalize(active.flatten(2).mean(2) if active.ndim > 2 else active)


SPEC = declare(
    "mixacm",
    MixACM,
    "MixACM: mixup's risk, with channels as active as a robust teacher's on the mixed images.",
    ("Awais et al. 2021, arXiv 2111.05073", "Zhang et al. 2018, arXiv 1710.09412"),
    config=MixACMConfig,
    images_only=True,
)
