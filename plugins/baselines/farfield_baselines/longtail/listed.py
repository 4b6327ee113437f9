"""The methods of this folder, in the order of the documentation."""

from farfield import MethodSpec
from farfield_baselines.longtail import (
    balanced_softmax,
    crt,
    deconfound_tde,
    h2e,
    ifl,
    logit_adjustment,
    lt_batchformer,
    lt_cross_entropy,
    lws,
    tau_norm,
)

SPECS: tuple[MethodSpec, ...] = (
    lt_cross_entropy.SPEC,
    balanced_softmax.SPEC,
    logit_adjustment.SPEC,
    crt.SPEC,
    tau_norm.SPEC,
    lws.SPEC,
    deconfound_tde.SPEC,
    ifl.SPEC,
    lt_batchformer.SPEC,
    h2e.SPEC,
)
