"""What the classification methods on CLIP share: which model, which prompts, and how their specs are made.

Nothing here imports torch at its top, so that the methods are listed quickly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from farfield import Base, Choice, Frozen, Images, MethodSpec, Resources, RunContext, TaskFamily, TrackClaims, setting
from farfield.errors import ConfigError
from farfield_baselines.backbones import CLIP_PAPER
from farfield_baselines.prompt_towers import PromptTower, network_of
from farfield_baselines.prompts import LIST_HELP, listed_templates

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from farfield_baselines.networks.clip import Clip, Wanted

IMAGES = Images(size=128)  # of the default, the mini CLIP
# What the model was trained on is the configuration's to say: such an entry is in no track that limits pre-training.
CLAIMS = TrackClaims(backbone="as configured", pretraining=("as configured",))
LARGE = Resources(memory_gib=8.0, minutes=240.0)
NAME_SOURCES = ("auto", "benchmark", "open-clip")


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """Which CLIP model."""

    model: str = setting("mini-clip", help="A model name of open_clip's, such as ViT-B-16, or mini-clip.")
    pretrained: str = setting("", help="A tag of open_clip's for its weights. Empty: mini-clip's own, or checkpoint.")
    checkpoint: str = setting(
        "", max_length=1000, help="A file of the whole model's weights: safetensors, or tensors alone as torch saves."
    )


@dataclass(frozen=True, kw_only=True)
class PromptConfig(ModelConfig):
    """The model, and the prompts its classifier is made of."""

    templates: str = setting("auto", max_length=4000, help=LIST_HELP)
    class_names: str = setting(
        "auto",
        choices=NAME_SOURCES,
        help="Whose class names: the benchmark's, or open_clip's for ImageNet; auto: open_clip's where every class is "
        "one of ImageNet's.",
    )


@dataclass(frozen=True, kw_only=True)
class TrainConfig(PromptConfig):
    """The model, the prompts, and AdamW. Wortsman et al. 2022 train with batches of 512 and 500 steps of warm-up."""

    epochs: int = setting(10, ge=1, le=1000, help="Passes over the training split.")
    batch_size: int = setting(16, ge=1, le=4096, help="Images a step.")
    learning_rate: float = setting(3e-5, ge=0.0, le=0.1, help="Peak learning rate of AdamW.")
    weight_decay: float = setting(0.1, ge=0.0, le=1.0, help="Decoupled weight decay of AdamW.")
    warm_up: int = setting(0, ge=0, le=1_000_000, help="Steps of linear warm-up; 0 is a tenth of all steps.")


def wanted(config: ModelConfig) -> Wanted:
    """The model of a configuration."""
    from farfield_baselines.networks.clip import Wanted

    return Wanted(model=config.model, pretrained=config.pretrained, checkpoint=config.checkpoint)


def load(context: RunContext) -> Clip:
    """The configured model on the run's device. Raises ConfigError for one that is not to be had."""
    from farfield_baselines.networks import clip

    return clip.load(wanted(context.config), context.device)


def prompt_tower(context: RunContext) -> PromptTower:
    """The text side of the configured model, which is loaded only where the platform has no embeddings of it."""
    config: Any = context.config
    network = network_of(config.model, config.pretrained, config.checkpoint)
    return PromptTower(context, network, lambda: load(context))


def inputs_for(config: Any) -> Images:
    """The images that the configured model takes."""
    from farfield_baselines.networks import clip

    return clip.inputs_of(wanted(config))


def class_names(context: RunContext) -> tuple[str, ...]:
    """The names for the prompts, [C]. Raises ConfigError when open_clip's are asked for and do not apply."""
    choice = context.config.class_names
    if choice == "benchmark":
        return context.class_names
    found = imagenet_names(context)
    if found is None and choice == "open-clip":
        reason = "open_clip names ImageNet's 1,000 classes, and not every class here is exactly one of them"
        raise ConfigError([f"class_names: {reason}; use benchmark"])
    return found or context.class_names


def imagenet_names(context: RunContext) -> tuple[str, ...] | None:
    """open_clip's names [C] where every class stands for one ImageNet synset of its own, else None."""
    from open_clip import IMAGENET_CLASSNAMES

    from farfield_baselines.imagenet import imagenet_index

    index = imagenet_index()
    wnids = [synsets[0] for synsets in context.class_synsets if len(synsets) == 1 and synsets[0] in index]
    if not wnids or len(set(wnids)) != context.class_count:
        return None
    return tuple(IMAGENET_CLASSNAMES[index[wnid]] for wnid in wnids)


def prompt_templates(context: RunContext) -> tuple[str, ...]:
    """The configured templates. Raises ConfigError for one without a place for the name."""
    config: PromptConfig = context.config
    try:
        return listed_templates(config.templates, config.model, context.prompt_templates)
    except ValueError as error:
        raise ConfigError([f"templates: {error}"]) from error


def zero_shot_weight(context: RunContext, clip: Clip | PromptTower) -> npt.NDArray[np.float32]:
    """The zero-shot classifier float32 [C, D] on unit embeddings, times the logit scale."""
    return clip.classifier(class_names(context), prompt_templates(context))


def declare(
    name: str,
    build: Callable[[RunContext], Any],
    summary: str,
    papers: tuple[str, ...],
    config: type,
    *,
    stochastic: bool = False,
    choices: Mapping[str, Choice] | None = None,
    family: TaskFamily = TaskFamily.CLASSIFICATION,
    frozen: tuple[Frozen, ...] = (),
    base: Base | None = None,
) -> MethodSpec:
    """The spec of a method on any CLIP model, and on what else it can take."""
    return MethodSpec(
        name=name,
        family=family,
        summary=summary,
        build=build,
        inputs=IMAGES,
        inputs_for=inputs_for,
        frozen=frozen,
        base=base,
        claims=CLAIMS,
        config=config,
        resources=LARGE,
        stochastic=stochastic,
        papers=(*papers, CLIP_PAPER) if CLIP_PAPER not in papers else papers,
        licence="Apache-2.0",
        input_name="clip" if choices else "images",
        choices=choices or {},
    )
