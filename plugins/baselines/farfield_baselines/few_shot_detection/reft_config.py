"""The settings of query-based segmenters: of the network and of its two trainings, without a line of torch.

Those with ResNet-50 are Mask2Former's for COCO (Cheng et al. 2022, arXiv 2112.01527); RefT's own fine-tuning is not
published, so the novel phase is ours in both, as is everything of the small network.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from farfield import setting
from farfield_baselines.few_shot_detection.phases import SCHEDULES, Phase
from farfield_baselines.trained.config import OPTIMIZERS

TUNED = ("all", "novel-rows")
COSINE = "Classes are told by the cosine with a row each, else by a linear layer."
PLACES = "Most places of a mask at which it is compared in training."
TUNED_HELP = "What fine-tuning moves: all, or only the classifier's rows of novel classes."


@dataclass(frozen=True, kw_only=True)
class SegmenterConfig:
    """How large the network and its frames are, and how it learns."""

    LARGE: ClassVar[bool] = False
    DROPS: ClassVar[tuple[float, ...]] = (327_778 / 368_750, 355_092 / 368_750)  # of Mask2Former's steps on COCO

    side: int = setting(160, ge=64, le=2048, help="Pixels of the longer side of an image; up to a multiple of 32.")
    width: int = setting(64, ge=16, le=512, help="Channels of the pixel decoder and of queries; a multiple of 8.")
    layers: int = setting(3, ge=1, le=12, help="Layers of the decoder.")
    queries: int = setting(24, ge=1, le=1000, help="Object queries of an image.")
    hidden: int = setting(128, ge=8, le=4096, help="Width of the feed-forward layers.")
    cosine: bool = setting(True, help=COSINE)
    detections: int = setting(100, ge=1, le=300, help="Most detections in one image.")
    base_steps: int = setting(300, ge=1, le=1_000_000, help="Steps of the base phase.")
    base_batch: int = setting(8, ge=1, le=256, help="Images a step of the base phase.")
    base_lr: float = setting(1e-3, ge=0.0, le=10.0, help="Learning rate of the base phase.")
    novel_steps: int = setting(80, ge=0, le=1_000_000, help="Steps of fine-tuning.")
    novel_batch: int = setting(8, ge=1, le=256, help="Images a step of fine-tuning.")
    novel_lr: float = setting(1e-4, ge=0.0, le=10.0, help="Learning rate of fine-tuning.")
    optimizer: str = setting("adamw", choices=OPTIMIZERS, help="Which optimizer, in both phases.")
    momentum: float = setting(0.9, ge=0.0, le=0.999, help="Momentum of sgd.")
    weight_decay: float = setting(1e-4, ge=0.0, le=1.0, help="L2 penalty in the optimizer; decoupled in adamw.")
    schedule: str = setting("cosine", choices=SCHEDULES, help="How the learning rate moves in a phase.")
    warm_up: int = setting(20, ge=0, le=1_000_000, help="Steps of linear warm-up of the base phase.")
    mirror: bool = setting(True, help="Training images are mirrored left to right half of the time.")
    no_object: float = setting(0.1, ge=0.0, le=1.0, help="Weight of no object among the classes.")
    places: int = setting(12544, ge=16, le=1_000_000, help=PLACES)

    def base_phase(self) -> Phase:
        """The base training."""
        return self._phase(self.base_steps, self.base_batch, self.base_lr, self.warm_up)

    def novel_phase(self) -> Phase:
        """Fine-tuning on the support set."""
        return self._phase(self.novel_steps, self.novel_batch, self.novel_lr, 0)

    def _phase(self, steps: int, batch: int, lr: float, warm_up: int) -> Phase:
        return Phase.by(self, steps, batch, lr, drops=self.DROPS, warm_up=warm_up)


@dataclass(frozen=True, kw_only=True)
class LargeConfig(SegmenterConfig):
    """Mask2Former's sizes and training for COCO, with ResNet-50."""

    LARGE: ClassVar[bool] = True

    weights: str = setting("", max_length=1000, help="File of ImageNet ResNet-50's weights; empty starts from scratch.")
    side: int = setting(1024, ge=64, le=2048, help="Pixels of the longer side of an image; up to a multiple of 32.")
    width: int = setting(256, ge=16, le=512, help="Channels of the pixel decoder and of queries; a multiple of 8.")
    layers: int = setting(9, ge=1, le=12, help="Layers of the decoder.")
    queries: int = setting(100, ge=1, le=1000, help="Object queries of an image.")
    hidden: int = setting(2048, ge=8, le=4096, help="Width of the feed-forward layers.")
    cosine: bool = setting(False, help=COSINE)
    base_steps: int = setting(368_750, ge=1, le=1_000_000, help="Steps of the base phase.")
    base_batch: int = setting(16, ge=1, le=256, help="Images a step of the base phase.")
    base_lr: float = setting(1e-4, ge=0.0, le=10.0, help="Learning rate of the base phase.")
    novel_steps: int = setting(4000, ge=0, le=1_000_000, help="Steps of fine-tuning.")
    novel_batch: int = setting(16, ge=1, le=256, help="Images a step of fine-tuning.")
    novel_lr: float = setting(1e-4, ge=0.0, le=10.0, help="Learning rate of fine-tuning.")
    weight_decay: float = setting(0.05, ge=0.0, le=1.0, help="L2 penalty in the optimizer; decoupled in adamw.")
    schedule: str = setting("drops", choices=SCHEDULES, help="How the learning rate moves in a phase.")
    warm_up: int = setting(10, ge=0, le=1_000_000, help="Steps of linear warm-up of the base phase.")


@dataclass(frozen=True, kw_only=True)
class ReftConfig:
    """What RefT takes of a support set; without centres and link it is the segmenter alone."""

    centres: bool = setting(True, help="Class centres from support masks re-weight the features of an image.")
    query_link: bool = setting(True, help="Object queries of the support set are linked by cross-attention.")
    episode: int = setting(4, ge=1, le=64, help="Images of each training step that are the others' support set.")
    linked: int = setting(4, ge=1, le=100, help="Object queries of each support image that are linked: the best ones.")
    tuned: str = setting("novel-rows", choices=TUNED, help=TUNED_HELP)
    novel_lr: float = setting(5e-4, ge=0.0, le=10.0, help="Learning rate of fine-tuning.")


@dataclass(frozen=True, kw_only=True)
class LargeReftConfig(ReftConfig):
    """As the paper has it, where its baseline fine-tunes all."""

    tuned: str = setting("all", choices=TUNED, help=TUNED_HELP)
    novel_lr: float = setting(1e-4, ge=0.0, le=10.0, help="Learning rate of fine-tuning.")
