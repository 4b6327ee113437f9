"""A real ImageNet classifier, as published."""

from typing import Any

import numpy as np
import numpy.typing as npt

from farfield import Frozen, MethodSpec, Resources, RunContext, TaskFamily
from farfield_baselines.backbones import LITE0, LITE0_CLAIMS, LITE0_PAPER
from farfield_baselines.imagenet import ClassMap


class Lite0Classifier:
    """EfficientNet-Lite0's own 1,000-class head, restricted to the benchmark's classes."""

    def __init__(self, context: RunContext) -> None:
        from farfield_baselines.networks.lite0 import Lite0

        self._network = Lite0(context.device)
        self._classes = ClassMap(context)

    def predict(self, inputs: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        """uint8 [B, 224, 224, 3] or features [B, 1280] -> logits float32 [B, C]."""
        network = self._network
        return self._classes.restrict(network.classified(inputs) if inputs.ndim == 2 else network.logits(inputs))


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
