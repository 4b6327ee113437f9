"""ODIN (Liang et al. 2018, arXiv 1706.02690, section 3): temperature, and a step towards more confidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from farfield import Choice, Images, Resources, RunContext, setting
from farfield_baselines.backbones import LITE0_CLAIMS, LITE0_PAPER
from farfield_baselines.numerics import softmax
from farfield_baselines.ood_detection.core import Floats
from farfield_baselines.ood_detection.declare import ModelConfig, image_spec, with_model

if TYPE_CHECKING:
    from farfield_baselines.ood_detection.models import Network

PAPER = "Liang et al. 2018, arXiv 1706.02690"


@dataclass(frozen=True, kw_only=True)
class Config:
    """The two hyperparameters."""

    temperature: float = setting(1000.0, ge=0.01, le=10000.0, help="T of softmax(logits / T); the paper uses 1000.")
    epsilon: float = setting(0.0014, ge=0.0, le=0.1, help="The step, where pixels lie in 0..1; the paper uses 0.0014.")


class ODIN:
    """The highest softmax(logits / T) at x - epsilon sign(gradient of -log softmax(logits / T) of the best class)."""

    def __init__(self, network: Network, config: Any) -> None:
        self._network, self._config = network, config

    def score(self, images: npt.NDArray[Any]) -> tuple[Floats, Floats]:
        """uint8 [B, H, W, 3] -> (score [B] in (0, 1], logits [B, C] of the images as they are)."""
        from farfield_baselines.ood_detection.stepping import towards_confidence

        pixels = self._network.pixels(images)
        stepped, logits = towards_confidence(self._network, pixels, self._config.temperature, self._config.epsilon)
        return softmax(stepped / self._config.temperature).max(axis=1), logits


def on_lite0(context: RunContext) -> ODIN:
    """The method on the shipped classifier."""
    from farfield_baselines.ood_detection.models import open_model

    return ODIN(open_model(ModelConfig(model="lite0"), context), context.config)


def on_any(context: RunContext) -> ODIN:
    """The method on the configured model."""
    from farfield_baselines.ood_detection.models import open_model

    return ODIN(open_model(context.config, context), context.config)


ON_LITE0 = Choice(
    inputs=Images(size=224),
    summary="ODIN, EfficientNet-Lite0 over the ID classes.",
    build=on_lite0,
    claims=LITE0_CLAIMS,
    config=Config,
    resources=Resources(memory_gib=6.0, minutes=30.0),
    batch_size=16,
    papers=(PAPER, LITE0_PAPER),
)
SPEC = image_spec(
    name="odin",
    summary="ODIN, any timm or open_clip model.",
    build=on_any,
    config=with_model(Config),
    papers=(PAPER,),
    choices={"lite0": ON_LITE0},
)
