"""GradNorm (Huang et al. 2021, arXiv 2110.00218, section 3), in closed form for the last layer."""

from dataclasses import dataclass

import numpy as np

from farfield import setting
from farfield.numerics import softmax
from farfield_baselines.ood_detection.core import Floats, Known, Rule, Score
from farfield_baselines.ood_detection.declare import Detector


@dataclass(frozen=True, kw_only=True)
class Config:
    """The softmax's temperature."""

    temperature: float = setting(1.0, ge=0.01, le=1000.0, help="T of softmax(logit / T); the paper uses 1.")


def gradient_norm(features: Floats, logits: Floats, temperature: float = 1.0) -> Floats:
    """The L1 norm of d KL(u || softmax(logits / T)) / d W, with W the last layer's weight and u uniform: [B].

    The gradient is the outer product of (softmax - u) / T and the feature, so its L1 norm is the product of theirs
    (section 3.3). Where a class is the best of several rows, the gradient reaches that row alone: the norm is the same.
    """
    off_uniform = np.abs(softmax(logits / temperature) - 1.0 / logits.shape[1]).sum(axis=1)
    return np.asarray(np.abs(features).sum(axis=1) * off_uniform / temperature)


def gradnorm(_: Known, config: Config) -> Score:
    """The gradient's norm at the model's own features and logits."""
    return lambda seen: gradient_norm(seen.features, seen.logits, config.temperature)


RULE = Rule(make=gradnorm, fits=False)
DETECTOR = Detector(
    name="gradnorm",
    title="GradNorm of the last layer",
    rule=RULE,
    config=Config,
    papers=("Huang et al. 2021, arXiv 2110.00218",),
)
SPEC = DETECTOR.spec
