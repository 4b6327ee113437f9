"""Faster R-CNN as a noisy student (Xie et al. 2020, arXiv 1911.04252), as WILDS trains it with unlabeled pictures.

Sagawa et al. 2022, arXiv 2112.05090: a teacher learns from the training set. What it finds in the unlabeled pictures
with a score above 0.5 are their boxes, and a student that begins as the teacher learns from both, as many of either a
step. On boxes there is no dropout; the noise is that of mirroring.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from farfield import AnnotatedImage, AnnotatedSet, Detections, setting
from farfield_baselines.detection.core import Held, Ints, Recipe
from farfield_baselines.detection.declare import declare
from farfield_baselines.trained.config import SCHEDULES

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How often a student is the next teacher, and what it is taught."""

    generations: int = setting(2, ge=1, le=10, help="Students after the first teacher.")
    threshold: float = setting(0.5, ge=0.0, le=1.0, help="Boxes of the teacher with a higher score are taken.")
    schedule: str = setting("fixmatch", choices=SCHEDULES, help="How the learning rate moves.")


class PseudoLabeled(Sequence[AnnotatedImage]):
    """The training set, and after it the unlabeled images with what a detector found in them."""

    def __init__(self, train: AnnotatedSet, unlabeled: AnnotatedSet, boxes: Sequence[Detections]) -> None:
        self._train, self._unlabeled, self._boxes = train, unlabeled, boxes
        self.domains: Ints = np.concatenate([train.domains, unlabeled.domains])
        self.labeled = len(train)

    def __len__(self) -> int:
        return len(self.domains)

    def __getitem__(self, place):  # type: ignore[no-untyped-def]  # as of a list: one, or a list of some
        if isinstance(place, slice):
            return [self[number] for number in range(*place.indices(len(self)))]
        number = range(len(self))[place] - self.labeled
        if number < 0:
            return self._train[number + self.labeled]
        scene, told = self._unlabeled[number], self._boxes[number]
        return AnnotatedImage(image=scene.image, boxes=told.boxes, labels=told.labels, domain=scene.domain)


class BothHalves(Recipe):
    """A step sees a batch of each; their mean losses are added. An epoch is one of the training set.

    labeled: how many of the images, the first ones, are the training set.
    """

    def __init__(self, config: Any, domains: int, device: str, labeled: int = 0) -> None:
        super().__init__(config, domains, device)
        self.labeled = labeled

    def length(self, domains: Ints) -> int:
        return self.labeled

    def order(self, domains: Ints, rng: np.random.Generator) -> Iterator[Ints]:
        others = self.labeled + rng.permutation(len(domains) - self.labeled)
        for number, positions in enumerate(super().order(domains[: self.labeled], rng)):
            taken = number * self.config.batch + np.arange(len(positions))
            yield np.concatenate([positions, others.take(taken, mode="wrap")])

    def objective(self, losses: torch.Tensor, domains: torch.Tensor) -> torch.Tensor:
        half = len(losses) // 2
        return losses[:half].mean() + losses[half:].mean()


class NoisyStudent(Held):
    """A teacher, and then students, each the teacher of the next."""

    def fit(self, train: AnnotatedSet, *, unlabeled: AnnotatedSet, val: AnnotatedSet | None = None) -> None:
        """Learn from `train`, and then from what is found in `unlabeled` too; `val` says which epochs are kept."""
        config = self.context.config
        self.learn(train, Recipe, val)
        for generation in range(1, config.generations + 1):
            boxes = [self._sure(scene) for scene in unlabeled]
            student = partial(BothHalves, labeled=len(train))
            self.learn(PseudoLabeled(train, unlabeled, boxes), student, val, generation)

    def _sure(self, scene: AnnotatedImage) -> Detections:
        told = self.detect([scene.image])[0]
        kept = told.scores > self.context.config.threshold
        return Detections(boxes=told.boxes[kept], scores=told.scores[kept], labels=told.labels[kept])


SPEC = declare(
    "faster-rcnn-noisy-student",
    BothHalves,
    "Faster R-CNN that teaches itself on unlabeled pictures, as a noisy student",
    ("Xie et al. 2020, arXiv 1911.04252", "Sagawa et al. 2022, arXiv 2112.05090"),
    settings=Settings,
    held=NoisyStudent,
)
