"""MTFA: TFA on Mask R-CNN, with a mask for each class (Ganea et al. 2021, CVPR, "Incremental Few-Shot Instance
Segmentation"), as the authors' files `..._ft_fsdet_cos_...` have it. Later papers call its figures iMTFA's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from farfield import setting
from farfield_baselines.few_shot_detection.declare import declare
from farfield_baselines.few_shot_detection.tfa_cos import CosineConfig, CosineOnResNet
from farfield_baselines.few_shot_detection.two_stage import TwoStage

GANEA = "Ganea et al. 2021, Incremental Few-Shot Instance Segmentation, CVPR"
MASKS = "He et al. 2017, arXiv 1703.06870"


@dataclass(frozen=True, kw_only=True)
class MTFAOnResNet(CosineOnResNet):
    """The authors' for COCO with ResNet-50."""

    NOVEL_STEPS: ClassVar[Mapping[int, int]] = {1: 1000, 2: 3000, 3: 3000, 5: 3000, 10: 4000, 30: 12_000}
    JOINT_STEPS: ClassVar[Mapping[int, int]] = {1: 20_000, 5: 72_000, 10: 96_000}
    JOINT_DROPS: ClassVar[tuple[float, ...]] = ()
    JOINT_WARM_UP: ClassVar[int] = 0

    base_steps: int = setting(220_000, ge=1, le=1_000_000, help="Steps of the base phase.")
    base_batch: int = setting(8, ge=1, le=256, help="Images a step of the base phase.")
    base_lr: float = setting(0.01, ge=0.0, le=10.0, help="Learning rate of the base phase.")
    novel_lr: float = setting(5e-3, ge=0.0, le=10.0, help="Learning rate of the novel phase.")
    joint_lr: float = setting(5e-4, ge=0.0, le=10.0, help="Learning rate of the joint phase.")
    novel_batch: int = setting(8, ge=1, le=256, help="Images a step of both phases.")


class MaskTwoStage(TwoStage):
    """Cosines in both phases; of the masks the last layer is learned, too."""

    final, first = "cosine", "cosine"
    masked = True


SPEC = declare(
    "mtfa",
    MaskTwoStage,
    "Two-stage fine-tuning of Mask R-CNN's last layers with a cosine classifier",
    (GANEA, MASKS),
    settings=CosineConfig,
    large=MTFAOnResNet,
)
