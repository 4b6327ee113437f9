"""The softmax at the temperature under which the training labels are likeliest (Guo et al. 2017, section 4.2).

OpenOOD learns it from ID validation images, which no method is given here; ours is from the training images, and the
name says so. OpenOOD's optimizer also stops before it is there.
"""

import numpy as np

from farfield_baselines.numerics import logsumexp, softmax
from farfield_baselines.ood_detection.core import Floats, Ints, Known, Rule, Score
from farfield_baselines.ood_detection.declare import Detector

LOWEST, HIGHEST = 0.01, 100.0


def likeliest_temperature(logits: Floats, labels: Ints) -> float:
    """The T in 0.01..100 of least mean cross-entropy of logits / T [N, C] and labels [N].

    The loss is convex in 1 / T, so it has one minimum. Where every image is classified rightly it may lie at the
    lowest T.
    """
    from scipy.optimize import minimize_scalar

    wide, right = np.asarray(logits, np.float64), np.asarray(logits, np.float64)[np.arange(len(labels)), labels]

    def loss(log_temperature: float) -> float:
        sharpness = np.exp(-log_temperature)
        return float(np.mean(logsumexp(sharpness * wide) - sharpness * right))

    bounds = (np.log(LOWEST), np.log(HIGHEST))
    return float(np.exp(minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-8}).x))


def temp_scale(known: Known, _: object) -> Score:
    """The highest probability at that temperature, in (0, 1]."""
    temperature = likeliest_temperature(known.seen.logits, known.labels)
    return lambda seen: softmax(seen.logits / temperature).max(axis=1)


RULE = Rule(make=temp_scale, fits=True)
DETECTOR = Detector(
    name="temp-scale-train",
    title="Temperature scaling by the training images with the maximum softmax probability",
    rule=RULE,
    papers=("Guo et al. 2017, arXiv 1706.04599",),
)
SPEC = DETECTOR.spec
