"""What the entry point `farfield-baselines` registers."""

from farfield import BackboneSpec, MethodSpec, hookimpl
from farfield_baselines import backbones, generalization
from farfield_baselines.classification import (
    constant,
    lite0,
    lite0_linear_probe,
    lite0_ncm,
    mini_clip_linear_probe,
    mini_clip_wise_ft,
    mini_clip_zero_shot,
)
from farfield_baselines.few_shot_detection import centre_box
from farfield_baselines.generalization import class_means
from farfield_baselines.ood_detection import (
    constant_detector,
    lite0_energy,
    lite0_knn,
    lite0_max_logit,
    lite0_msp,
    mini_clip_mcm,
)


@hookimpl
def farfield_methods() -> list[MethodSpec]:
    return [
        constant.SPEC,
        lite0.SPEC,
        lite0_ncm.SPEC,
        lite0_linear_probe.SPEC,
        mini_clip_zero_shot.SPEC,
        mini_clip_linear_probe.SPEC,
        mini_clip_wise_ft.SPEC,
        constant_detector.SPEC,
        lite0_msp.SPEC,
        lite0_max_logit.SPEC,
        lite0_energy.SPEC,
        lite0_knn.SPEC,
        mini_clip_mcm.SPEC,
        class_means.SPEC,
        *generalization.SPECS,
        centre_box.SPEC,
    ]


@hookimpl
def farfield_backbones() -> list[BackboneSpec]:
    return [backbones.LITE0, backbones.MINI_CLIP]
