"""Maximum logit (Hendrycks et al. 2022, arXiv 1911.11132, section 4)."""

from farfield_baselines.ood_detection.core import Known, Rule, Score
from farfield_baselines.ood_detection.declare import Detector


def max_logit(_: Known, __: object) -> Score:
    """The highest logit over the ID classes, not normalised."""
    return lambda seen: seen.logits.max(axis=1)


RULE = Rule(make=max_logit, fits=False)
DETECTOR = Detector(
    name="max-logit",
    title="Maximum logit",
    rule=RULE,
    papers=("Hendrycks et al. 2022, arXiv 1911.11132",),
)
SPEC = DETECTOR.spec
