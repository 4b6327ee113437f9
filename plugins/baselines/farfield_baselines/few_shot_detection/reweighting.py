"""What FSRW and Meta R-CNN share: vectors of classes, learned in episodes, that weigh what a Faster R-CNN sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from farfield import AnnotatedSet, setting
from farfield_baselines.few_shot_detection.classes import OfClasses
from farfield_baselines.few_shot_detection.core import BASE, Held
from farfield_baselines.few_shot_detection.phases import Phase
from farfield_baselines.few_shot_detection.two_stage import CLASSES, HEADS, NOVEL, SHOWN

if TYPE_CHECKING:
    import torch
    from torchvision.models.detection import FasterRCNN  # type: ignore[import-untyped]

WAYS = "Classes of an episode, which its images show or that are drawn; more where its images show more."
SHARE = "Size of a support image against an image that is searched."
EXAMPLES = "Most objects of a class of which its vector is the mean."
STEPS, BATCH, RATE = "Episodes of the novel phase.", "Images an episode of the novel phase.", "Its learning rate."


@dataclass(frozen=True, kw_only=True)
class EpisodesConfig:
    """How episodes go, and how novel classes are learned. The defaults are ours."""

    classes: str = setting("support", choices=SHOWN, help=CLASSES)
    ways: int = setting(8, ge=1, le=1000, help=WAYS)
    support_share: float = setting(0.5, ge=0.1, le=1.0, help=SHARE)
    examples: int = setting(10, ge=1, le=1000, help=EXAMPLES)
    novel_steps: int = setting(60, ge=0, le=1_000_000, help=STEPS)
    novel_lr: float = setting(5e-4, ge=0.0, le=10.0, help=RATE)
    novel_batch: int = setting(4, ge=1, le=256, help=BATCH)


@dataclass(frozen=True, kw_only=True)
class EpisodesOnResNet(EpisodesConfig):
    """The same on a ResNet, ours as well: the authors' recipes are of other detectors."""

    novel_steps: int = setting(2000, ge=0, le=1_000_000, help=STEPS)
    novel_lr: float = setting(1e-3, ge=0.0, le=10.0, help=RATE)
    novel_batch: int = setting(8, ge=1, le=256, help=BATCH)


class Reweighting(Held):
    """A detector of the classes whose vectors it has.

    weighed: what vectors weigh, the maps of an image or the features of its regions. meta: weight of the loss that
    names the class of a vector.
    """

    weighed: ClassVar[str]
    meta: ClassVar[float] = 0.0

    def make(self, name: str) -> FasterRCNN:
        from farfield_baselines.networks.reweighting import reweighted

        network = super().make(name)
        reweighted(network, self.weighed, len(self.base))
        return network

    def learn_base(self, scenes: AnnotatedSet) -> None:
        """Episodes of the base classes, and then the mean vector of each."""
        self._teach(scenes, self.context.config.base_phase(), BASE)
        vectors = self.network.roi_heads.box_predictor.vectors.new_zeros(len(self.base), self._width)
        for place, vector in self._means(scenes).items():
            vectors[place] = vector
        self.network.roi_heads.box_predictor.vectors = vectors

    def fit_novel(self, support: AnnotatedSet) -> None:
        """Episodes of what the support set shows, and then the vectors of its classes; base ones else as they were."""
        config, known = self.context.config, dict(zip(self.base, self._vectors, strict=True))
        told = {int(label) for scene in support for label in scene.labels}
        taught = tuple(sorted(told))
        examples = OfClasses(support, taught)
        if config.novel_steps and taught:
            self._new_namer(len(taught))
            phase = config.phase(config.novel_steps, config.novel_batch, config.novel_lr)
            self._teach(examples, phase, NOVEL)
        vectors = known if config.classes == "all" else {}
        vectors = vectors | {taught[place]: vector for place, vector in self._means(examples).items()}
        self.show(vectors)

    def show(self, vectors: dict[int, torch.Tensor]) -> None:
        """Detect the classes with these label numbers, each by its vector [D]."""
        import torch

        self.shown = tuple(vectors)
        rows = [*vectors.values()]
        made = torch.stack(rows) if rows else self._vectors.new_zeros(0, self._width)
        self.network.roi_heads.box_predictor.vectors = made

    @property
    def _vectors(self) -> torch.Tensor:
        vectors: torch.Tensor = self.network.roi_heads.box_predictor.vectors
        return vectors

    @property
    def _width(self) -> int:
        return int(self._vectors.shape[1])

    def _teach(self, scenes: AnnotatedSet, phase: Phase, more: int) -> None:
        from farfield_baselines.few_shot_detection.episodes import Teaching, teach

        config = self.context.config
        how = Teaching(
            ways=config.ways,
            share=config.support_share,
            meta=self.meta,
            seed=(self.context.seed, more),
            device=self.device,
            tell=self.context.progress,
        )
        teach(self.network, scenes, phase, how)

    def _means(self, scenes: AnnotatedSet) -> dict[int, torch.Tensor]:
        from farfield_baselines.few_shot_detection.episodes import mean_vectors

        config = self.context.config
        return mean_vectors(self.network, scenes, config.examples, config.support_share, self.device)

    def _new_namer(self, classes: int) -> None:
        """Where the class of a vector is named, a new layer for so many classes."""
        from torch import nn

        from farfield_baselines.networks.seeding import seeded

        if hasattr(self.network, "namer"):
            with seeded(self.device, self.context.seed, HEADS, classes):
                self.network.namer = nn.Linear(self._width, classes).to(self.device)
