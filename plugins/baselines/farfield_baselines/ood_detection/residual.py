"""The residual of virtual-logit matching alone (Wang et al. 2022, arXiv 2203.10807, section 4.1)."""

from dataclasses import dataclass

import numpy as np

from farfield import setting
from farfield_baselines.ood_detection.core import Floats, Known, Rule, Score, Seen
from farfield_baselines.ood_detection.declare import Detector
from farfield_baselines.ood_detection.vim import origin, principal_space, residual_length

DIM = 512
HELP = "Dimension of the principal space. 0 is OpenOOD's 512, at most half of the training images and of the width."


@dataclass(frozen=True, kw_only=True)
class Config:
    """How much of the features counts as principal."""

    dim: int = setting(0, ge=0, le=4096, help=HELP)


def residual(known: Known, config: Config) -> Score:
    """Minus the length of what the principal space of the training images leaves over.

    Raises ValueError for a dimension that leaves no residual on the training images.
    """
    features, centre = known.seen.features, origin(known.head)
    images, width = features.shape
    dim = config.dim or max(1, min(DIM, images // 2, width // 2))
    if dim >= min(images, width):
        raise ValueError(
            f"dim {dim} leaves no residual of {images} training images of width {width}; give a smaller one"
        )
    basis = principal_space(features - centre, dim)

    def score(seen: Seen) -> Floats:
        return -np.asarray(residual_length(seen.features - centre, basis))

    return score


RULE = Rule(make=residual, fits=True)
DETECTOR = Detector(
    name="residual",
    title="The residual of virtual-logit matching",
    rule=RULE,
    config=Config,
    papers=("Wang et al. 2022, arXiv 2203.10807",),
)
SPEC = DETECTOR.spec
