"""Any supervised classifier of timm's, with test-time augmentation if wanted."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield import Images, MethodSpec, Resources, RunContext, TaskFamily, TrackClaims, setting
from farfield.errors import ConfigError
from farfield_baselines.backbones import LITE0
from farfield_baselines.imagenet import ClassMap

IMAGENET_CLASSES = 1000
VIEWS = ("none", "flip", "ten-crop")


@dataclass(frozen=True, kw_only=True)
class Config:
    """The model, and how many views of an image it sees."""

    model: str = setting("lite0", help="A model name of timm's, such as convnextv2_base.fcmae_ft_in1k, or lite0.")
    checkpoint: str = setting(
        "", max_length=1000, help="A file of the weights, safetensors or tensors alone as torch saves; empty: timm's."
    )
    views: str = setting(
        "none",
        choices=VIEWS,
        help="Test-time augmentation: none, the mirror image, or ten crops; softmaxes are averaged.",
    )


class TimmClassifier:
    """The model's own classes where they are as many as the benchmark's, else ImageNet's 1,000 restricted to it."""

    def __init__(self, context: RunContext) -> None:
        from farfield_baselines.networks import timm_models

        self._context, config = context, context.config
        wanted = timm_models.Wanted(model=config.model, checkpoint=config.checkpoint)
        self._classifier = timm_models.load(wanted, context.device)
        self._restrict = restriction(int(self._classifier.network.num_classes), context)

    def predict(self, images: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        """uint8 [B, H, W, 3] -> logits float32 [B, C]."""
        logits = self._classifier.logits(images, self._context.config.views)
        return logits if self._restrict is None else self._restrict.restrict(logits)


def restriction(outputs: int, context: RunContext) -> ClassMap | None:
    """From the network's outputs to the benchmark's classes; None where they are the same.

    Raises ConfigError when the network has neither ImageNet's 1,000 classes nor as many as the benchmark.
    """
    if outputs == IMAGENET_CLASSES and any(context.class_synsets):
        return ClassMap(context)
    if outputs != context.class_count:
        has = f"model: it has {outputs} classes, the benchmark {context.class_count}"
        raise ConfigError([f"{has}; give one with as many, or with ImageNet's {IMAGENET_CLASSES}"])
    return None


def inputs_for(config: Config) -> Images:
    """The images that the configured model takes."""
    from farfield_baselines.networks import timm_models

    return timm_models.inputs_of(timm_models.Wanted(model=config.model, checkpoint=config.checkpoint))


SPEC = MethodSpec(
    name="timm-classifier",
    family=TaskFamily.CLASSIFICATION,
    summary="Any classifier of timm's by name or file, restricted to the benchmark's classes.",
    build=TimmClassifier,
    inputs=LITE0.inputs,
    inputs_for=inputs_for,
    claims=TrackClaims(backbone="as configured", pretraining=("as configured",)),
    config=Config,
    resources=Resources(memory_gib=8.0, minutes=240.0),
    papers=("Wightman 2019, PyTorch Image Models, doi 10.5281/zenodo.4414861",),
    licence="Apache-2.0",
)
