"""What detectors share that learn from outliers: the benchmark's part `unlabeled`, a batch of it at each step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield import TrainingSet, setting
from farfield_baselines.ood_training.core import Detecting, DetectorConfig
from farfield_baselines.trained import sampling
from farfield_baselines.trained.core import Ints, Setup

if TYPE_CHECKING:
    import numpy as np
    import torch


@dataclass(frozen=True, kw_only=True)
class OutlierConfig(DetectorConfig):
    """How many outliers a step has, and how much they count."""

    outlier_batch: int = setting(0, ge=0, le=4096, help="Outliers a step; 0: as many as ID images.")


class WithOutliers(Detecting):
    """A classifier with batches of outliers at hand. Raises ValueError where there are none."""

    def __init__(self, setup: Setup) -> None:
        from farfield_baselines.trained.unlabeled import Stream

        super().__init__(setup)
        if setup.unlabeled is None:
            raise ValueError("this detector learns from outliers, the part `unlabeled`, and this benchmark has none")
        self.outside = setup.unlabeled
        self.stream = Stream(self, self.outside, self.outlier_order)

    def outlier_order(self, part: TrainingSet, epoch: int, rng: np.random.Generator) -> Iterator[Ints]:
        """The positions of each batch of outliers."""
        return sampling.shuffled(len(part), self.config.outlier_batch or self.config.batch, rng)

    def with_outliers(self, inputs: torch.Tensor) -> torch.Tensor:
        """The inputs, and the next outliers behind them: the network sees both in one batch, as in OpenOOD."""
        import torch

        return torch.cat([inputs, self.stream.next().inputs])
