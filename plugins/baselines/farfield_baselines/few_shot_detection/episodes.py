"""Episodes: in each step images are searched for classes of which each is given by one support image."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional
from torchvision.models.detection import FasterRCNN  # type: ignore[import-untyped]

from farfield import AnnotatedImage, AnnotatedSet
from farfield.errors import ProtocolError
from farfield_baselines.detection.core import mirror, target_of
from farfield_baselines.few_shot_detection.classes import of_classes
from farfield_baselines.few_shot_detection.phases import Phase, in_steps, pace
from farfield_baselines.networks.faster_rcnn import image_losses, to_pixels
from farfield_baselines.networks.reweighting import class_vectors
from farfield_baselines.networks.seeding import seeded
from farfield_baselines.trained.optimizers import optimizer

Ints = npt.NDArray[np.int64]
Places = Mapping[int, Sequence[tuple[int, int]]]  # of a class the objects: which image, and which of its objects


@dataclass(frozen=True, kw_only=True)
class Teaching:
    """How episodes go.

    ways: classes of an episode; more where its images show more. meta: weight of the loss of vectors, for a network
    that names them. share: the size of a support image against an image that is searched.
    """

    ways: int
    share: float
    meta: float
    seed: tuple[int, ...]
    device: str
    tell: Callable[[int, int], Any]


def places_of(scenes: AnnotatedSet) -> dict[int, list[tuple[int, int]]]:
    """Where the objects of each class are, in order. Objects without an area teach nothing."""
    places: dict[int, list[tuple[int, int]]] = {}
    for number, scene in enumerate(scenes):
        boxes = np.asarray(scene.boxes, np.float32).reshape(-1, 4)
        for place in np.flatnonzero((boxes[:, 2:] > boxes[:, :2]).all(axis=1)):
            places.setdefault(int(scene.labels[place]), []).append((number, int(place)))
    return dict(sorted(places.items()))


def ways_of(shown: Sequence[int], known: Sequence[int], ways: int, rng: np.random.Generator) -> Ints:
    """The classes of an episode: those that its images show, and others by chance until there are `ways`; in order."""
    others = np.setdiff1d(np.asarray(known, np.int64), shown)
    more = rng.permutation(others)[: max(0, ways - len(shown))]
    return np.sort(np.concatenate([np.asarray(shown, np.int64), more]))


def teach(network: FasterRCNN, scenes: AnnotatedSet, phase: Phase, how: Teaching) -> None:
    """Train what takes gradients, in place, for as many episodes as the phase has steps.

    Raises ProtocolError where there is no object to learn from.
    """
    rng, places = np.random.default_rng(list(how.seed)), places_of(scenes)
    if not places:
        raise ProtocolError("there is no object to learn from")
    optimiser = optimizer([{"params": [p for p in network.parameters() if p.requires_grad], "lr": phase.lr}], phase)
    for step, positions in enumerate(in_steps(len(scenes), phase, rng)):
        queries = [scenes[int(position)] for position in positions]
        queries = [mirror(query) if phase.mirror and rng.random() < 0.5 else query for query in queries]
        shown = sorted({int(label) for query in queries for label in query.labels} & set(places))
        classes = ways_of(shown, list(places), how.ways, rng)
        support = [example(scenes, places[label][rng.integers(len(places[label]))]) for label in classes.tolist()]
        optimiser.param_groups[0]["lr"] = phase.lr * pace(phase, step, phase.steps)
        optimiser.zero_grad()
        with seeded(how.device, *how.seed, step):
            loss_of(network, queries, classes, support, how).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        how.tell(step + 1, phase.steps)
    network.roi_heads.box_predictor.vectors = network.roi_heads.box_predictor.vectors.detach()


def example(scenes: AnnotatedSet, place: tuple[int, int]) -> AnnotatedImage:
    """The image with this one of its objects alone."""
    scene, number = scenes[place[0]], place[1]
    box = np.asarray(scene.boxes, np.float64).reshape(-1, 4)[[number]]
    return AnnotatedImage(image=scene.image, boxes=box, labels=scene.labels[[number]], masks=None, domain=scene.domain)


def loss_of(
    network: FasterRCNN,
    queries: Sequence[AnnotatedImage],
    classes: Ints,
    support: Sequence[AnnotatedImage],
    how: Teaching,
) -> torch.Tensor:
    """Of an episode of these classes [K] with an image of each: the queries' mean loss, and that of the vectors."""
    network.train()
    vectors = vectors_of(network, support, how.share, how.device)
    network.roi_heads.box_predictor.vectors = vectors
    scenes = [of_classes(query, classes) for query in queries]
    images = [to_pixels(scene.image, how.device) for scene in scenes]
    loss = image_losses(network, images, [target_of(scene, how.device) for scene in scenes]).mean()
    if how.meta and hasattr(network, "namer"):
        named = torch.as_tensor(classes, device=how.device)
        loss = loss + how.meta * functional.cross_entropy(network.namer(vectors), named)
    return loss


def vectors_of(network: FasterRCNN, support: Sequence[AnnotatedImage], share: float, device: str) -> torch.Tensor:
    """The vector [K, D] of the one object of each image, read at this share of the size of those that are searched."""
    pixels = [to_pixels(scene.image, device) for scene in support]
    batch, targets = network.transform(pixels, [dict(target_of(scene, device)) for scene in support])
    smaller = functional.interpolate(batch.tensors, scale_factor=share, mode="bilinear", align_corners=False)
    boxes = torch.cat([target["boxes"] for target in targets]) * share
    return class_vectors(network, smaller, boxes)


@torch.no_grad()
def mean_vectors(
    network: FasterRCNN, scenes: AnnotatedSet, most: int, share: float, device: str
) -> dict[int, torch.Tensor]:
    """The mean vector [D] of the first objects of each class, so many at most, by the label."""
    network.eval()
    made: dict[int, torch.Tensor] = {}
    for label, places in places_of(scenes).items():
        rows = [vectors_of(network, [example(scenes, place)], share, device)[0] for place in places[:most]]
        made[label] = torch.stack(rows).mean(dim=0)
    return made
