"""The methods of this folder, in the order of the documentation."""

from farfield import MethodSpec
from farfield_baselines.generalization import (
    arm,
    arm_cml,
    class_means,
    clip_car_ft,
    clip_erm,
    clip_linear_probe,
    clip_wise_ft,
    clip_zero_shot,
    mtl,
    mtl_mean,
    swad,
    uda_dann,
)
from farfield_baselines.generalization.inductive import INDUCTIVE

SPECS: tuple[MethodSpec, ...] = (*INDUCTIVE, arm.SPEC, arm_cml.SPEC, mtl.SPEC, mtl_mean.SPEC, swad.SPEC, uda_dann.SPEC)
# Those on any CLIP model, with the mini CLIP as the default.
ON_CLIP: tuple[MethodSpec, ...] = (
    clip_zero_shot.SPEC,
    clip_linear_probe.SPEC,
    clip_erm.SPEC,
    clip_wise_ft.SPEC,
    clip_car_ft.SPEC,
)
CLASS_MEANS = class_means.SPEC
