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
    *msp.SPECS,
    *max_logit.SPECS,
    *energy.SPECS,
    *odin.SPECS,
    *gradnorm.SPECS,
    *react.SPECS,
    *ash.SPECS,
    *knn.SPECS,
    *mahalanobis.SPECS,
    *vim.SPECS,
    *abet.SPECS,
    *mcm.SPECS,
    *clipn.SPECS,
    *zode.SPECS,
    *cooked.SPECS,
)
