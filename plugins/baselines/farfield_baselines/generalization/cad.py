"""The contrastive adversarial domain bottleneck, CAD (Ruan et al. 2022, arXiv 2201.00057)."""

from farfield_baselines.generalization.declare import declare
from farfield_baselines.generalization.domain_bottleneck import CADConfig, DomainBottleneck


class CAD(DomainBottleneck):
    """The contrast is among all images."""


SPEC = declare(
    "cad",
    CAD,
    "CAD: the risk, and a contrast by which features do not tell the training domain.",
    ("Ruan et al. 2022, arXiv 2201.00057",),
    config=CADConfig,
)
