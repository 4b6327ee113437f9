"""Classification methods, one a file."""

from farfield import MethodSpec
from farfield_baselines.classification import (
    clip_car_ft,
    clip_flyp,
    clip_ft,
    clip_l2_sp,
    clip_layerwise,
    clip_linear_probe,
    clip_lp_ft,
    clip_wise_ft,
    clip_zero_shot,
    constant,
    dat,
    lite0,
    lite0_linear_probe,
    lite0_ncm,
    loki,
    mini_clip_linear_probe,
    mini_clip_wise_ft,
    mini_clip_zero_shot,
    nmtune,
    timm_classifier,
)

# Those on any CLIP model, with the mini CLIP as the default.
ON_CLIP: tuple[MethodSpec, ...] = (
    clip_zero_shot.SPEC,
    clip_linear_probe.SPEC,
    clip_ft.SPEC,
    clip_lp_ft.SPEC,
    clip_wise_ft.SPEC,
    clip_flyp.SPEC,
    clip_car_ft.SPEC,
    clip_l2_sp.SPEC,
    clip_layerwise.SPEC,
    nmtune.SPEC,
    loki.SPEC,
    dat.SPEC,
)
SPECS: tuple[MethodSpec, ...] = (
    constant.SPEC,
    lite0.SPEC,
    lite0_ncm.SPEC,
    lite0_linear_probe.SPEC,
    mini_clip_zero_shot.SPEC,
    mini_clip_linear_probe.SPEC,
    mini_clip_wise_ft.SPEC,
    timm_classifier.SPEC,
    *ON_CLIP,
)
