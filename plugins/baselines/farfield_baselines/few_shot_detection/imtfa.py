"""iMTFA: novel classes are added to Mask R-CNN without training, as the mean of their examples' embeddings.

Ganea et al. 2021, CVPR, "Incremental Few-Shot Instance Segmentation", as the authors' files
`..._fullclsag_metric_avg_cos_bh_normalized_...` have it. Nothing of the base data is needed after the base phase.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from farfield import AnnotatedSet, setting
from farfield_baselines.few_shot_detection.classes import OfClasses
from farfield_baselines.few_shot_detection.core import BASE, Held, freeze, rows_of
from farfield_baselines.few_shot_detection.declare import declare
from farfield_baselines.few_shot_detection.mtfa import GANEA, MASKS
from farfield_baselines.few_shot_detection.phases import Phase
from farfield_baselines.few_shot_detection.tfa_cos import SCALE
from farfield_baselines.few_shot_detection.two_stage import CLASSES, SHOWN

if TYPE_CHECKING:
    import torch

    from farfield_baselines.networks.few_shot_heads import LinearPredictor

COSINES = 5  # what tells the chance of the cosine phase from that of others


@dataclass(frozen=True, kw_only=True)
class EmbeddingConfig:
    """How the embedding is learned, after the base phase."""

    COSINE_DROPS: ClassVar[tuple[float, ...]] = (120 / 180, 160 / 180)

    classes: str = setting("all", choices=SHOWN, help=CLASSES)
    scale: float = setting(20.0, ge=0.1, le=1000.0, help=SCALE)
    cosine_steps: int = setting(100, ge=1, le=1_000_000, help="Steps of the box head with a cosine classifier.")
    cosine_lr: float = setting(5e-4, ge=0.0, le=10.0, help="Learning rate of these steps.")

    def cosine_phase(self) -> Phase:
        """The second part of the base phase."""
        phase: Phase = self.phase(  # type: ignore[attr-defined]  # of the settings of the network
            self.cosine_steps,
            self.base_batch,  # type: ignore[attr-defined]
            self.cosine_lr,
            drops=self.COSINE_DROPS,
            warm_up=min(20, self.warm_up),  # type: ignore[attr-defined]
        )
        return phase


@dataclass(frozen=True, kw_only=True)
class EmbeddingOnResNet(EmbeddingConfig):
    """The authors' for COCO with ResNet-50."""

    base_steps: int = setting(220_000, ge=1, le=1_000_000, help="Steps of the base phase.")
    base_batch: int = setting(8, ge=1, le=256, help="Images a step of the base phase.")
    base_lr: float = setting(0.01, ge=0.0, le=10.0, help="Learning rate of the base phase.")
    cosine_steps: int = setting(180_000, ge=1, le=1_000_000, help="Steps of the box head with a cosine classifier.")
    cosine_lr: float = setting(7e-4, ge=0.0, le=10.0, help="Learning rate of these steps.")


class Incremental(Held):
    """A detector with a box and a mask for all classes alike, and cosines to a vector of each class."""

    agnostic = True
    masked = True

    def learn_base(self, scenes: AnnotatedSet) -> None:
        """Train all with a linear classifier; then the box head with a cosine one, while all else stays as it is."""
        super().learn_base(scenes)
        heads = self.network.roi_heads
        heads.box_predictor = self._cosines(self.base, self.base)
        freeze([self.network], but=[heads.box_head, heads.box_predictor])
        self.train(scenes, self.context.config.cosine_phase(), BASE, COSINES)

    def load_base(self, folder: Path) -> None:
        self.network.roi_heads.box_predictor = self._cosines(self.base, self.base)
        super().load_base(folder)

    def fit_novel(self, support: AnnotatedSet) -> None:
        """Novel classes are told by the mean of their examples' embeddings, each of length one."""
        import torch

        means = self._means(support)
        novel = tuple(label for label in self.novel if label in means)
        self.shown = (*self.base, *novel) if self.context.config.classes == "all" else novel
        heads = self.network.roi_heads
        predictor = self._cosines(self.shown, self.base)
        with torch.no_grad():
            for label in novel:
                predictor.cls_score.weight[self.shown.index(label) + 1] = means[label]
        heads.box_predictor = predictor
        if heads.has_mask():
            heads.mask_predictor.outputs = len(self.shown) + 1

    def _cosines(self, shown: Sequence[int], known: Sequence[int]) -> LinearPredictor:
        """A cosine classifier for these classes, with what is known of some of them and of the background."""
        from farfield_baselines.networks.few_shot_heads import copy_rows
        from farfield_baselines.networks.seeding import seeded

        old = self.network.roi_heads.box_predictor
        with seeded(self.device, self.context.seed, COSINES, len(shown)):
            made = self.predictor("cosine", old.cls_score.in_features, len(shown)).to(self.device)
        copy_rows(old, made, {0: 0, **rows_of(shown, known)})
        return made

    def _means(self, support: AnnotatedSet) -> dict[int, torch.Tensor]:
        """The mean embedding [D] of each novel class that is shown."""
        import torch

        from farfield_baselines.few_shot_detection.regions import embeddings
        from farfield_baselines.networks.few_shot_heads import unit

        rows: dict[int, list[torch.Tensor]] = {}
        for scene in OfClasses(support, self.novel):
            labels, embedded = embeddings(self.network, scene, self.device)
            for label, row in zip(labels, unit(embedded), strict=True):
                rows.setdefault(self.novel[label], []).append(row)
        return {label: torch.stack(each).mean(dim=0) for label, each in rows.items()}


SPEC = declare(
    "imtfa",
    Incremental,
    "Mask R-CNN with a cosine classifier, to which novel classes are added as mean embeddings",
    (GANEA, MASKS),
    settings=EmbeddingConfig,
    large=EmbeddingOnResNet,
)
