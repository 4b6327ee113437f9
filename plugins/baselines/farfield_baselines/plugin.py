"""What the entry point `farfield-baselines` registers."""

from farfield import BackboneSpec, MethodSpec, hookimpl
from farfield_baselines import (
    adaptation,
    backbones,
    classification,
    few_shot_classification,
    generalization,
    groups,
    longtail,
    ood_detection,
    ood_training,
    sequences,
)
from farfield_baselines.detection import SPECS as DETECTORS
from farfield_baselines.few_shot_detection import QUERY_BASED, centre_box
from farfield_baselines.few_shot_detection import SPECS as FEW_SHOT_DETECTORS


@hookimpl
def farfield_methods() -> list[MethodSpec]:
    return [
        *classification.SPECS,
        *ood_detection.SPECS,
        *ood_training.SPECS,
        generalization.CLASS_MEANS,
        *generalization.SPECS,
        *generalization.ON_CLIP,
        *groups.SPECS,
        *longtail.SPECS,
        *adaptation.SPECS,
        centre_box.SPEC,
        *DETECTORS,
        *FEW_SHOT_DETECTORS,
        *QUERY_BASED,
        *few_shot_classification.SPECS,
        *sequences.SPECS,
    ]


@hookimpl
def farfield_backbones() -> list[BackboneSpec]:
    return list(backbones.BACKBONES)
