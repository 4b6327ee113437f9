"""How the query-based segmenter learns, in episodes: some images of a step are the support set of the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from farfield import AnnotatedImage, AnnotatedSet
from farfield_baselines.detection.core import mirror
from farfield_baselines.few_shot_detection.phases import Phase, in_steps, pace
from farfield_baselines.networks.query_segmenter import MASK_STRIDE, Maps, Output, QuerySegmenter
from farfield_baselines.networks.query_segmenter_frames import Truth, framed, truth
from farfield_baselines.networks.query_segmenter_losses import Weights, losses, middles_loss
from farfield_baselines.networks.query_segmenter_reference import Support, best_queries, class_centres
from farfield_baselines.networks.seeding import seeded
from farfield_baselines.trained.optimizers import optimizer

CLIP = 1.0  # the longest gradient, of all parameters together
KEPT = 0.9  # of a remembered class centre, when an episode shows the class again


@dataclass(frozen=True, kw_only=True)
class Course:
    """What training needs besides the network and the images.

    episode: images of a step that are the others' support set; phase.batch counts them. linked: object queries of each
    of these that are linked. side: pixels of the frames.
    """

    phase: Phase
    weights: Weights
    learned: Sequence[torch.nn.Parameter]
    side: int
    episode: int
    linked: int
    seed: tuple[int, ...]
    device: str
    progress: Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class Framed:
    """Images in their frames, float32 [B, 3, side, side] in 0..255, and the objects of each."""

    pixels: torch.Tensor
    truths: Sequence[Truth]


def train(network: QuerySegmenter, scenes: AnnotatedSet, course: Course) -> None:
    """Train `course.learned` in place. Raises ProtocolError for an empty set."""
    phase = course.phase
    optimiser = optimizer([{"params": list(course.learned), "lr": phase.lr}], phase)
    rng = np.random.default_rng(course.seed)
    for step, positions in enumerate(in_steps(len(scenes), phase, rng)):
        chosen = [_turned(scenes[int(place)], phase, rng) for place in positions]
        optimiser.param_groups[0]["lr"] = phase.lr * pace(phase, step, phase.steps)
        with seeded(course.device, *course.seed, step):
            _descend(network, in_frames(chosen, course.side, course.device), optimiser, course)
        course.progress(step + 1, phase.steps)


def _turned(scene: AnnotatedImage, phase: Phase, rng: np.random.Generator) -> AnnotatedImage:
    return mirror(scene) if phase.mirror and rng.random() < 0.5 else scene


def _descend(network: QuerySegmenter, batch: Framed, optimiser: torch.optim.Optimizer, course: Course) -> None:
    network.train()
    optimiser.zero_grad()
    episode_loss(network, batch, course).backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(course.learned, CLIP)
    optimiser.step()


def in_frames(scenes: Sequence[AnnotatedImage], side: int, device: str) -> Framed:
    """A batch of them."""
    pixels = torch.stack([framed(scene.image, side, device) for scene in scenes])
    return Framed(pixels=pixels, truths=[truth(scene, side, MASK_STRIDE, device) for scene in scenes])


def episode_loss(network: QuerySegmenter, batch: Framed, course: Course) -> torch.Tensor:
    """What is lost on a batch, the mean over its images.

    The last images help with the others as their support set, and are predicted plainly themselves, as all images are
    by a network that takes no support.
    """
    maps, count = network.maps(batch.pixels), len(batch.truths)
    helped = max(1, count - course.episode) if network.reference.in_use else 0
    start = helped if helped < count else 0  # an image by itself is its own support set
    reference, objects = maps.part(start, count), batch.truths[start:]
    told = network(reference)
    plainly = lost_on(told, objects, course.weights)
    if not helped:
        return plainly
    known = recalled(network, reference, objects, best_queries(told.last, course.linked)[0])
    own = lost_on(network(maps.part(0, helped), known), batch.truths[:helped], course.weights)
    return (helped * own + (count - start) * plainly) / (helped + count - start)


def recalled(network: QuerySegmenter, maps: Maps, truths: Sequence[Truth], queries: torch.Tensor) -> Support:
    """What an episode's support says, with remembered centres of the classes it lacks; its centres are remembered."""
    sums, counts = class_centres(maps.levels[-1], truths, network.sizes.classes)
    now, shown = sums / counts.clamp(min=1)[:, None], counts > 0
    network.reference.remember(now.detach(), shown, KEPT)
    before = network.reference.remembered
    centres = torch.where(shown[:, None], now, before.centres.clone())
    return Support(centres=centres, present=before.present.clone(), queries=queries)


def lost_on(output: Output, truths: Sequence[Truth], weights: Weights) -> torch.Tensor:
    """All layers' losses, and that of the map of middles where queries are picked by it."""
    total = losses(output.layers, truths, weights)
    return total if output.middles is None else total + weights.middles * middles_loss(output.middles, truths)


def weights_of(config: Any) -> Weights:
    """By a method's settings."""
    return Weights(nothing=config.no_object, places=config.places)
