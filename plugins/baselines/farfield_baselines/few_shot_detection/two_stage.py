"""Two-stage fine-tuning, TFA: the last layers alone learn novel classes, in two phases.

Wang et al. 2020, arXiv 2003.06957; the phases as the authors' code for COCO has them: last layers for the novel classes
alone are learned on the novel examples, put beside those of the base classes, and all learn on examples of all classes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import numpy.typing as npt

from farfield import AnnotatedSet, setting
from farfield_baselines.few_shot_detection.core import Held, rows_of
from farfield_baselines.few_shot_detection.phases import Phase

if TYPE_CHECKING:
    from farfield_baselines.few_shot_detection.last_layers import LastLayers
    from farfield_baselines.few_shot_detection.views import Views

Ints = npt.NDArray[np.int64]
NOVEL, JOINT, HEADS, SEEN = 1, 2, 3, 4  # what tells the chance of one phase from that of others
SHOWN = ("support", "all")
STARTS = ("novel", "random")
CLASSES = "What is detected: novel classes alone where the support set has no others, or base and novel ones always."
OF_NOVEL = "Steps of the novel phase; 0: the authors' for COCO, by the number of examples."
OF_BOTH = "Steps of the joint phase; 0: the authors' for COCO, by the number of examples."
VIEWS = "Views of a support image, it and its mirror image, that go through frozen layers once; 0: one anew each step."


@dataclass(frozen=True, kw_only=True)
class TwoStageConfig:
    """How the last layers learn. Steps of the authors are by the number of examples of each novel class."""

    NOVEL_STEPS: ClassVar[Mapping[int, int]] = {1: 500, 2: 1500, 3: 1500, 5: 1500, 10: 2000, 30: 6000}
    JOINT_STEPS: ClassVar[Mapping[int, int]] = {1: 16_000, 2: 32_000, 3: 48_000, 5: 80_000, 10: 160_000, 30: 240_000}
    JOINT_DROPS: ClassVar[tuple[float, ...]] = (0.9,)
    JOINT_WARM_UP: ClassVar[int] = 10

    classes: str = setting("support", choices=SHOWN, help=CLASSES)
    start: str = setting(
        "novel",
        choices=STARTS,
        help="Last layers of novel classes before the joint phase: learned on novel examples alone, or random.",
    )
    novel_steps: int = setting(300, ge=0, le=1_000_000, help=OF_NOVEL)
    novel_lr: float = setting(1e-2, ge=0.0, le=10.0, help="Learning rate of the novel phase.")
    joint_steps: int = setting(600, ge=0, le=1_000_000, help=OF_BOTH)
    joint_lr: float = setting(1e-3, ge=0.0, le=10.0, help="Learning rate of the joint phase.")
    novel_batch: int = setting(16, ge=1, le=256, help="Images a step of both phases.")
    views: int = setting(2, ge=0, le=2, help=VIEWS)


@dataclass(frozen=True, kw_only=True)
class OnResNet(TwoStageConfig):
    """The authors' for COCO."""

    novel_steps: int = setting(0, ge=0, le=1_000_000, help=OF_NOVEL)
    joint_steps: int = setting(0, ge=0, le=1_000_000, help=OF_BOTH)
    views: int = setting(0, ge=0, le=2, help=VIEWS)


class TwoStage(Held):
    """A detector whose last layers learn novel classes, and of which nothing else changes.

    final: the kind of predictor that detects. first: that of the novel phase where a joint one follows.
    """

    final: ClassVar[str]
    first: ClassVar[str]

    def fit_novel(self, support: AnnotatedSet) -> None:
        """Learn the last layers; see the module. Base classes are kept as they were where the support has none."""
        from farfield_baselines.few_shot_detection.views import Viewing, Views

        examples = Examples.of(support, self.novel)
        config = self.context.config
        viewing = Viewing(
            most=config.views if config.mirror else min(config.views, 1),
            mirror=config.mirror,
            seed=(self.context.seed, SEEN),
            device=self.device,
            masks=self._per_class_masks,
        )
        views = Views(self.network, support, viewing)
        self._install(self._fitted(views, examples))

    @property
    def _per_class_masks(self) -> bool:
        return self.masks and not self.agnostic

    def _fitted(self, views: Views, examples: Examples) -> LastLayers:
        """The last layers after all phases that these examples ask for."""
        joint = examples.has_base
        novel = self._novel_phase(views, examples, self.first if joint else self.final)
        if not joint and self.context.config.classes == "support":
            return novel
        both = self._beside(novel)
        if joint:
            self._learn(both, views, np.arange(len(views)), self._joint_phase(examples.shots), JOINT)
        return both

    def _novel_phase(self, views: Views, examples: Examples, kind: str) -> LastLayers:
        """Last layers of the novel classes alone; random ones where they start so and a joint phase follows."""
        layers = self._new(kind, self.novel)
        if self.context.config.start == "novel" or not examples.has_base:
            config = self.context.config
            steps = config.novel_steps or by_shots(config.NOVEL_STEPS, examples.shots)
            self._learn(layers, views, examples.places, config.phase(steps, config.novel_batch, config.novel_lr), NOVEL)
        return layers

    def _joint_phase(self, shots: int) -> Phase:
        config = self.context.config
        steps = config.joint_steps or by_shots(config.JOINT_STEPS, shots)
        warm_up = config.JOINT_WARM_UP if config.schedule == "drops" else 0
        phase: Phase = config.phase(
            steps, config.novel_batch, config.joint_lr, drops=config.JOINT_DROPS, warm_up=warm_up
        )
        return phase

    def _new(self, kind: str, classes: Sequence[int]) -> LastLayers:
        """Last layers for these classes, all of them new but for what comes before the masks' last one."""
        from farfield_baselines.few_shot_detection.last_layers import LastLayers
        from farfield_baselines.networks.few_shot_heads import copy_mask_rows
        from farfield_baselines.networks.mask_rcnn import mask_predictor
        from farfield_baselines.networks.seeding import seeded

        heads = self.network.roi_heads
        with seeded(self.device, self.context.seed, HEADS, len(classes)):
            inputs = heads.box_predictor.cls_score.in_features
            made = self.predictor(kind, inputs, len(classes)).to(self.device)
            masks = None
            if self._per_class_masks:
                masks = mask_predictor(self.network.backbone.out_channels, len(classes), agnostic=False)
                masks = masks.to(self.device)
                copy_mask_rows(heads.mask_predictor, masks, {})
        return LastLayers(predictor=made, masks=masks, shown=classes)

    def _beside(self, novel: LastLayers) -> LastLayers:
        """Last layers of all classes: those of the novel ones, and of base classes and background as they were."""
        from farfield_baselines.networks.few_shot_heads import copy_mask_rows, copy_rows

        both, heads = self._new(self.final, tuple(range(self.context.class_count))), self.network.roi_heads
        of_base, of_novel = {0: 0, **rows_of(both.shown, self.base)}, rows_of(both.shown, self.novel)
        copy_rows(novel.predictor, both.predictor, of_novel)
        copy_rows(heads.box_predictor, both.predictor, of_base)
        if both.masks is not None and novel.masks is not None:
            copy_mask_rows(novel.masks, both.masks, of_novel)
            copy_mask_rows(heads.mask_predictor, both.masks, of_base)
        return both

    def _learn(self, layers: LastLayers, views: Views, places: Ints, phase: Phase, more: int) -> None:
        from farfield_baselines.few_shot_detection.last_layers import Seed, learn

        how = Seed(seed=(self.context.seed, more), device=self.device)
        learn(layers, views, places, phase, how, self.context.progress)

    def _install(self, layers: LastLayers) -> None:
        heads = self.network.roi_heads
        heads.box_predictor, self.shown = layers.predictor, tuple(layers.shown)
        if layers.masks is not None:
            heads.mask_predictor = layers.masks


@dataclass(frozen=True, kw_only=True)
class Examples:
    """Of a support set: where novel classes are, how many of each at most, and whether there are base ones, too."""

    places: Ints
    shots: int
    has_base: bool

    @classmethod
    def of(cls, support: AnnotatedSet, novel: Sequence[int]) -> Examples:
        labels = [np.asarray(scene.labels, np.int64) for scene in support]
        told = np.concatenate(labels or [np.zeros(0, np.int64)])
        places = [place for place, each in enumerate(labels) if np.isin(each, novel).any()]
        counts = np.bincount(told[np.isin(told, novel)])
        return cls(
            places=np.array(places, np.int64),
            shots=int(counts.max(initial=0)),
            has_base=bool((~np.isin(told, novel)).any()),
        )


def by_shots(steps: Mapping[int, int], shots: int) -> int:
    """The steps for as many examples, or for the next number that the table has; beyond it, its last.

    >>> by_shots({1: 500, 5: 1500, 10: 2000}, 4)
    1500
    """
    return steps[min((known for known in steps if known >= shots), default=max(steps))]
