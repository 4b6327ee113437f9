"""The floor: proposals of the base detector, each named by the nearest mean of features that nobody fine-tuned.

Nearest class means on features of a frozen trunk, centred as in SimpleShot (Wang et al. 2019, arXiv 1911.04623), with
the objectness of proposals (Ren et al. 2015) in the place of a background class.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from farfield import AnnotatedImage, AnnotatedSet, Detections, setting
from farfield_baselines.few_shot_detection.classes import OfClasses
from farfield_baselines.few_shot_detection.core import Held
from farfield_baselines.few_shot_detection.declare import declare
from farfield_baselines.few_shot_detection.two_stage import CLASSES, SHOWN

if TYPE_CHECKING:
    import torch
    from torchvision.models.detection import FasterRCNN  # type: ignore[import-untyped]

Pixels = npt.NDArray[np.uint8]
SIMPLESHOT = "Wang et al. 2019, arXiv 1911.04623"
PROTOTYPES, CENTRE = "prototypes", "centre"  # buffers of the network: means of base classes, and of all base objects
MOST_EXAMPLES = 1 << 30  # of a novel class: all there are
LEAST_SCORE, OVERLAP = 0.01, 0.5  # of what is told, and of boxes of one class of which the likelier one is told


@dataclass(frozen=True, kw_only=True)
class PrototypeConfig:
    """How regions are named."""

    classes: str = setting("support", choices=SHOWN, help=CLASSES)
    scale: float = setting(20.0, ge=0.1, le=1000.0, help="What cosines are multiplied with before the softmax.")
    base_examples: int = setting(100, ge=1, le=100_000, help="Most objects of a base class of which the mean is taken.")


class Prototypes(Held):
    """A detector's proposals, named by the nearest class mean."""

    agnostic = True

    def make(self, name: str) -> FasterRCNN:
        from farfield_baselines.few_shot_detection.regions import trunk_width

        network = super().make(name)
        width, like = trunk_width(network), network.rpn.head.cls_logits.weight
        network.register_buffer(PROTOTYPES, like.new_zeros(len(self.base), width))
        network.register_buffer(CENTRE, like.new_zeros(width))
        return network

    def learn_base(self, scenes: AnnotatedSet) -> None:
        """The base training, for the proposals, and the means of base classes and of all their objects."""
        super().learn_base(scenes)
        means = self._means(scenes, self.context.config.base_examples)
        for place, mean in means.items():
            self.network.prototypes[place] = mean
        if means:
            self.network.centre.copy_(self.network.prototypes[list(means)].mean(dim=0))

    def fit_novel(self, support: AnnotatedSet) -> None:
        """The means of novel classes; a class without an example is not told."""
        means = {self.base[place]: mean for place, mean in enumerate(self.network.prototypes) if mean.any()}
        has_base = any(np.isin(scene.labels, self.base).any() for scene in support)
        if self.context.config.classes == "support" and not has_base:
            means = {}
        examples = self._means(OfClasses(support, self.novel), MOST_EXAMPLES)
        means |= {self.novel[place]: mean for place, mean in examples.items()}
        self.shown = tuple(sorted(means))
        self._rows = [means[label] for label in self.shown]

    def detect(self, images: Sequence[Pixels]) -> list[Detections]:
        """uint8 [H, W, 3] each -> proposals with the product of objectness and of the class's share, and the class."""
        import torch

        with torch.inference_mode():
            return [self.named(self._told(image)) for image in images]

    def _told(self, image: Pixels) -> Detections:
        from farfield_baselines.few_shot_detection.regions import best_of, proposals, scaled, trunk_features, trunk_maps

        nothing = AnnotatedImage(image=image, boxes=np.zeros((0, 4)), labels=np.zeros(0, np.int64))
        batch, _, _ = scaled(self.network, nothing, self.device)
        maps = trunk_maps(self.network, batch.tensors)
        boxes, objectness = proposals(self.network, batch, maps)
        shares = self._shares(trunk_features(batch, maps, boxes))
        told = best_of(boxes, objectness[:, None] * shares, LEAST_SCORE, OVERLAP, self.context.config.detections)
        [back] = self.network.transform.postprocess([told], batch.image_sizes, [image.shape[:2]])
        boxes, scores, labels = (back[name].cpu().numpy() for name in ("boxes", "scores", "labels"))
        return Detections(boxes=boxes, scores=scores, labels=labels)

    def _shares(self, features: torch.Tensor) -> torch.Tensor:
        """The softmax [R, K] over the classes shown of scaled cosines to their means, all taken from the centre."""
        import torch

        from farfield_baselines.networks.few_shot_heads import unit

        if not self._rows:
            return features.new_zeros(len(features), 0)
        rows, centre = torch.stack(self._rows), self.network.centre
        cosines = unit(features - centre) @ unit(rows - centre).T
        return torch.softmax(self.context.config.scale * cosines, dim=1)

    def _means(self, scenes: AnnotatedSet, most: int) -> dict[int, torch.Tensor]:
        """The mean feature of the first objects of each class, so many at most, by the label."""
        import torch

        from farfield_baselines.few_shot_detection.regions import scaled, trunk_features, trunk_maps

        rows: dict[int, list[torch.Tensor]] = {}
        with torch.no_grad():
            for scene in scenes:
                batch, boxes, labels = scaled(self.network, scene, self.device)
                maps = trunk_maps(self.network, batch.tensors)
                for label, row in zip(labels, trunk_features(batch, maps, boxes), strict=True):
                    if len(rows.setdefault(label, [])) < most:
                        rows[label].append(row)
        return {label: torch.stack(each).mean(dim=0) for label, each in rows.items()}


SPEC = declare(
    "fs-prototypes",
    Prototypes,
    "Proposals of a detector, named by the nearest class mean of a frozen trunk's features",
    (SIMPLESHOT,),
    settings=PrototypeConfig,
)
