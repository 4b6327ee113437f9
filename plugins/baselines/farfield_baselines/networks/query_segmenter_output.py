"""What the query-based segmenter says of an image: the best pairs of query and class, with masks and boxes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from farfield_baselines.networks.query_segmenter import QuerySegmenter
from farfield_baselines.networks.query_segmenter_frames import boxes_of, framed, unframed
from farfield_baselines.networks.query_segmenter_reference import Support

Pixels = npt.NDArray[np.uint8]
LEAST_SCORE = 1e-3


@dataclass(frozen=True, kw_only=True)
class Instances:
    """boxes float32 [N, 4] xyxy in pixels, scores float32 [N], labels int64 [N], masks bool [N, H, W]."""

    boxes: npt.NDArray[np.float32]
    scores: npt.NDArray[np.float32]
    labels: npt.NDArray[np.int64]
    masks: npt.NDArray[np.bool_]


@torch.inference_mode()
def instances(
    network: QuerySegmenter, image: Pixels, side: int, support: Support | None, most: int, device: str
) -> Instances:
    """At most so many; a score is the class's probability times the mean of the mask's, as Mask2Former's is.

    A query may be said as several classes. One with an empty mask is not said.
    """
    network.eval()
    said = network(network.maps(framed(image, side, device)[None]), support).last
    masks = unframed(said.masks[0], image.shape[0], image.shape[1], side)
    inside = masks > 0
    area = inside.flatten(1).sum(dim=1)
    sure = (masks.sigmoid() * inside).flatten(1).sum(dim=1) / area.clamp(min=1)
    scores = said.classes[0].softmax(dim=1)[:, :-1] * torch.where(area > 0, sure, 0.0)[:, None]
    best = scores.flatten().topk(min(most, scores.numel()))
    kept = best.values > LEAST_SCORE
    queries, labels = best.indices[kept] // scores.shape[1], best.indices[kept] % scores.shape[1]
    shown = inside[queries].cpu().numpy()
    return Instances(
        boxes=boxes_of(shown),
        scores=best.values[kept].clamp(max=1.0).cpu().numpy(),
        labels=labels.cpu().numpy(),
        masks=shown,
    )
