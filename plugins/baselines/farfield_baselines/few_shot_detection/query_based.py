"""A query-based segmenter as a few-shot detector: a base training, fine-tuning on the support set, and what it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from farfield import AnnotatedSet, Detections, RunContext
from farfield.errors import ConfigError
from farfield_baselines.few_shot_detection import base_models
from farfield_baselines.few_shot_detection.classes import OfClasses, base_classes
from farfield_baselines.few_shot_detection.phases import Phase

if TYPE_CHECKING:
    import torch

    from farfield_baselines.networks.query_segmenter import Sizes
    from farfield_baselines.networks.query_segmenter_reference import Support

Pixels = npt.NDArray[np.uint8]
WIDTHS = 8  # what divides the number of channels
FRAME = 32  # what divides a frame's side
BASE, NOVEL = 0, 1  # what tells the chance of one phase from that of the other


class QueryBased:
    """Learns base classes, then all classes of a support set, and says boxes and masks.

    The network's classes are the base classes and then the novel ones, in the order of their label numbers. Everything
    random comes from the run's seed.
    """

    def __init__(self, trunk: str, context: RunContext) -> None:
        from farfield_baselines.networks.query_segmenter import QuerySegmenter
        from farfield_baselines.networks.seeding import seeded

        self.context, self.config, self.device = context, context.config, context.device
        self.base = base_classes(context)
        self.classes = (*self.base, *sorted(context.novel_classes))
        if self.config.width % WIDTHS:
            raise ConfigError([f"width: {self.config.width} is not a multiple of {WIDTHS}"])
        self.side = -(-self.config.side // FRAME) * FRAME
        with seeded(self.device, context.seed):
            self.network = QuerySegmenter(self.sizes(trunk)).to(self.device)
        self.support: Support | None = None

    def sizes(self, trunk: str) -> Sizes:
        """Of the network, by the settings."""
        from farfield_baselines.networks.query_segmenter import Sizes

        config = self.config
        return Sizes(
            trunk=trunk,
            classes=len(self.classes),
            width=config.width,
            heads=8 if config.LARGE else 4,
            layers=config.layers,
            hidden=config.hidden,
            queries=config.queries,
            picked=not config.LARGE,
            cosine=config.cosine,
            centres=getattr(config, "centres", False),
            link=getattr(config, "query_link", False),
            weights=getattr(config, "weights", ""),
        )

    def fit_base(self, base: AnnotatedSet) -> None:
        """Learn the base classes from what the base set has of them; objects of novel classes are not looked at."""
        self._open(range(len(self.base)))
        self._train(OfClasses(base, self.base), self.config.base_phase(), BASE)

    def save_base(self, folder: Path) -> None:
        """Write what the base phase has learned, as plain files."""
        base_models.save(folder, self.network.state_dict(), self.base)

    def load_base(self, folder: Path) -> None:
        """Take what `save_base` wrote. Raises ConfigError where it is of other classes or settings."""
        tensors = base_models.load(folder, self.network.state_dict(), self.base)
        self.network.load_state_dict(tensors, strict=False)

    def fit_novel(self, support: AnnotatedSet) -> None:
        """Learn from the support set; a class that neither it nor the base phase showed is never said."""
        from farfield_baselines.few_shot_detection.reft_reading import imprint, known_by, read

        scenes, linked = OfClasses(support, self.classes), getattr(self.config, "linked", 1)
        reading = read(self.network, scenes, self.side, linked, self.device)
        shown = reading.objects.nonzero().flatten().tolist()
        novel = [label for label in shown if label >= len(self.base)]
        imprint(self.network, reading, novel)
        self._open([*range(len(self.base)), *shown])
        self._tune(scenes, novel)
        if self.network.reference.in_use:
            self.support = known_by(self.network, read(self.network, scenes, self.side, linked, self.device))

    def detect(self, images: Sequence[Pixels]) -> list[Detections]:
        """uint8 [H, W, 3] each -> the best detections, boxes around their masks; masks where they are asked for."""
        from farfield_baselines.networks.query_segmenter_output import instances

        masks = bool(getattr(self.context, "masks", False))
        most = self.config.detections
        each = [instances(self.network, image, self.side, self.support, most, self.device) for image in images]
        return [
            Detections(
                boxes=told.boxes,
                scores=told.scores,
                labels=np.asarray(self.classes, np.int64)[told.labels],
                masks=told.masks if masks else None,
            )
            for told in each
        ]

    def _open(self, classes: Sequence[int]) -> None:
        """Only these classes can be said from now on."""
        opened = self.network.class_head.get_buffer("open")
        opened.zero_()
        opened[list(classes)] = True

    def _tune(self, scenes: OfClasses, novel: Sequence[int]) -> None:
        """Fine-tuning, of all or of the classifier's rows of these classes."""
        phase, weight = self.config.novel_phase(), self.network.class_head.weight
        if getattr(self.config, "tuned", "all") == "all":
            self._train(scenes, phase, NOVEL)
            return
        rows = weight.new_zeros(len(weight), 1)
        rows[list(novel)] = 1.0
        hook = weight.register_hook(lambda gradient: gradient * rows)  # type: ignore[no-untyped-call]
        # Without decay, so that a row whose gradient is 0 stays as it is.
        self._train(scenes, replace(phase, weight_decay=0.0), NOVEL, [weight])
        hook.remove()

    def _train(
        self, scenes: OfClasses, phase: Phase, number: int, learned: Sequence[torch.nn.Parameter] | None = None
    ) -> None:
        from farfield_baselines.few_shot_detection.reft_training import Course, train, weights_of

        every = [parameter for parameter in self.network.parameters() if parameter.requires_grad]
        episode = getattr(self.config, "episode", 0) if self.network.reference.in_use else 0
        course = Course(
            phase=replace(phase, batch=phase.batch + episode),
            weights=weights_of(self.config),
            learned=every if learned is None else learned,
            side=self.side,
            episode=episode,
            linked=getattr(self.config, "linked", 1),
            seed=(self.context.seed, number),
            device=self.device,
            progress=self.context.progress,
        )
        train(self.network, scenes, course)
