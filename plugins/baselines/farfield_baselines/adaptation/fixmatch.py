"""FixMatch (Sohn et al. 2020, arXiv 2001.07685), as WILDS 2.0 has it; on images, as features have no strong view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farfield_baselines.adaptation.self_training import (
    WILDS_2,
    ConfidentConfig,
    SelfTraining,
    StrongImageConfig,
    consistency,
)
from farfield_baselines.trained.core import NeedsUnlabeled, TensorBatch
from farfield_baselines.trained.declare import declare_on_images

if TYPE_CHECKING:
    import torch


class FixMatch(SelfTraining):
    """The risk, and the cross-entropy of strong views of unlabeled images with what weak ones surely are.

    The network is in training mode for both, as in WILDS.
    """

    def views(self) -> tuple[torch.Tensor, torch.Tensor]:
        """(weak, strong) views of the next unlabeled images, prepared."""
        from farfield_baselines.networks.inputs import to_inputs
        from farfield_baselines.networks.randaugment import mirrored, randaugment

        _, batch = self.stream.drawn()
        inputs, generator = to_inputs(batch.inputs, self.setup.device), self.stream.generator
        weak, strong = mirrored(inputs, generator), randaugment(inputs, generator)
        return self.config.prepared(weak), self.config.prepared(strong)

    def loss(self, batch: TensorBatch) -> torch.Tensor:
        import torch

        weak, strong = self.views()
        with torch.no_grad():
            teacher = self.logits(weak)
        outputs, others = self.both(batch.inputs, strong)
        config: ConfidentConfig = self.config
        risk = self.errors(outputs, batch).mean()
        return risk + config.consistency_weight * consistency(others, teacher, config.threshold)


SPEC = declare_on_images(
    "fixmatch",
    FixMatch,
    "FixMatch: the risk, and strong views of unlabeled images told as what weak views are predicted as",
    ("Sohn et al. 2020, arXiv 2001.07685", WILDS_2),
    config=ConfidentConfig,
    network=StrongImageConfig,
    held=NeedsUnlabeled,
    memory_gib=38.0,
)
