"""DeFRCN: a Faster R-CNN whose parts are decoupled, fine-tuned as a whole, with scores that are calibrated.

Qiao et al. 2021, arXiv 2108.09017, and the authors' configurations for COCO: the head of proposals never changes the
maps, that of boxes changes them by .75 of its gradient in the base phase and by .01 in the novel one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import numpy.typing as npt

from farfield import AnnotatedSet, Detections, RunContext, setting
from farfield_baselines.few_shot_detection.classes import OfClasses
from farfield_baselines.few_shot_detection.core import Held, freeze, rows_of
from farfield_baselines.few_shot_detection.declare import declare
from farfield_baselines.few_shot_detection.two_stage import CLASSES, HEADS, NOVEL, SHOWN, Examples, by_shots
from farfield_baselines.trained.config import OPTIMIZERS

if TYPE_CHECKING:
    from torchvision.models.detection import FasterRCNN  # type: ignore[import-untyped]

    from farfield_baselines.few_shot_detection.calibration import Calibrating, Classifier, Prototypes
    from farfield_baselines.networks.few_shot_heads import LinearPredictor

Pixels = npt.NDArray[np.uint8]
QIAO = "Qiao et al. 2021, arXiv 2108.09017"
STEPS = "Steps of the novel phase; 0: the authors' for COCO, by the number of examples."
BATCH = "Images a step of the novel phase."
RATE = "Learning rate of the novel phase."
OPTIMIZER = "Optimizer of the novel phase; adam would undo the share of a gradient, for it divides by its size."
ALPHA = "How much of a score stays as it is when it is calibrated; 1: nothing is calibrated."


@dataclass(frozen=True, kw_only=True)
class DecoupledConfig:
    """How gradients are decoupled, how novel classes are learned, and how scores are calibrated."""

    NOVEL_STEPS: ClassVar[Mapping[int, int]] = {1: 1000, 2: 1500, 3: 2000, 5: 2500, 10: 2500, 30: 4000}
    JOINT_STEPS: ClassVar[Mapping[int, int]] = {1: 3200, 2: 4000, 3: 4800, 5: 6000, 10: 6000, 30: 12_000}
    NOVEL_DROPS: ClassVar[tuple[float, ...]] = (0.8,)

    classes: str = setting("support", choices=SHOWN, help=CLASSES)
    rpn_gradient: float = setting(0.0, ge=0.0, le=1.0, help="Share of the proposals' gradient that reaches the maps.")
    base_gradient: float = setting(0.75, ge=0.0, le=1.0, help="Share of the boxes' gradient in the base phase.")
    novel_gradient: float = setting(0.01, ge=0.0, le=1.0, help="Share of the boxes' gradient in the novel phase.")
    novel_steps: int = setting(150, ge=0, le=1_000_000, help=STEPS)
    novel_lr: float = setting(1e-2, ge=0.0, le=10.0, help=RATE)
    novel_batch: int = setting(8, ge=1, le=256, help=BATCH)
    novel_optimizer: str = setting("sgd", choices=OPTIMIZERS, help=OPTIMIZER)
    dropout: float = setting(0.8, ge=0.0, le=0.99, help="Share of features that the novel phase's classifier misses.")
    alpha: float = setting(0.5, ge=0.0, le=1.0, help=ALPHA)
    lowest: float = setting(0.05, ge=0.0, le=1.0, help="Scores above it are calibrated.")
    highest: float = setting(1.0, ge=0.0, le=1.0, help="Scores above it are not calibrated.")


@dataclass(frozen=True, kw_only=True)
class DecoupledOnResNet(DecoupledConfig):
    """The authors' for COCO."""

    weight_decay: float = setting(5e-5, ge=0.0, le=1.0, help="L2 penalty in the optimizer; decoupled in adamw.")
    novel_steps: int = setting(0, ge=0, le=1_000_000, help=STEPS)
    novel_batch: int = setting(16, ge=1, le=256, help=BATCH)


class Decoupled(Held):
    """A detector with gradient decoupled layers and a calibration block."""

    def __init__(self, network: str, context: RunContext) -> None:
        super().__init__(network, context)
        self._prototypes: Prototypes = {}
        self._classifier: Classifier | None = None

    def make(self, name: str) -> FasterRCNN:
        from farfield_baselines.networks.gradient_decoupling import decouple

        network, config = super().make(name), self.context.config
        decouple(network, config.rpn_gradient, config.base_gradient)
        return network

    def fit_novel(self, support: AnnotatedSet) -> None:
        """Fine-tune all but the box head, and take the prototypes of novel classes."""
        from farfield_baselines.few_shot_detection.calibration import Classifier, prototypes

        examples, config = Examples.of(support, self.novel), self.context.config
        everything = examples.has_base or config.classes == "all"
        self._show(tuple(range(self.context.class_count)) if everything else self.novel)
        self.network.roi_heads.decoupled.factor = config.novel_gradient
        freeze([self.network.roi_heads.box_head])
        table = config.JOINT_STEPS if examples.has_base else config.NOVEL_STEPS
        steps = config.novel_steps or by_shots(table, examples.shots)
        phase = config.phase(steps, config.novel_batch, config.novel_lr, drops=config.NOVEL_DROPS)
        self.train(OfClasses(support, self.shown), replace(phase, optimizer=config.novel_optimizer), NOVEL)
        if config.alpha < 1:
            self._classifier = Classifier(config.side, self.device)
            told = prototypes(self._classifier, OfClasses(support, self.novel))
            self._prototypes = {self.novel[place]: row for place, row in told.items()}

    def detect(self, images: Sequence[Pixels]) -> list[Detections]:
        """uint8 [H, W, 3] each -> boxes, scores calibrated for novel classes, and label numbers."""
        told = super().detect(images)
        if self._classifier is None:
            return told
        from farfield_baselines.few_shot_detection.calibration import calibrated

        return [
            calibrated(each, image, self._prototypes, self._classifier, self._calibrating)
            for each, image in zip(told, images, strict=True)
        ]

    @property
    def _calibrating(self) -> Calibrating:
        from farfield_baselines.few_shot_detection.calibration import Calibrating

        config = self.context.config
        return Calibrating(alpha=config.alpha, lowest=config.lowest, highest=config.highest)

    def _show(self, shown: Sequence[int]) -> None:
        """Last layers for these classes: those of base classes and background as they were, where base are shown."""
        from farfield_baselines.networks.few_shot_heads import copy_rows
        from farfield_baselines.networks.seeding import seeded

        heads = self.network.roi_heads
        with seeded(self.device, self.context.seed, HEADS, len(shown)):
            made = self._novel_predictor(heads.box_predictor.cls_score.in_features, len(shown)).to(self.device)
        known: dict[int, int] = rows_of(shown, self.base)
        if known:
            copy_rows(heads.box_predictor, made, {0: 0, **known})
        heads.box_predictor, self.shown = made, tuple(shown)

    def _novel_predictor(self, inputs: int, classes: int) -> LinearPredictor:
        from farfield_baselines.networks.few_shot_heads import DropoutPredictor

        return DropoutPredictor(inputs, classes, dropout=self.context.config.dropout)


SPEC = declare(
    "defrcn",
    Decoupled,
    "DeFRCN, a decoupled Faster R-CNN that is fine-tuned as a whole and whose scores are calibrated",
    (QIAO,),
    settings=DecoupledConfig,
    large=DecoupledOnResNet,
)
