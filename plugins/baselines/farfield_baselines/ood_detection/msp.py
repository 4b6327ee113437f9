"""Maximum softmax probability (Hendrycks & Gimpel 2017, arXiv 1610.02136, section 3)."""

from farfield.numerics import softmax
from farfield_baselines.ood_detection.core import Known, Rule, Score
from farfield_baselines.ood_detection.declare import Detector
from farfield_baselines.ood_detection.scratch import on_scratch


def msp(_: Known, __: object) -> Score:
    """The highest probability over the ID classes, in (0, 1]."""
    return lambda seen: softmax(seen.logits).max(axis=1)


RULE = Rule(make=msp, fits=False)
DETECTOR = Detector(
    name="msp",
    title="Maximum softmax probability",
    rule=RULE,
    papers=("Hendrycks & Gimpel 2017, arXiv 1610.02136",),
)
SPEC = DETECTOR.on_any(lite0=DETECTOR.on_lite0, scratch=on_scratch(DETECTOR))
