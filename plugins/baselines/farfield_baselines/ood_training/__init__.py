"""Detectors whose network is trained to detect, one a file. `SPECS` are in the order of the documentation."""

from farfield import MethodSpec
from farfield_baselines.ood_training import (
    abet_trained,
    cider,
    clip_cma,
    conf_branch,
    deep_ensemble,
    g_odin,
    logit_norm,
    mc_dropout,
    mcd,
    mix_oe,
    outlier_exposure,
    rot_pred,
    rts,
    t2f_norm,
    vos,
)

SPECS: tuple[MethodSpec, ...] = (
    logit_norm.SPEC,
    t2f_norm.SPEC,
    g_odin.SPEC,
    abet_trained.SPEC,
    conf_branch.SPEC,
    rts.SPEC,
    mc_dropout.SPEC,
    deep_ensemble.SPEC,
    cider.SPEC,
    vos.SPEC,
    rot_pred.SPEC,
    outlier_exposure.SPEC,
    mcd.SPEC,
    mix_oe.SPEC,
    clip_cma.SPEC,
)
