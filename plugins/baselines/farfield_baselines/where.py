"""Where a method's specification is, so that a run of it imports no other's.

A method is in the file of its name, in one of the folders of methods; `ELSEWHERE` has those that are not.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from farfield import MethodSpec

FOLDERS = (
    "classification",
    "ood_detection",
    "ood_training",
    "generalization",
    "groups",
    "longtail",
    "adaptation",
    "detection",
    "few_shot_detection",
    "few_shot_classification",
    "selection",
    "sequences",
    "retrieval",
)
ELSEWHERE: Mapping[str, str] = {
    "clip-wise-ft": "classification.wise_ft",
    "temp-scale-train": "ood_detection.temp_scale",
    "kl-matching-train": "ood_detection.kl_matching",
    "react-train": "ood_detection.react",
    "vra-train": "ood_detection.vra",
    "adascale-a": "ood_detection.adascale",
    "adascale-l": "ood_detection.adascale",
    "dg-class-means": "generalization.class_means",
    "dg-clip-zero-shot": "generalization.clip_zero_shot",
    "dg-clip-linear-probe": "generalization.clip_linear_probe",
    "dg-clip-erm": "generalization.clip_erm",
    "dg-clip-wise-ft": "generalization.clip_wise_ft",
    "dg-clip-car-ft": "generalization.clip_car_ft",
    "extrapolated-erm": "generalization.extrapolated",
    "wilds-erm-regression": "groups.regression",
    "wilds-groupdro-regression": "groups.regression",
    "wilds-irm-regression": "groups.regression",
    "wilds-coral-regression": "groups.regression",
    "ask-random": "adaptation.sampled",
    "ask-margin": "adaptation.sampled",
    "ask-entropy": "adaptation.sampled",
    "faster-rcnn-groupdro": "detection.groupdro",
    "faster-rcnn-domain-penalisation": "detection.domain_penalisation",
    "faster-rcnn-noisy-student": "detection.noisy_student",
    "fs-centre-box": "few_shot_detection.centre_box",
    "fsc-prototypes": "few_shot_classification.prototypes",
}
PACKAGE = __name__.rpartition(".")[0]


def method_named(name: str) -> MethodSpec | None:
    """The method's specification; None for a name that is neither a file's nor known to be elsewhere."""
    for place in _places(name):
        for spec in _specs(import_module(place)):
            if spec.name == name:
                return spec
    return None


def _places(name: str) -> Iterator[str]:
    """The modules in which it may be."""
    if name in ELSEWHERE:
        yield f"{PACKAGE}.{ELSEWHERE[name]}"
        return
    file = name.replace("-", "_")
    for folder in FOLDERS if file.isidentifier() else ():
        place = f"{PACKAGE}.{folder}.{file}"
        if find_spec(place) is not None:
            yield place


def _specs(module: ModuleType) -> tuple[MethodSpec, ...]:
    """Those of a file of methods: one, or several."""
    single = getattr(module, "SPEC", None)
    return getattr(module, "SPECS", ()) if single is None else (single,)
