"""The settings of few-shot detectors: of the network and of its base training, without a line of torch.

Those with a ResNet are TFA's for COCO (Wang et al. 2020, arXiv 2003.06957, and the authors' configurations); the small
network's are ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from farfield import setting
from farfield_baselines.few_shot_detection.phases import SCHEDULES, Phase
from farfield_baselines.trained.config import OPTIMIZERS

LEAST_SIDE = "Fewest pixels of the shorter side in training, drawn in steps of 32; 0: always `side`."
SCHEDULE = "How the learning rate moves in a phase; drops are where the authors have them."
WEIGHTS = "File of the ResNet's ImageNet weights, without a detector; empty starts from scratch."


@dataclass(frozen=True, kw_only=True)
class FewShotConfig:
    """How images are scaled, and how the base classes are learned."""

    BASE_DROPS: ClassVar[tuple[float, ...]] = (85 / 110, 100 / 110)  # of TFA's 110,000 steps on COCO

    side: int = setting(256, ge=64, le=2048, help="Pixels to which the shorter side of an image is scaled.")
    longest: int = setting(512, ge=64, le=4096, help="Most pixels of the longer side; the shorter one then has fewer.")
    least_side: int = setting(0, ge=0, le=2048, help=LEAST_SIDE)
    detections: int = setting(100, ge=1, le=300, help="Most detections in one image.")
    base_steps: int = setting(300, ge=1, le=1_000_000, help="Steps of the base phase.")
    base_batch: int = setting(4, ge=1, le=256, help="Images a step of the base phase.")
    base_lr: float = setting(1e-3, ge=0.0, le=10.0, help="Learning rate of the base phase.")
    optimizer: str = setting("adam", choices=OPTIMIZERS, help="Which optimizer, in all phases.")
    momentum: float = setting(0.9, ge=0.0, le=0.999, help="Momentum of sgd.")
    weight_decay: float = setting(0.0, ge=0.0, le=1.0, help="L2 penalty in the optimizer; decoupled in adamw.")
    schedule: str = setting("cosine", choices=SCHEDULES, help=SCHEDULE)
    warm_up: int = setting(0, ge=0, le=1_000_000, help="Steps of linear warm-up of the base phase.")
    mirror: bool = setting(True, help="Training images are mirrored left to right half of the time.")

    def phase(self, steps: int, batch: int, lr: float, *, drops: tuple[float, ...] = (), warm_up: int = 0) -> Phase:
        """A phase by these settings."""
        return Phase.by(self, steps, batch, lr, drops=drops, warm_up=warm_up)

    def base_phase(self) -> Phase:
        """The base training."""
        return self.phase(self.base_steps, self.base_batch, self.base_lr, drops=self.BASE_DROPS, warm_up=self.warm_up)


@dataclass(frozen=True, kw_only=True)
class ResNetConfig(FewShotConfig):
    """TFA's settings for COCO, with a ResNet and a feature pyramid."""

    weights: str = setting("", max_length=1000, help=WEIGHTS)
    side: int = setting(800, ge=64, le=2048, help="Pixels to which the shorter side of an image is scaled.")
    longest: int = setting(1333, ge=64, le=4096, help="Most pixels of the longer side; the shorter one then has fewer.")
    least_side: int = setting(640, ge=0, le=2048, help=LEAST_SIDE)
    base_steps: int = setting(110_000, ge=1, le=1_000_000, help="Steps of the base phase.")
    base_batch: int = setting(16, ge=1, le=256, help="Images a step of the base phase.")
    base_lr: float = setting(0.02, ge=0.0, le=10.0, help="Learning rate of the base phase.")
    optimizer: str = setting("sgd", choices=OPTIMIZERS, help="Which optimizer, in all phases.")
    weight_decay: float = setting(1e-4, ge=0.0, le=1.0, help="L2 penalty in the optimizer; decoupled in adamw.")
    schedule: str = setting("drops", choices=SCHEDULES, help=SCHEDULE)
    warm_up: int = setting(1000, ge=0, le=1_000_000, help="Steps of linear warm-up of the base phase.")
