"""A real ImageNet classifier, as published."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from farfield import Frozen, MethodSpec, Resources, RunContext, TaskFamily
from farfield_baselines.backbones import LITE0, LITE0_CLAIMS, LITE0_PAPER
from farfield_baselines.imagenet import ImageNetHead

if TYPE_CHECKING:
    from farfield_baselines.networks.lite0 import Lite0


class Lite0Classifier:
    """EfficientNet-Lite0's own 1,000-class head, restricted to the benchmark's classes."""

    def __init__(self, context: RunContext) -> None:
        self._device, self._head = context.device, ImageNetHead(context)

    def predict(self, inputs: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        """uint8 [B, 224, 224, 3] or features [B, 1280] -> logits float32 [B, C]."""
        if inputs.ndim == 2:
            return self._head(inputs)
        return self._head.classes.restrict(self._network.logits(inputs))

    @cached_property
    def _network(self) -> "Lite0":
        """Only images need it, and torch."""
        from farfield_baselines.networks.lite0 import Lite0

        return Lite0(self._device)


SPEC = MethodSpec(
    name="lite0",
    family=TaskFamily.CLASSIFICATION,
    summary="EfficientNet-Lite0 with its ImageNet head, restricted to the benchmark's classes.",
    build=Lite0Classifier,
    inputs=LITE0.inputs,
    frozen=(Frozen(backbones={"": LITE0.name}, learns=False),),
    claims=LITE0_CLAIMS,
    resources=Resources(memory_gib=6.0),
    papers=(LITE0_PAPER,),
    licence="Apache-2.0",
)
