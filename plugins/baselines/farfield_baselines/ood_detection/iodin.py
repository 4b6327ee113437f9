"""iODIN: ODIN whose step moves one value of the image, that of the largest gradient, as OpenOOD v1.5 has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farfield_baselines.ood_detection.core import Rule, Seen
from farfield_baselines.ood_detection.declare import Detector
from farfield_baselines.ood_detection.odin import GRID, PAPER, Config, odin

if TYPE_CHECKING:
    import torch

    from farfield_baselines.ood_detection.models import Network


def look(network: Network, pixels: torch.Tensor, config: Config) -> Seen:
    """Inside: the logits after the step of one value."""
    from farfield_baselines.ood_detection.stepping import largest, towards_confidence

    return towards_confidence(network, pixels, config.temperature, config.epsilon, moved=largest)


RULE = Rule(make=odin, fits=False, look=look, grid=GRID, seen_by=("temperature", "epsilon"))
DETECTOR = Detector(
    name="iodin", title="ODIN with a step of one value (iODIN)", rule=RULE, config=Config, papers=(PAPER,)
)
SPEC = DETECTOR.spec
