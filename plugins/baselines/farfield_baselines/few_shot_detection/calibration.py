"""The prototypical calibration block: scores moved by what an ImageNet classifier says of the same boxes.

DeFRCN, Qiao et al. 2021, arXiv 2108.09017, section 4.2. The classifier is EfficientNet-Lite0 whatever the detector is;
the authors' is a ResNet-101. Nothing of it is trained, and nothing of it is in the base model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional
from torchvision.ops import roi_align  # type: ignore[import-untyped]

from farfield import AnnotatedImage, Detections
from farfield_baselines.networks import lite0
from farfield_baselines.networks.faster_rcnn import to_pixels

Floats = npt.NDArray[np.float64]
STRIDE = 32  # pixels of a side of what a place of the classifier's last map is of


@dataclass(frozen=True, kw_only=True)
class Calibrating:
    """How much of a score stays (`alpha`), and which scores are moved: those in (lowest, highest]."""

    alpha: float
    lowest: float
    highest: float

    def moved(self, scores: Floats, cosines: Floats) -> Floats:
        """alpha * score + (1 - alpha) * cosine for scores [N] in the range, and the others as they are; in 0 to 1.

        A cosine that is not a number, that of a class without a prototype, leaves the score alone.
        """
        mixed = np.clip(self.alpha * scores + (1 - self.alpha) * cosines, 0.0, 1.0)
        fitting = (scores > self.lowest) & (scores <= self.highest) & ~np.isnan(cosines)
        return np.where(fitting, mixed, scores)


class Classifier:
    """What Lite0, trained on ImageNet-1k, says of boxes: its last map, pooled in a box, through its classifier."""

    def __init__(self, side: int, device: str) -> None:
        self._side, self._device = side, device
        self._network = lite0.load().requires_grad_(False).to(device)

    @torch.no_grad()
    def activations(self, image: npt.NDArray[np.uint8], boxes: npt.NDArray[np.floating]) -> torch.Tensor:
        """[R, 1000] of boxes [R, 4] in the pixels of an image uint8 [H, W, 3]."""
        pixels = (to_pixels(image, self._device)[None] * 255.0 - lite0.MEAN[0]) / lite0.STD[0]
        scale = self._side / min(image.shape[:2])
        pixels = functional.interpolate(pixels, scale_factor=scale, mode="bilinear", align_corners=False)
        corners = torch.as_tensor(np.asarray(boxes, np.float32).reshape(-1, 4), device=self._device) * scale
        last = self._network.forward_features(pixels)
        pooled = roi_align(last, [corners], output_size=1, spatial_scale=1 / STRIDE, sampling_ratio=2, aligned=True)
        told: torch.Tensor = self._network.get_classifier()(pooled.flatten(start_dim=1))
        return told


Prototypes = Mapping[int, torch.Tensor]


def prototypes(classifier: Classifier, scenes: Sequence[AnnotatedImage]) -> dict[int, torch.Tensor]:
    """The mean activation [1000] of the objects of each class, by the label."""
    rows: dict[int, list[torch.Tensor]] = {}
    for scene in scenes:
        for label, row in zip(scene.labels, classifier.activations(scene.image, scene.boxes), strict=True):
            rows.setdefault(int(label), []).append(row)
    return {label: torch.stack(each).mean(dim=0) for label, each in rows.items()}


def calibrated(
    told: Detections, image: npt.NDArray[np.uint8], known: Prototypes, classifier: Classifier, how: Calibrating
) -> Detections:
    """The detections of an image with scores moved towards the cosine of box and prototype, where there is one."""
    scores, cosines = np.asarray(told.scores, np.float64), np.full(len(told.scores), np.nan)
    fitting = np.flatnonzero(np.isin(told.labels, list(known)))
    if not len(fitting):
        return told
    rows = classifier.activations(image, np.asarray(told.boxes)[fitting])
    wanted = torch.stack([known[int(label)] for label in told.labels[fitting]])
    cosines[fitting] = functional.cosine_similarity(rows, wanted, dim=1).cpu().numpy()
    return Detections(boxes=told.boxes, scores=how.moved(scores, cosines), labels=told.labels, masks=told.masks)
