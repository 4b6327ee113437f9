"""What the entry point `farfield-baselines` registers."""

from farfield import BackboneSpec, MethodSpec, hookimpl
from farfield_baselines import backbones, classification, generalization, ood_detection
from farfield_baselines.few_shot_detection import centre_box
from farfield_baselines.generalization import class_means, on_clip, on_lite0


@hookimpl
def farfield_methods() -> list[MethodSpec]:
    return [
        *classification.SPECS,
        *ood_detection.SPECS,
        class_means.SPEC,
        class_means.ON_LITE0,
        *generalization.SPECS,
        *on_lite0.SPECS,
        *on_clip.SPECS,
        centre_box.SPEC,
    ]


@hookimpl
def farfield_backbones() -> list[BackboneSpec]:
    return [backbones.LITE0, backbones.MINI_CLIP]
