"""Energy score (Liu et al. 2020, arXiv 2010.03759, section 3)."""

from dataclasses import dataclass

from farfield import setting
from farfield.numerics import Floats, logsumexp
from farfield_baselines.ood_detection.core import Floats as AnyFloats
from farfield_baselines.ood_detection.core import Known, Rule, Score
from farfield_baselines.ood_detection.declare import Detector
from farfield_baselines.ood_detection.scratch import on_scratch


@dataclass(frozen=True, kw_only=True)
class Config:
    """The score's temperature."""

    temperature: float = setting(1.0, ge=0.01, le=1000.0, help="T of T * log sum exp(logit / T); the paper uses 1.")


def negative_energy(logits: AnyFloats, temperature: float = 1.0) -> Floats:
    """The negative free energy over the ID classes, T * logsumexp(logits / T): [B, C] -> [B]."""
    return temperature * logsumexp(logits / temperature)


def energy(_: Known, config: Config) -> Score:
    """The negative free energy of the model's own logits."""
    return lambda seen: negative_energy(seen.logits, config.temperature)


RULE = Rule(make=energy, fits=False)
DETECTOR = Detector(
    name="energy",
    title="Energy score",
    rule=RULE,
    config=Config,
    papers=("Liu et al. 2020, arXiv 2010.03759",),
)
SPEC = DETECTOR.on_any(lite0=DETECTOR.on_lite0, scratch=on_scratch(DETECTOR))
