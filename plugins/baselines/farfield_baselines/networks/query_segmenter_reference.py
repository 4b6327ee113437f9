"""Reference Twice on the query-based segmenter: a support set tells the features, and then the object queries.

Han et al. 2023, arXiv 2301.01156. Its authors gave no code, so this is read from the description alone: support masks
pool features into class centres, which re-weight the features of the image, all classes at once; and the best object
queries of the support images are linked to the image's own by cross-attention, before the heads. What is ours: the
weights of a place are from its softmax attention to all centres, and both parts begin as if they were not there.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from farfield_baselines.networks.query_segmenter_decoder import Predicted
from farfield_baselines.networks.query_segmenter_frames import Truth

LEAST = 1e-3  # of a place's share under a mask, summed over a map


@dataclass(frozen=True, kw_only=True)
class Support:
    """What is known of a support set: centres [C, D], of which classes there is one bool [C], and queries [M, D]."""

    centres: torch.Tensor
    present: torch.Tensor
    queries: torch.Tensor


class Reference(nn.Module):
    """The two parts that a support set goes through; `centres` and `link` say which there are."""

    def __init__(self, width: int, heads: int, classes: int, *, centres: bool, link: bool) -> None:
        super().__init__()
        self.register_buffer("centres", torch.zeros(classes, width))
        self.register_buffer("present", torch.zeros(classes, dtype=torch.bool))
        self.weighting = Reweighting(width) if centres else None
        self.link = Link(width, heads) if link else None

    @property
    def in_use(self) -> bool:
        """Whether a support set can make a difference."""
        return self.weighting is not None or self.link is not None

    @property
    def remembered(self) -> Support:
        """The class centres of what was learned from so far; of queries nothing is remembered."""
        centres, present = self.get_buffer("centres"), self.get_buffer("present")
        return Support(centres=centres, present=present, queries=centres[:0])

    @torch.no_grad()
    def remember(self, now: torch.Tensor, shown: torch.Tensor, kept: float) -> None:
        """Move the centres of the classes `shown`, bool [C], towards `now` [C, D], of a new class the whole way."""
        centres, present = self.get_buffer("centres"), self.get_buffer("present")
        share = torch.where(shown, torch.where(present, 1 - kept, 1.0), 0.0)[:, None]
        centres += share * (now - centres)
        present |= shown

    def features(self, levels: Sequence[torch.Tensor], support: Support) -> list[torch.Tensor]:
        """The levels of the image, each [B, D, h, w], re-weighted by the centres that are present."""
        if self.weighting is None or not support.present.any():
            return list(levels)
        return [self.weighting(level, support.centres[support.present]) for level in levels]

    def queries(self, queries: torch.Tensor, support: Support) -> torch.Tensor:
        """The image's object queries [B, N, D] after they saw the support's."""
        if self.link is None or not len(support.queries):
            return queries
        linked: torch.Tensor = self.link(queries, support.queries)
        return linked


class Reweighting(nn.Module):
    """Channels of each place are weighted by the class centres that it is like, in 0..2, and by 1 before training."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.place, self.centre, self.weights = (nn.Linear(width, width) for _ in range(3))
        nn.init.zeros_(self.weights.weight)
        nn.init.zeros_(self.weights.bias)

    def forward(self, features: torch.Tensor, centres: torch.Tensor) -> torch.Tensor:
        """features [B, D, h, w] and centres [C, D] of any number of classes, whose order does not matter."""
        places = features.flatten(2).transpose(1, 2)
        likeness = self.place(places) @ self.centre(centres).T / math.sqrt(centres.shape[1])
        wanted = likeness.softmax(dim=2) @ centres
        weights = 1 + torch.tanh(self.weights(wanted))
        weighted: torch.Tensor = (places * weights).transpose(1, 2).reshape(features.shape)
        return weighted


class Link(nn.Module):
    """Cross-attention from the image's object queries to the support's."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(width, heads, batch_first=True)
        nn.init.zeros_(self.attention.out_proj.weight)

    def forward(self, queries: torch.Tensor, support: torch.Tensor) -> torch.Tensor:
        """queries [B, N, D], support [M, D]."""
        keys = support.expand(len(queries), -1, -1)
        seen, _ = self.attention(queries, keys, keys, need_weights=False)
        linked: torch.Tensor = queries + seen
        return linked


def class_centres(features: torch.Tensor, truths: Sequence[Truth], classes: int) -> tuple[torch.Tensor, torch.Tensor]:
    """(sums of pooled features [C, D], counts [C]): of each object the mean of features [B, D, h, w] inside its mask.

    An object that covers nothing of the map is not counted.
    """
    sums, counts = features.new_zeros(classes, features.shape[1]), features.new_zeros(classes)
    for each, truth in zip(features, truths, strict=True):
        if len(truth.labels):
            shares = functional.interpolate(truth.masks[:, None], each.shape[1:], mode="area").flatten(1)
            area = shares.sum(dim=1)
            pooled = shares @ each.flatten(1).T / area[:, None].clamp(min=LEAST)
            seen = (area > LEAST).to(features.dtype)
            sums = sums.index_add(0, truth.labels, pooled * seen[:, None])
            counts = counts.index_add(0, truth.labels, seen)
    return sums, counts


def best_queries(layer: Predicted, each: int) -> tuple[torch.Tensor, torch.Tensor]:
    """(queries [B * each, D], their scores): of every image those that are least likely no object."""
    scores = 1 - layer.classes.softmax(dim=2)[:, :, -1]
    top = scores.topk(min(each, scores.shape[1]), dim=1)
    picked = top.indices[..., None].expand(-1, -1, layer.queries.shape[2])
    return layer.queries.gather(1, picked).flatten(0, 1), top.values.flatten()
