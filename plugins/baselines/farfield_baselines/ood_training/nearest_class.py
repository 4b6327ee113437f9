"""What detectors share that learn unit projections: the score is the distance of features to the nearest class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from farfield_baselines.ood_training.core import Detecting

if TYPE_CHECKING:
    import torch
    from torch import nn

WIDTH = 128  # of the projection, OpenOOD's


class Projecting(Detecting):
    """A projection to the sphere in place of a classifier."""

    def make_classifier(self) -> nn.Module:
        """The projection."""
        from torch import nn

        width = self.featurizer.width
        return nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, WIDTH))

    def projected(self, inputs: torch.Tensor) -> torch.Tensor:
        """Unit projections [B, 128]."""
        from torch.nn import functional

        return functional.normalize(self.classifier(self.featurizer(inputs)), dim=1)

    def features(self, inputs: torch.Tensor) -> torch.Tensor:
        """Unit features before the projection [B, D]."""
        from torch.nn import functional

        return functional.normalize(self.featurizer(inputs), dim=1)


class NearestClass(Projecting):
    """The logits are minus half the squared Mahalanobis distances of features to the classes; the score the highest.

    The covariance is that within classes, of the training images. A class without a training image is never the best.
    """

    def finish(self) -> None:
        from farfield_baselines.ood_detection.gaussians import gaussians

        train, device = self.setup.train, self.setup.device
        self.gaussians = gaussians(self.over(train, self.features), train.labels, device)
        self.occurring = np.unique(train.labels).tolist()

    def logits(self, inputs: torch.Tensor) -> torch.Tensor:
        nearness = -self.gaussians.distances(self.features(inputs))
        logits = nearness.amin(dim=1, keepdim=True).repeat(1, self.setup.outputs)
        logits[:, self.occurring] = nearness
        return logits

    def judge(self, inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        logits = self.logits(inputs)
        return logits.amax(dim=1), logits
