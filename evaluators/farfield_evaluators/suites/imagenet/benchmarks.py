"""ImageNet-1k under covariate shift: the five shifted sets, and ImageNet-C.

Input: images. Label: one of ImageNet's 1000 classes; R and A are of 200 of them, ObjectNet of 113 groups, and how
logits are read there is in the pack (label spaces). Domains: the sets. Data are the operator's copies of the
official releases (docs/benchmarks/imagenet-data.md); imagenet-ood/mini-c is made of the demo's photographs.
Citations stand with each benchmark; licences are the releases' own.
"""

from farfield import TaskFamily
from farfield_evaluators.benchmark import Benchmark, Column, Domain
from farfield_evaluators.citations import HENDRYCKS_C, IMAGENET_TERMS, R_PAPER, V2_PAPER
from farfield_evaluators.data import attribution
from farfield_evaluators.metrics import catalog as metrics
from farfield_evaluators.plans.trials import SINGLE_RUNS
from farfield_evaluators.scoring import classification as scorers
from farfield_evaluators.scoring.corruption import CORRUPTION_ERRORS
from farfield_evaluators.suites.imagenet.nuisance.board import CNS_BENCH
from farfield_evaluators.suites.imagenet.ood_cv import OOD_CV, OOD_CV_ADAPTATION
from farfield_evaluators.suites.imagenet.watermark.board import IMAGENET_W
from farfield_evaluators.tracks import IMAGENET, OPEN, SCRATCH

_SHIFTS = {"v2": "V2", "r": "R", "a": "A", "sketch": "Sketch", "objectnet": "ObjectNet"}
_MAIN = {
    "gaussian-noise": "Gaussian noise",
    "shot-noise": "Shot noise",
    "impulse-noise": "Impulse noise",
    "defocus-blur": "Defocus blur",
    "glass-blur": "Glass blur",
    "motion-blur": "Motion blur",
    "zoom-blur": "Zoom blur",
    "snow": "Snow",
    "frost": "Frost",
    "fog": "Fog",
    "brightness": "Brightness",
    "contrast": "Contrast",
    "elastic-transform": "Elastic",
    "pixelate": "Pixelate",
    "jpeg-compression": "JPEG",
}
_MINI = (
    "gaussian-noise",
    "impulse-noise",
    "defocus-blur",
    "zoom-blur",
    "brightness",
    "contrast",
    "pixelate",
    "jpeg-compression",
)
_THREE_D = {
    "near-focus": "Near focus",
    "far-focus": "Far focus",
    "fog-3d": "Fog",
    "flash": "Flash",
    "low-light": "Low light",
    "iso-noise": "ISO noise",
    "color-quant": "Few colours",
    "xy-motion-blur": "Motion blur, sideways",
    "z-motion-blur": "Motion blur, forwards",
    "bit-error": "Bit error",
    "h265-abr": "H.265, by bit rate",
    "h265-crf": "H.265, by quality",
}
_V2 = {"v2": "Matched frequency", "v2-threshold": "Threshold 0.7", "v2-top-images": "Top images"}
_CALIBRATION = (metrics.ECE, metrics.BRIER, metrics.NLL)
_IMAGENET_PAPER = "Russakovsky et al., ImageNet Large Scale Visual Recognition Challenge, IJCV 2015 (arXiv 1409.0575)"


def _corruptions(names: dict[str, str], credit: str = "") -> tuple[Domain, ...]:
    return tuple(
        Domain(name=name, title=title, role="shift", set=f"c/{name.replace('-', '_')}", credit=credit)
        for name, title in names.items()
    )


IMAGENET_OOD = Benchmark(
    name="imagenet-ood/imagenet",
    version="2",
    family=TaskFamily.CLASSIFICATION,
    title="ImageNet OOD",
    summary="Classify ImageNet's validation set and its five shifts: V2, R, A, Sketch, ObjectNet.",
    description=(
        "A method may fit on ImageNet's training set. ImageNet's validation set is in-distribution. The logits of R"
        " and A are restricted to their 200 classes before the highest is looked for; on ObjectNet a class has the "
        "highest logit of the ImageNet classes that it stands for, and its border of 2 pixels is cropped off. "
        "Shifts count alike, whatever their size. Effective robustness is measured against the ImageNet testbed's "
        "lines; for R, A and ObjectNet the ID accuracy that it starts from is that on their classes."
    ),
    pack="imagenet/ood",
    plan=SINGLE_RUNS,
    train_set="train",
    domains=(
        Domain(name="val", title="ImageNet val", role="id", set="id/val"),
        *(Domain(name=n, title=t, role="shift", set=f"shift/{n}") for n, t in _SHIFTS.items()),
    ),
    metrics=(
        metrics.ACCURACY,
        metrics.TOP5,
        metrics.CLASS_ACCURACY,
        metrics.ID_SUBSET_ACCURACY,
        metrics.EFFECTIVE_ROBUSTNESS,
        *_CALIBRATION,
    ),
    scorers=(
        scorers.ACCURACY,
        scorers.TOP5,
        scorers.CLASS_ACCURACY,
        scorers.ID_SUBSET_ACCURACY,
        scorers.EFFECTIVE_ROBUSTNESS,
        *scorers.CALIBRATION,
    ),
    columns=(
        Column(metric="accuracy", domain="shifts", title="Mean of shifts"),
        Column(metric="accuracy", domain="id", title="ID"),
        *(Column(metric="accuracy", domain=n, title=t) for n, t in _SHIFTS.items()),
        Column(metric="effective-robustness", domain="shifts", title="Effective robustness"),
        Column(metric="ece", domain="id", title="ID ECE"),
    ),
    tracks=(OPEN, IMAGENET, SCRATCH),
    licence=IMAGENET_TERMS + "V2, R, A: MIT for the collections; ObjectNet: its own, never to be tuned on.",
    citations=(
        _IMAGENET_PAPER,
        V2_PAPER,
        R_PAPER,
        "Hendrycks et al., Natural Adversarial Examples, CVPR 2021 (arXiv 1907.07174)",
        "Wang et al., Learning Robust Global Representations, NeurIPS 2019 (arXiv 1905.13549)",
        "Barbu et al., ObjectNet, NeurIPS 2019",
        "Taori et al., Measuring Robustness to Natural Distribution Shifts, NeurIPS 2020 (arXiv 2007.00644)",
    ),
)
IMAGENET_C = Benchmark(
    name="imagenet-ood/imagenet-c",
    version="1",
    family=TaskFamily.CLASSIFICATION,
    title="ImageNet-C",
    summary="Classify ImageNet's validation set under 15 corruptions at 5 severities.",
    description=(
        "A corruption's error is the mean over its five severities, divided by AlexNet's; mCE is the mean over the "
        "15 main corruptions, and relative mCE counts what the error grows by. The corrupted images are of 224 x "
        "224 pixels already: they are cropped or taken as they are, and resized only for a method that looks at "
        "more."
    ),
    pack="imagenet/c",
    plan=SINGLE_RUNS,
    train_set="train",
    domains=(Domain(name="val", title="ImageNet val", role="id", set="id/val"), *_corruptions(_MAIN)),
    metrics=(metrics.MCE, metrics.RELATIVE_MCE, metrics.CORRUPTION_ERROR, metrics.ACCURACY),
    scorers=(CORRUPTION_ERRORS, scorers.ACCURACY),
    columns=(
        Column(metric="mce", domain="shifts", title="mCE"),
        Column(metric="relative-mce", domain="shifts", title="Relative mCE"),
        Column(metric="accuracy", domain="id", title="ID"),
        *(Column(metric="corruption-error", domain=n, title=t) for n, t in _MAIN.items()),
    ),
    tracks=(OPEN, IMAGENET, SCRATCH),
    licence=IMAGENET_TERMS + "The corruptions: CC BY 4.0.",
    citations=(HENDRYCKS_C,),
)
MINI_C = Benchmark(
    name="imagenet-ood/mini-c",
    version="1",
    family=TaskFamily.CLASSIFICATION,
    title="ImageNet-C, mini",
    summary="Classify the demo's photographs under eight of ImageNet-C's corruptions at 5 severities.",
    description=(
        "The photographs of ImageNet OOD, mini, resized and cropped to 224 x 224, under eight corruptions made at "
        "import as ImageNet-C defines them. Corruptions count alike. There is no mCE: that is defined on fifteen "
        "corruptions and on 1000 classes."
    ),
    pack="imagenet/mini-c",
    plan=SINGLE_RUNS,
    train_set="id/train",
    domains=(
        Domain(name="photographs", title="Photographs", role="id", set="id/test", credit=attribution.PHOTOGRAPHS),
        *_corruptions({name: _MAIN[name] for name in _MINI}, attribution.PHOTOGRAPHS),
    ),
    metrics=(metrics.ACCURACY,),
    scorers=(scorers.ACCURACY,),
    columns=(
        Column(metric="accuracy", domain="shifts", title="Mean of corruptions"),
        Column(metric="accuracy", domain="id", title="ID"),
        *(Column(metric="accuracy", domain=n, title=_MAIN[n]) for n in _MINI),
    ),
    tracks=(OPEN, IMAGENET, SCRATCH),
    licence="Photographs: GPL-2.",
    shows="truth",
    citations=(HENDRYCKS_C,),
)
IMAGENET_3DCC = Benchmark(
    name="imagenet-ood/imagenet-3dcc",
    version="1",
    family=TaskFamily.CLASSIFICATION,
    title="ImageNet-3DCC",
    summary="Classify ImageNet's validation set under 12 corruptions that follow the geometry of a scene.",
    description=(
        "Accuracy on a corruption is the mean over its five severities, and corruptions count alike. There is no mCE: "
        "it is defined by AlexNet's errors on ImageNet-C. The corrupted images are of 224 x 224 pixels already, and "
        "are taken as ImageNet-C's are."
    ),
    pack="imagenet/3dcc",
    train_set="train",
    domains=(Domain(name="val", title="ImageNet val", role="id", set="id/val"), *_corruptions(_THREE_D)),
    metrics=(metrics.ACCURACY, *_CALIBRATION),
    scorers=(scorers.ACCURACY, *scorers.CALIBRATION),
    columns=(
        Column(metric="accuracy", domain="shifts", title="Mean of corruptions"),
        Column(metric="accuracy", domain="id", title="ID"),
        *(Column(metric="accuracy", domain=n, title=t) for n, t in _THREE_D.items()),
    ),
    tracks=(OPEN, IMAGENET, SCRATCH),
    licence=IMAGENET_TERMS + "The corruptions: CC BY-NC 4.0.",
    citations=("Kar et al., 3D Common Corruptions and Data Augmentation, CVPR 2022 (arXiv 2203.01441)",),
)
IMAGENET_V2 = Benchmark(
    name="imagenet-ood/v2-variants",
    version="1",
    family=TaskFamily.CLASSIFICATION,
    title="ImageNet-V2, three variants",
    summary="Classify ImageNet's validation set and the three variants of V2, which people found ever easier.",
    description=(
        "The variants differ in how many of the people who were asked chose an image for its class: as many as of the "
        "validation set's, at least 7 of 10, or the most. Variants count alike."
    ),
    pack="imagenet/v2-variants",
    train_set="train",
    domains=(
        Domain(name="val", title="ImageNet val", role="id", set="id/val"),
        *(Domain(name=n, title=t, role="shift", set=f"shift/{n}") for n, t in _V2.items()),
    ),
    metrics=(metrics.ACCURACY, metrics.TOP5, *_CALIBRATION),
    scorers=(scorers.ACCURACY, scorers.TOP5, *scorers.CALIBRATION),
    columns=(
        Column(metric="accuracy", domain="shifts", title="Mean of variants"),
        Column(metric="accuracy", domain="id", title="ID"),
        *(Column(metric="accuracy", domain=n, title=t) for n, t in _V2.items()),
    ),
    tracks=(OPEN, IMAGENET, SCRATCH),
    licence=IMAGENET_TERMS + "V2: MIT for the collection.",
    citations=(_IMAGENET_PAPER, V2_PAPER),
)
IMAGENET_BENCHMARKS: tuple[Benchmark, ...] = (
    *(MINI_C, IMAGENET_OOD, IMAGENET_V2, IMAGENET_C, IMAGENET_3DCC),
    *(IMAGENET_W, CNS_BENCH),
    *(OOD_CV, OOD_CV_ADAPTATION),
)
