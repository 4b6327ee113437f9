"""The conditional contrastive adversarial domain bottleneck, CondCAD (Ruan et al. 2022, arXiv 2201.00057)."""

from farfield_baselines.generalization.declare import declare
from farfield_baselines.generalization.domain_bottleneck import CADConfig, DomainBottleneck


class CondCAD(DomainBottleneck):
    """The contrast is among the images of a class."""

    conditional = True


SPEC = declare(
    "condcad",
    CondCAD,
    "CondCAD: the risk, and a contrast by which features do not tell the training domain given the class.",
    ("Ruan et al. 2022, arXiv 2201.00057",),
    config=CADConfig,
)
