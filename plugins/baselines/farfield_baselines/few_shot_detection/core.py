"""What few-shot detectors share: a detector of the base classes, its training and its keeping, and what is detected.

A method is a class on `Held` with `fit_novel`. The base phase is a job of its own for the runner: `fit_base` and
`save_base` in one, `load_base` and `fit_novel` in each of those after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import numpy.typing as npt

from farfield import AnnotatedSet, Detections, RunContext
from farfield_baselines.detection.core import Course, detections_in, train
from farfield_baselines.few_shot_detection import base_models
from farfield_baselines.few_shot_detection.classes import OfClasses, base_classes
from farfield_baselines.few_shot_detection.phases import InSteps, Phase, pace

if TYPE_CHECKING:
    from torch import nn
    from torchvision.models.detection import FasterRCNN  # type: ignore[import-untyped]

    from farfield_baselines.networks.few_shot_heads import LinearPredictor

Pixels = npt.NDArray[np.uint8]
SIZES_APART = 32  # pixels between the sides of which one is drawn in training
BASE = 0  # what tells the chance of the base phase from that of others


class Held:
    """A network that has learned the base classes, and that detects the classes `shown`, in the order of its outputs.

    kind: of the predictor while base classes are learned. agnostic: whether boxes and masks are the same for all
    classes. masked: whether it can tell masks; it has a mask head where the benchmark asks for masks. Everything random
    comes from the run's seed.
    """

    kind: ClassVar[str] = "fc"
    agnostic: ClassVar[bool] = False
    masked: ClassVar[bool] = False

    def __init__(self, network: str, context: RunContext) -> None:
        from farfield_baselines.networks.seeding import seeded

        self.context, self.device = context, context.device
        self.base = base_classes(context)
        self.novel = tuple(context.novel_classes)
        self.shown = self.base
        with seeded(self.device, context.seed):
            self.network = self.make(network).to(self.device)

    @property
    def masks(self) -> bool:
        """Whether masks are told."""
        return self.masked and self.context.masks

    def make(self, name: str) -> FasterRCNN:
        """The detector of the base classes before its training; a method of another network has its own."""
        from farfield_baselines.networks.faster_rcnn import Wanted, faster_rcnn
        from farfield_baselines.networks.mask_rcnn import add_masks

        config = self.context.config
        wanted = Wanted(
            network=name,
            classes=len(self.base),
            side=config.side,
            longest=max(config.side, config.longest),
            detections=config.detections,
            weights=getattr(config, "weights", ""),
            trunk_only=True,
        )
        network = faster_rcnn(wanted)
        if 0 < config.least_side < config.side:
            network.transform.min_size = (*range(config.least_side, config.side, SIZES_APART), config.side)
        if self.masks:
            add_masks(network, len(self.base), agnostic=self.agnostic)
        inputs = network.roi_heads.box_predictor.cls_score.in_features
        network.roi_heads.box_predictor = self.predictor(self.kind, inputs, len(self.base))
        return network

    def predictor(self, kind: str, inputs: int, classes: int) -> LinearPredictor:
        """New last layers for so many classes."""
        from farfield_baselines.networks.few_shot_heads import SCALE, predictor

        scale = getattr(self.context.config, "scale", SCALE)
        return predictor(kind, inputs, classes, agnostic=self.agnostic, scale=scale)

    def fit_base(self, base: AnnotatedSet) -> None:
        """Learn the base classes from what the base set has of them; objects of novel classes are not looked at."""
        self.learn_base(OfClasses(base, self.base))

    def learn_base(self, scenes: AnnotatedSet) -> None:
        """The base training on images whose labels are positions in `base`."""
        self.train(scenes, self.context.config.base_phase(), BASE)

    def train(self, scenes: AnnotatedSet, phase: Phase, *more: int) -> None:
        """Train what of the network takes gradients. `more` tells the chance of one phase from that of others."""
        seed = (self.context.seed, *more)
        course = Course(config=phase, seed=seed, device=self.device, progress=self.context.progress, pace=pace)
        for _ in train(self.network, scenes, InSteps(phase, 1, self.device), course):
            pass

    def save_base(self, folder: Path) -> None:
        """Write what the base phase has learned, as plain files."""
        base_models.save(folder, self.network.state_dict(), self.base)

    def load_base(self, folder: Path) -> None:
        """Take what `save_base` wrote. Raises ConfigError where it is of other classes or settings."""
        tensors = base_models.load(folder, self.network.state_dict(), self.base)
        self.network.load_state_dict(tensors, strict=False)

    def detect(self, images: Sequence[Pixels]) -> list[Detections]:
        """uint8 [H, W, 3] each -> boxes in its pixels, scores of at least 0.05, label numbers, and masks if asked."""
        return [self.named(each) for each in detections_in(self.network, images, self.device)]

    def named(self, told: Detections) -> Detections:
        """With label numbers of the benchmark for positions in `shown`."""
        labels = np.asarray(self.shown, np.int64)[told.labels]
        return Detections(boxes=told.boxes, scores=told.scores, labels=labels, masks=told.masks)


def freeze(modules: Iterable[nn.Module], *, but: Iterable[nn.Module] = ()) -> None:
    """No parameter of the first takes gradients, unless it is of the second."""
    for module in modules:
        module.requires_grad_(False)
    for module in but:
        module.requires_grad_(True)


def rows_of(shown: Sequence[int], taken: Sequence[int]) -> dict[int, int]:
    """Which output of a predictor of `shown` is which one of a predictor of `taken`, for the classes in both.

    >>> rows_of((2, 5, 7), (7, 2))
    {1: 2, 3: 1}
    """
    theirs = {label: row for row, label in enumerate(taken, 1)}
    return {row: theirs[label] for row, label in enumerate(shown, 1) if label in theirs}
