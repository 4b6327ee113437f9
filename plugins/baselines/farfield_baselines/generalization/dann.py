"""Domain-adversarial training (Ganin et al. 2016, arXiv 1505.07818)."""

from farfield_baselines.generalization.adversarial import Adversarial, AdversarialConfig
from farfield_baselines.generalization.declare import declare


class DANN(Adversarial):
    """The discriminator sees the features."""


SPEC = declare(
    "dann",
    DANN,
    "DANN: the risk, on features from which a discriminator cannot tell the training domain.",
    ("Ganin et al. 2016, arXiv 1505.07818",),
    config=AdversarialConfig,
)
