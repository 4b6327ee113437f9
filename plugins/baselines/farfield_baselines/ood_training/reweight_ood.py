"""ReweightOOD: a contrast in which pairs that are wrong by more count more (Regmi et al. 2024, CVPR workshops)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield import setting
from farfield_baselines.ood_training.core import DetectorConfig, detector
from farfield_baselines.ood_training.nearest_class import NearestClass
from farfield_baselines.trained.core import TensorBatch

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class Config(DetectorConfig):
    """OpenOOD's settings."""

    temperature: float = setting(0.1, ge=0.001, le=10.0, help="Weighted cosines are divided by it.")
    same_slope: float = setting(2.0, ge=0.0, le=100.0, help="Slope of the weight of a pair of one class.")
    same_shift: float = setting(1.0, ge=-100.0, le=100.0, help="Shift of it.")
    other_slope: float = setting(5.0, ge=0.0, le=100.0, help="Slope of the weight of a pair of two classes.")
    other_shift: float = setting(4.0, ge=-100.0, le=100.0, help="Shift of it.")


class ReweightOOD(NearestClass):
    """Projections of one class together and of two apart."""

    def loss(self, batch: TensorBatch) -> torch.Tensor:
        from farfield_baselines.networks.ood_contrast import reweighted

        config = self.config
        same, other = (config.same_slope, config.same_shift), (config.other_slope, config.other_shift)
        return reweighted(self.projected(batch.inputs), batch.labels, config.temperature, same=same, other=other)


SPEC = detector(
    "reweight-ood",
    ReweightOOD,
    "A contrast of weighted pairs, and the distance to the nearest class (ReweightOOD)",
    ("Regmi et al. 2024, CVPR workshops",),
    Config,
)
