"""Domain generalisation by DomainBed's contract, one algorithm a file.

These modules import no torch at their top, so that listing the methods takes no time: what needs it is imported when
a method is built or run.
"""

from farfield import MethodSpec
from farfield_baselines.generalization import (
    arm,
    arm_cml,
    batchformer,
    cdann,
    class_means,
    clip_car_ft,
    clip_erm,
    clip_linear_probe,
    clip_wise_ft,
    clip_zero_shot,
    coral,
    dann,
    erm,
    groupdro,
    irm,
    irmcon,
    miro,
    mixup,
    mldg,
    mmd,
    mtl,
    mtl_mean,
    rsc,
    sagnet,
    sam,
    smos,
    swad,
    udim,
    vrex,
)

SPECS: tuple[MethodSpec, ...] = (
    erm.SPEC,
    irm.SPEC,
    groupdro.SPEC,
    mixup.SPEC,
    mldg.SPEC,
    coral.SPEC,
    mmd.SPEC,
    dann.SPEC,
    cdann.SPEC,
    vrex.SPEC,
    rsc.SPEC,
    sagnet.SPEC,
    arm.SPEC,
    arm_cml.SPEC,
    mtl.SPEC,
    mtl_mean.SPEC,
    sam.SPEC,
    swad.SPEC,
    miro.SPEC,
    smos.SPEC,
    udim.SPEC,
    irmcon.SPEC,
    batchformer.SPEC,
)
# Those on any CLIP model, with the mini CLIP as the default.
ON_CLIP: tuple[MethodSpec, ...] = (
    clip_zero_shot.SPEC,
    clip_linear_probe.SPEC,
    clip_erm.SPEC,
    clip_wise_ft.SPEC,
    clip_car_ft.SPEC,
)
CLASS_MEANS = class_means.SPEC
