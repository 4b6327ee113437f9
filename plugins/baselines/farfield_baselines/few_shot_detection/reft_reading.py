"""What a trained query-based segmenter reads in a support set: centres, object queries, and rows of classifiers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch.nn import functional

from farfield import AnnotatedImage, AnnotatedSet
from farfield_baselines.few_shot_detection.reft_training import in_frames
from farfield_baselines.networks.query_segmenter import Output, QuerySegmenter
from farfield_baselines.networks.query_segmenter_frames import Truth
from farfield_baselines.networks.query_segmenter_losses import Weights, cost, match
from farfield_baselines.networks.query_segmenter_reference import Support, best_queries, class_centres

MOST_LINKED = 512  # object queries of a whole support set


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What an image of a support set gives: sums by class [C, D] with counts [C], and its best queries with scores.

    centres are of pooled features, rows of the directions of the queries that say the objects.
    """

    centres: torch.Tensor
    objects: torch.Tensor
    rows: torch.Tensor
    matched: torch.Tensor
    queries: torch.Tensor
    scores: torch.Tensor


@torch.no_grad()
def read(network: QuerySegmenter, scenes: AnnotatedSet, side: int, linked: int, device: str) -> Reading:
    """Of a whole support set, image by image, each predicted plainly."""
    network.eval()
    each = [_read(network, scene, side, linked, device) for scene in scenes]
    sums = {name: torch.stack([getattr(one, name) for one in each]).sum(dim=0) for name in _SUMS}
    queries, scores = (torch.cat([getattr(one, name) for one in each]) for name in ("queries", "scores"))
    best = scores.topk(min(MOST_LINKED, len(scores))).indices
    return Reading(**sums, queries=queries[best], scores=scores[best])


_SUMS = ("centres", "objects", "rows", "matched")


def _read(network: QuerySegmenter, scene: AnnotatedImage, side: int, linked: int, device: str) -> Reading:
    batch = in_frames([scene], side, device)
    maps = network.maps(batch.pixels)
    output = network(maps)
    classes = network.sizes.classes
    centres, objects = class_centres(maps.levels[-1], batch.truths, classes)
    rows, matched = _rows(output, batch.truths[0], classes)
    queries, scores = best_queries(output.last, linked)
    return Reading(centres=centres, objects=objects, rows=rows, matched=matched, queries=queries, scores=scores)


def _rows(output: Output, truth: Truth, classes: int) -> tuple[torch.Tensor, torch.Tensor]:
    """(sums of directions [C, D], counts [C]) of the queries whose masks are the objects', whatever class they say."""
    last = output.last
    masks, objects = last.masks[0].flatten(1), truth.masks.flatten(1)
    price = cost(last.classes[0], masks, truth.labels, objects, Weights(classes=0.0))
    queries, which = (torch.from_numpy(numbers).to(masks.device) for numbers in match(price))
    unit = functional.normalize(last.queries[0][queries], dim=1)
    labels = truth.labels[which]
    sums = unit.new_zeros(classes, unit.shape[1]).index_add(0, labels, unit)
    return sums, unit.new_zeros(classes).index_add(0, labels, unit.new_ones(len(labels)))


def known_by(network: QuerySegmenter, reading: Reading) -> Support:
    """What goes with every image at test: the support set's centres, those remembered of other classes, its queries."""
    shown, before = reading.objects > 0, network.reference.remembered
    centres = reading.centres / reading.objects.clamp(min=1)[:, None]
    return Support(
        centres=torch.where(shown[:, None], centres, before.centres),
        present=before.present | shown,
        queries=reading.queries,
    )


@torch.no_grad()
def imprint(network: QuerySegmenter, reading: Reading, classes: Sequence[int]) -> None:
    """The classifier's rows of these classes become the mean direction of their queries, as long as other rows are."""
    weight = network.class_head.weight
    length = weight.norm(dim=1).mean()
    for label in classes:
        if reading.matched[label] > 0:
            weight[label] = length * functional.normalize(reading.rows[label], dim=0)
