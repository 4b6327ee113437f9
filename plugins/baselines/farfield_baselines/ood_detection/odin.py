"""ODIN (Liang et al. 2018, arXiv 1706.02690, section 3): temperature, and a step towards more confidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield import setting
from farfield.numerics import softmax
from farfield_baselines.ood_detection.core import Known, Rule, Score, Seen
from farfield_baselines.ood_detection.declare import Detector
from farfield_baselines.ood_detection.search import grid

if TYPE_CHECKING:
    import torch

    from farfield_baselines.ood_detection.models import Network

PAPER = "Liang et al. 2018, arXiv 1706.02690"


@dataclass(frozen=True, kw_only=True)
class Config:
    """The two hyperparameters."""

    temperature: float = setting(1000.0, ge=0.01, le=10000.0, help="T of softmax(logits / T); the paper uses 1000.")
    epsilon: float = setting(0.0014, ge=0.0, le=0.1, help="The step, where pixels lie in 0..1; the paper uses 0.0014.")


def look(network: Network, pixels: torch.Tensor, config: Config) -> Seen:
    """Inside: the logits after the step."""
    from farfield_baselines.ood_detection.stepping import towards_confidence

    return towards_confidence(network, pixels, config.temperature, config.epsilon)


def odin(_: Known, config: Config) -> Score:
    """The highest softmax(logits / T) after the step, in (0, 1]."""
    return lambda seen: softmax(seen.inside[0] / config.temperature).max(axis=1)


GRID = grid(temperature=(1.0, 10.0, 100.0, 1000.0), epsilon=(0.0014, 0.0028))
RULE = Rule(make=odin, fits=False, look=look, grid=GRID, seen_by=("temperature", "epsilon"))
DETECTOR = Detector(name="odin", title="ODIN", rule=RULE, config=Config, papers=(PAPER,))
SPEC = DETECTOR.spec
