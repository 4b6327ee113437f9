"""The settings of detectors: of the network and of its training, without a line of torch.

Those with ResNet-50 are WILDS' for GlobalWheat (Koh et al. 2021, arXiv 2012.07421, appendix E); the small network's
are ours.
"""

from __future__ import annotations

from dataclasses import dataclass

from farfield import setting
from farfield_baselines.trained.config import OPTIMIZERS, SCHEDULES

SELECTIONS = ("last", "average", "domain-mean", "worst-domain")


@dataclass(frozen=True, kw_only=True)
class DetectorConfig:
    """How images are scaled, how long and how fast is trained, and which epoch is kept."""

    side: int = setting(320, ge=64, le=2048, help="Pixels to which the shorter side of an image is scaled.")
    longest: int = setting(640, ge=64, le=4096, help="Most pixels of the longer side; the shorter one then has fewer.")
    detections: int = setting(100, ge=1, le=300, help="Most detections in one image.")
    epochs: int = setting(12, ge=1, le=1000, help="Passes over the training set.")
    batch: int = setting(4, ge=1, le=256, help="Images a step; fewer where the training set has fewer.")
    lr: float = setting(1e-3, ge=0.0, le=10.0, help="Learning rate.")
    weight_decay: float = setting(0.0, ge=0.0, le=1.0, help="L2 penalty in the optimizer; decoupled in adamw.")
    optimizer: str = setting("adam", choices=OPTIMIZERS, help="Which optimizer.")
    momentum: float = setting(0.9, ge=0.0, le=0.999, help="Momentum of sgd.")
    schedule: str = setting("cosine", choices=SCHEDULES, help="How the learning rate moves.")
    gamma: float = setting(0.96, ge=0.0, le=1.0, help="Factor of the schedule step after each epoch.")
    warm_up: int = setting(0, ge=0, le=1_000_000, help="Steps of linear warm-up of the schedules cosine and linear.")
    mirror: bool = setting(True, help="Training images are mirrored left to right half of the time.")
    select: str = setting(
        "domain-mean",
        choices=SELECTIONS,
        help="Detection accuracy on the benchmark's validation set that says which epoch is kept; last without one.",
    )


@dataclass(frozen=True, kw_only=True)
class ResNetConfig(DetectorConfig):
    """WILDS' settings for GlobalWheat, with ResNet-50."""

    weights: str = setting(
        "", max_length=1000, help="File of a detector's or an ImageNet ResNet-50's weights; empty starts from scratch."
    )
    side: int = setting(1024, ge=64, le=2048, help="Pixels to which the shorter side of an image is scaled.")
    longest: int = setting(1024, ge=64, le=4096, help="Most pixels of the longer side; the shorter one then has fewer.")
    lr: float = setting(1e-5, ge=0.0, le=10.0, help="Learning rate.")
    weight_decay: float = setting(1e-3, ge=0.0, le=1.0, help="L2 penalty in the optimizer; decoupled in adamw.")
    schedule: str = setting("none", choices=SCHEDULES, help="How the learning rate moves.")
    mirror: bool = setting(False, help="Training images are mirrored left to right half of the time.")
