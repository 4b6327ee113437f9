"""The methods of this folder, in the order of the documentation."""

from farfield import MethodSpec
from farfield_baselines.classification import (
    adu_probe,
    clip_car_ft,
    clip_flyp,
    clip_ft,
    clip_l2_sp,
    clip_layerwise,
    clip_lp_ft,
    constant,
    dat,
    linear_probe,
    lite0,
    loki,
    ncm,
    nmtune,
    open_probe,
    osloprompt,
    timm_classifier,
    wise_ft,
    zero_shot,
)

SPECS: tuple[MethodSpec, ...] = (
    constant.SPEC,
    lite0.SPEC,
    ncm.SPEC,
    linear_probe.SPEC,
    open_probe.SPEC,
    osloprompt.SPEC,
    adu_probe.SPEC,
    zero_shot.SPEC,
    timm_classifier.SPEC,
    clip_ft.SPEC,
    clip_lp_ft.SPEC,
    wise_ft.SPEC,
    clip_flyp.SPEC,
    clip_car_ft.SPEC,
    clip_l2_sp.SPEC,
    clip_layerwise.SPEC,
    nmtune.SPEC,
    loki.SPEC,
    dat.SPEC,
)
# Those of docs/robust-fine-tuning.md, on any CLIP model, with the mini CLIP as the default.
ON_CLIP: tuple[MethodSpec, ...] = tuple(
    spec.with_input("clip") if spec.choices else spec
    for spec in (zero_shot.SPEC, linear_probe.SPEC, *SPECS[SPECS.index(clip_ft.SPEC) :])
)
