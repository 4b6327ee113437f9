"""OOD detectors, one a file. `SPECS` are those that this folder brings, in the order of the documentation."""

from farfield import MethodSpec
from farfield_baselines.ood_detection import (
    abet,
    ash,
    clipn,
    constant_detector,
    cooked,
    energy,
    gradnorm,
    knn,
    mahalanobis,
    max_logit,
    mcm,
    msp,
    odin,
    react,
    vim,
    zode,
)

SPECS: tuple[MethodSpec, ...] = (
    constant_detector.SPEC,
    msp.SPEC,
    max_logit.SPEC,
    energy.SPEC,
    odin.SPEC,
    gradnorm.SPEC,
    react.SPEC,
    ash.SPEC,
    knn.SPEC,
    mahalanobis.SPEC,
    vim.SPEC,
    abet.SPEC,
    mcm.SPEC,
    clipn.SPEC,
    zode.SPEC,
    cooked.SPEC,
)
