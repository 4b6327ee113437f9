"""Conditional domain-adversarial training (Li et al. 2018, ECCV, "conditional invariant adversarial networks")."""

from farfield_baselines.generalization.adversarial import Adversarial, AdversarialConfig
from farfield_baselines.generalization.declare import declare


class CDANN(Adversarial):
    """The discriminator sees the features and the class, and every class counts the same."""

    conditional = True


SPEC = declare(
    "cdann",
    CDANN,
    "CDANN: as DANN, with the features made alike within each class rather than overall.",
    ("Li et al. 2018, ECCV, Deep domain generalization via conditional invariant adversarial networks",),
    config=AdversarialConfig,
)
