"""The softmax at the temperature under which the training labels are likeliest (Guo et al. 2017, section 4.2).

OpenOOD learns it from ID validation images, which no method is given here; ours is from the training images, and the
name says so. OpenOOD's optimizer also stops before it is there.
"""

import numpy as np

from farfield.numerics import softmax
from farfield_baselines.ood_detection.core import Floats, Ints, Known, Rule, Score
from farfield_baselines.ood_detection.declare import Detector

LOWEST, HIGHEST = 0.01, 100.0
HALVINGS = 50  # to the last digits of a logarithm


def likeliest_temperature(logits: Floats, labels: Ints) -> float:
    """The T in 0.01..100 of least mean cross-entropy of logits / T [N, C] and labels [N].

    The loss is convex in 1 / T, so it has one minimum, which is where its slope changes sign. Where every image is
    classified rightly it may lie at the lowest T.
    """
    wide = np.asarray(logits, np.float64)
    ahead = wide - wide[np.arange(len(labels)), labels][:, None]  # of the right class: exact where all are far behind
    low, high = np.log(LOWEST), np.log(HIGHEST)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        if float((softmax(np.exp(-middle) * ahead) * ahead).sum()) > 0.0:  # the slope in 1 / T
            low = middle
        else:
            high = middle
    return float(np.exp(0.5 * (low + high)))


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
