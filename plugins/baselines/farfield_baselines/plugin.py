"""What the entry point `farfield-baselines` registers."""

from farfield import BackboneSpec, MethodSpec, hookimpl
from farfield_baselines import backbones, where


@hookimpl
def farfield_methods() -> list[MethodSpec]:
    """All of them, which imports all of their modules."""
    from farfield_baselines.adaptation import listed as adaptation
    from farfield_baselines.classification import listed as classification
    from farfield_baselines.detection import listed as detection
    from farfield_baselines.few_shot_classification import listed as few_shot_classification
    from farfield_baselines.few_shot_detection import centre_box
    from farfield_baselines.few_shot_detection import listed as few_shot_detection
    from farfield_baselines.generalization import listed as generalization
    from farfield_baselines.groups import listed as groups
    from farfield_baselines.longtail import listed as longtail
    from farfield_baselines.ood_detection import listed as ood_detection
    from farfield_baselines.ood_training import listed as ood_training
    from farfield_baselines.retrieval import listed as retrieval
    from farfield_baselines.selection import listed as selection
    from farfield_baselines.sequences import listed as sequences

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
        *detection.SPECS,
        *few_shot_detection.SPECS,
        *few_shot_detection.QUERY_BASED,
        *few_shot_classification.SPECS,
        *sequences.SPECS,
        *retrieval.SPECS,
        *selection.SPECS,
    ]


@hookimpl
def farfield_method_named(name: str) -> MethodSpec | None:
    return where.method_named(name)


@hookimpl
def farfield_backbones() -> list[BackboneSpec]:
    return list(backbones.BACKBONES)
