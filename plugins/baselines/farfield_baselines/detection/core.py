"""What detectors share: a loop of training over annotated images, and the family's members around it.

A method is a `Recipe` that says which images a step sees, and what is made of their losses; by itself it is empirical
risk minimisation. `train` takes any network of torchvision's kind, so that other families of detectors can use it.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from farfield import AnnotatedImage, AnnotatedSet, Detections, RunContext
from farfield_baselines.detection.accuracy import figure
from farfield_baselines.trained.sampling import shuffled

if TYPE_CHECKING:
    import torch
    from torchvision.models.detection import FasterRCNN  # type: ignore[import-untyped]

    from farfield_baselines.networks.faster_rcnn import Target

Ints = npt.NDArray[np.int64]
Pixels = npt.NDArray[np.uint8]
MASK_THRESHOLD = 0.5


class Recipe:
    """How a detector learns from images of several domains: all images alike, each once an epoch, their mean loss."""

    def __init__(self, config: Any, domains: int, device: str) -> None:
        self.config, self.domains, self.device = config, domains, device

    def length(self, domains: Ints) -> int:
        """How many of the images make an epoch."""
        return len(domains)

    def order(self, domains: Ints, rng: np.random.Generator) -> Iterator[Ints]:
        """The positions of one epoch, a batch at a time, of a training set whose images are of these domains [N]."""
        return shuffled(len(domains), self.config.batch, rng)

    def objective(self, losses: torch.Tensor, domains: torch.Tensor) -> torch.Tensor:
        """What a step minimises, of the losses [B] of its images and their domains int64 [B]."""
        return losses.mean()

    def end_epoch(self) -> None:
        """All batches of `order` were seen."""


Make = Callable[[Any, int, str], Recipe]  # of settings, the number of domains, and the device


Pace = Callable[[Any, int, int, int], float]  # of settings, step, steps and epoch: the factor of the learning rate


@dataclass(frozen=True, kw_only=True)
class Course:
    """What training needs besides the network and the images: the settings, what chance starts from, whom to tell.

    pace: how the learning rate moves, if not by the setting `schedule`.
    """

    config: Any
    seed: tuple[int, ...]
    device: str
    progress: Callable[[int, int], None]
    pace: Pace | None = None


def train(network: FasterRCNN, scenes: AnnotatedSet, recipe: Recipe, course: Course) -> Iterator[int]:
    """Train what of the network takes gradients, in place; the number of each epoch, from 0, when it has ended."""
    from farfield_baselines.networks.seeding import seeded
    from farfield_baselines.trained.optimizers import factor, optimizer

    config, per_epoch = course.config, math.ceil(recipe.length(scenes.domains) / course.config.batch)
    steps, step, pace = config.epochs * per_epoch, 0, course.pace or factor
    groups = [{"params": [p for p in network.parameters() if p.requires_grad], "lr": config.lr}]
    optimiser = optimizer(groups, config)
    for epoch in range(config.epochs):
        rng = np.random.default_rng([*course.seed, epoch])
        for positions in recipe.order(scenes.domains, rng):
            chosen = [scenes[int(place)] for place in positions]
            optimiser.param_groups[0]["lr"] = config.lr * pace(config, min(step, steps - 1), steps, epoch)
            with seeded(course.device, *course.seed, epoch, step):
                _descend(network, _mirrored(chosen, rng) if config.mirror else chosen, recipe, optimiser)
            step += 1
            course.progress(min(step, steps), steps)
        recipe.end_epoch()
        yield epoch


def _descend(
    network: FasterRCNN, scenes: Sequence[AnnotatedImage], recipe: Recipe, optimiser: torch.optim.Optimizer
) -> None:
    import torch

    from farfield_baselines.networks.faster_rcnn import image_losses, to_pixels

    network.train()
    images = [to_pixels(scene.image, recipe.device) for scene in scenes]
    losses = image_losses(network, images, [target_of(scene, recipe.device) for scene in scenes])
    domains = torch.tensor([scene.domain for scene in scenes], device=recipe.device)
    optimiser.zero_grad()
    recipe.objective(losses, domains).backward()  # type: ignore[no-untyped-call]
    optimiser.step()


def target_of(scene: AnnotatedImage, device: str) -> Target:
    """An image's boxes, labels and masks as the network wants them: labels from 1, and no box without an area."""
    import torch

    boxes = np.asarray(scene.boxes, np.float32).reshape(-1, 4)
    kept = (boxes[:, 2:] > boxes[:, :2]).all(axis=1)
    arrays = {"boxes": boxes[kept], "labels": np.asarray(scene.labels, np.int64)[kept] + 1}
    if scene.masks is not None:
        arrays["masks"] = np.asarray(scene.masks)[kept].astype(np.uint8)
    return {name: torch.from_numpy(array).to(device) for name, array in arrays.items()}


def _mirrored(scenes: Sequence[AnnotatedImage], rng: np.random.Generator) -> list[AnnotatedImage]:
    return [mirror(scene) if rng.random() < 0.5 else scene for scene in scenes]


def mirror(scene: AnnotatedImage) -> AnnotatedImage:
    """The image, its boxes and its masks seen in a mirror: left is right."""
    boxes, width = np.asarray(scene.boxes, np.float64).reshape(-1, 4), scene.image.shape[1]
    turned = np.stack([width - boxes[:, 2], boxes[:, 1], width - boxes[:, 0], boxes[:, 3]], axis=1)
    image = np.ascontiguousarray(scene.image[:, ::-1])
    masks = None if scene.masks is None else np.ascontiguousarray(scene.masks[:, :, ::-1])
    return AnnotatedImage(image=image, boxes=turned, labels=scene.labels, masks=masks, domain=scene.domain)


def detections_in(network: FasterRCNN, images: Sequence[Pixels], device: str) -> list[Detections]:
    """What the network finds in each image by itself, so that no other image of a batch matters.

    With a mask head the masks, too: where the probability is above a half.
    """
    import torch

    from farfield_baselines.networks.faster_rcnn import to_pixels

    network.eval()
    with torch.inference_mode():
        outputs = [network([to_pixels(image, device)])[0] for image in images]
    return [_as_detections({name: tensor.cpu().numpy() for name, tensor in output.items()}) for output in outputs]


def _as_detections(arrays: Mapping[str, npt.NDArray[Any]]) -> Detections:
    masks = arrays["masks"][:, 0] > MASK_THRESHOLD if "masks" in arrays else None
    return Detections(boxes=arrays["boxes"], scores=arrays["scores"], labels=arrays["labels"] - 1, masks=masks)


class Held:
    """A network that detects, and that learns by recipes. Everything random comes from the run's seed."""

    def __init__(self, recipe: type[Recipe], network: str, context: RunContext) -> None:
        from farfield_baselines.networks.faster_rcnn import Wanted, faster_rcnn
        from farfield_baselines.networks.seeding import seeded

        self.kind, self.context, config = recipe, context, context.config
        wanted = Wanted(
            network=network,
            classes=context.class_count,
            side=config.side,
            longest=max(config.side, config.longest),
            detections=config.detections,
            weights=getattr(config, "weights", ""),
        )
        with seeded(context.device, context.seed):
            self._network = faster_rcnn(wanted).to(context.device)

    def learn(self, scenes: AnnotatedSet, kind: Make, val: AnnotatedSet | None, *more: int) -> None:
        """Train, and keep the epoch that is best on `val` by the setting `select`; the first of equals.

        `more` tells apart, for chance, what is trained several times in a run.
        """
        recipe, best, select = self._recipe(scenes, kind), -math.inf, self.context.config.select
        state: dict[str, Any] | None = None
        for epoch in self._epochs(scenes, recipe, more):
            if val is None or select == "last":
                continue
            now = figure(select, self.detect, val)
            self.context.log(f"epoch {epoch + 1}: {select} {now:.4f}")
            if now > best:
                best, state = now, copy.deepcopy(self._network.state_dict())
        if state is not None:
            self._network.load_state_dict(state)

    def detect(self, images: Sequence[Pixels]) -> list[Detections]:
        """uint8 [H, W, 3] each -> boxes in its pixels, scores of at least 0.05, classes."""
        return detections_in(self._network, images, self.context.device)

    def _recipe(self, scenes: AnnotatedSet, kind: Make) -> Recipe:
        domains = max(len(self.context.domain_names), int(scenes.domains.max(initial=0)) + 1)
        return kind(self.context.config, domains, self.context.device)

    def _epochs(self, scenes: AnnotatedSet, recipe: Recipe, more: tuple[int, ...]) -> Iterator[int]:
        context = self.context
        seed = (context.seed, *more)
        course = Course(config=context.config, seed=seed, device=context.device, progress=context.progress)
        return train(self._network, scenes, recipe, course)


class Detector(Held):
    """A detector that learns from the training set alone, by one recipe."""

    def fit(self, train: AnnotatedSet, *, val: AnnotatedSet | None = None) -> None:
        """Learn; `val` says which epoch is kept."""
        self.learn(train, self.kind, val)
