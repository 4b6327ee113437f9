"""Domain generalisation with a CLIP model: what the methods share.

A method is an `Algorithm` whose featurizer is the image tower, to unit embeddings, and whose classifier starts as the
zero-shot one: before training it is the zero-shot model exactly (Wortsman et al. 2022, arXiv 2109.01903, section 3).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from farfield import Images, MethodSpec, Resources, TaskFamily, TrackClaims, setting
from farfield_baselines.backbones import CLIP_PAPER
from farfield_baselines.clip_methods import ModelConfig, wanted
from farfield_baselines.generalization.core import Algorithm
from farfield_baselines.generalization.declare import DOMAINBED, Builder
from farfield_baselines.prompts import LIST_HELP, listed_templates

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from torch import nn


@dataclass(frozen=True, kw_only=True)
class ClipConfig(ModelConfig):
    """The model, and the prompts of the zero-shot classifier."""

    templates: str = setting("auto", max_length=4000, help=LIST_HELP)

    UNTRAINED: ClassVar[str] = "this algorithm has nothing to train"


@dataclass(frozen=True, kw_only=True)
class AdamConfig(ClipConfig):
    """Adam, as DomainBed trains everything."""

    lr: float = setting(1e-5, ge=0.0, le=1.0, help="Learning rate of Adam.")
    weight_decay: float = setting(0.0, ge=0.0, le=1.0, help="L2 penalty in Adam.")


@dataclass(frozen=True, kw_only=True)
class AugmentedConfig(AdamConfig):
    """Fine-tuning of the whole image tower."""

    data_augmentation: bool = setting(True, help="Random crop, mirror, colour jitter and grey, from 64 pixels on.")
    random_crop: bool = setting(True, help="Off leaves the crop out of the augmentation, as DomainBed has Spawrious.")


@dataclass(frozen=True, kw_only=True)
class AsTheyAre:
    """Images are never augmented."""

    data_augmentation: ClassVar[bool] = False


class OnClip(Algorithm):
    """The image tower and the zero-shot classifier; by itself it is end-to-end ERM."""

    remember = False

    def make_featurizer(self, extra_channels: int = 0) -> nn.Module:
        from farfield_baselines.networks import clip, clip_tower

        if len(self.setup.shape) != 3 or self.setup.shape[0] != 3:
            raise ValueError(f"a CLIP model takes images of 3 channels, and the inputs are {self.setup.shape}")
        self.clip = clip.load(wanted(self.config), self.setup.device)
        self.zero_shot = self.zero_shot_weight()
        return clip_tower.featurizer(self.clip, self.zero_shot.shape[1], remember=self.remember)

    def make_classifier(self) -> nn.Module:
        from farfield_baselines.networks import clip_tower

        return clip_tower.head(self.zero_shot)

    def zero_shot_weight(self) -> npt.NDArray[np.float32]:
        """Float32 [C, D] on unit embeddings: the classes' text embeddings times the logit scale."""
        config: ClipConfig = self.config
        return self.clip.classifier(self.setup.class_names, listed_templates(config.templates, config.model))


def images_for(config: Any) -> Images:
    """DomainBed's preparation of images, at the size that the configured model takes."""
    from farfield_baselines.networks.clip import inputs_of

    return Images(size=inputs_of(wanted(config)).size, crop="squash", interpolation="bilinear")


def declare(
    name: str,
    algorithm: type[Algorithm],
    summary: str,
    papers: tuple[str, ...],
    config: type,
    *,
    minutes: float = 720.0,
) -> MethodSpec:
    """The spec of a method on any CLIP model. What the model was trained on is the configuration's to say.

    Such an entry is therefore in no track that limits pre-training.
    """
    return MethodSpec(
        name=f"dg-clip-{name}",
        family=TaskFamily.DOMAIN_GENERALIZATION,
        summary=summary,
        build=Builder(algorithm),
        inputs=Images(size=128, crop="squash", interpolation="bilinear"),
        inputs_for=images_for,
        claims=TrackClaims(backbone="as configured", pretraining=("as configured",)),
        config=config,
        resources=Resources(memory_gib=8.0, minutes=minutes),
        stochastic=True,
        papers=(*dict.fromkeys((*papers, CLIP_PAPER)), DOMAINBED),
        licence="Apache-2.0",
    )
