"""ImageNet-1k and the sets that are tested beside it: the five shifts, ImageNet-C, and OOD detection.

Input: images. Label: one of ImageNet's 1000 classes; R and A are of 200 of them, ObjectNet of 113 groups, and how
logits are read there is in the pack (label spaces). Domains: the sets. Data are the operator's copies of the
official releases (docs/benchmarks/imagenet-data.md); imagenet-ood/mini-c is made of the demo's photographs.
Citations stand with each benchmark; licences are the releases' own.
"""

from farfield import Benchmark, Column, Domain, TaskFamily
from farfield_evaluators.benchmarks.tracks import IMAGENET, OPEN, SCRATCH
from farfield_evaluators.metrics import catalog as metrics

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
_SHIFTED = {"v2": "V2", "c": "C", "r": "R"}
_NEAR = {"ssb-hard": "SSB-hard", "ninco": "NINCO"}
_FAR = {"inaturalist": "iNaturalist", "textures": "Textures", "openimage-o": "OpenImage-O"}
_CLASSIC = {"inaturalist": "iNaturalist", "sun": "SUN", "places": "Places", "textures": "Textures"}
_CALIBRATION = (metrics.ECE, metrics.BRIER, metrics.NLL)
_DETECTION = (metrics.AUROC, metrics.FPR95, metrics.AUPR_IN, metrics.AUPR_OUT)
_IMAGENET_TERMS = "ImageNet's terms of access: non-commercial research and education. "
_HENDRYCKS_C = "Hendrycks & Dietterich, Benchmarking Neural Network Robustness, ICLR 2019 (arXiv 1903.12261)"
_IMAGENET_PAPER = "Russakovsky et al., ImageNet Large Scale Visual Recognition Challenge, IJCV 2015 (arXiv 1409.0575)"
_V2_PAPER = "Recht et al., Do ImageNet Classifiers Generalize to ImageNet?, ICML 2019 (arXiv 1902.10811)"
_R_PAPER = "Hendrycks et al., The Many Faces of Robustness, ICCV 2021 (arXiv 2006.16241)"


def _corruptions(names: dict[str, str]) -> tuple[Domain, ...]:
    return tuple(
        Domain(name=name, title=title, role="shift", set=f"c/{name.replace('-', '_')}") for name, title in names.items()
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
    columns=(
        Column(metric="accuracy", domain="shifts", title="Mean of shifts"),
        Column(metric="accuracy", domain="id", title="ID"),
        *(Column(metric="accuracy", domain=n, title=t) for n, t in _SHIFTS.items()),
        Column(metric="effective-robustness", domain="shifts", title="Effective robustness"),
        Column(metric="ece", domain="id", title="ID ECE"),
    ),
    tracks=(OPEN, IMAGENET, SCRATCH),
    trials=1,
    licence=_IMAGENET_TERMS + "V2, R, A: MIT for the collections; ObjectNet: its own, never to be tuned on.",
    citations=(
        _IMAGENET_PAPER,
        _V2_PAPER,
        _R_PAPER,
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
    train_set="train",
    domains=(Domain(name="val", title="ImageNet val", role="id", set="id/val"), *_corruptions(_MAIN)),
    metrics=(metrics.MCE, metrics.RELATIVE_MCE, metrics.CORRUPTION_ERROR, metrics.ACCURACY),
    columns=(
        Column(metric="mce", domain="shifts", title="mCE"),
        Column(metric="relative-mce", domain="shifts", title="Relative mCE"),
        Column(metric="accuracy", domain="id", title="ID"),
        *(Column(metric="corruption-error", domain=n, title=t) for n, t in _MAIN.items()),
    ),
    tracks=(OPEN, IMAGENET, SCRATCH),
    trials=1,
    licence=_IMAGENET_TERMS + "The corruptions: CC BY 4.0.",
    citations=(_HENDRYCKS_C,),
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
    train_set="id/train",
    domains=(
        Domain(name="photographs", title="Photographs", role="id", set="id/test"),
        *_corruptions({name: _MAIN[name] for name in _MINI}),
    ),
    metrics=(metrics.ACCURACY,),
    columns=(
        Column(metric="accuracy", domain="shifts", title="Mean of corruptions"),
        Column(metric="accuracy", domain="id", title="ID"),
        *(Column(metric="accuracy", domain=n, title=_MAIN[n]) for n in _MINI),
    ),
    tracks=(OPEN, IMAGENET, SCRATCH),
    trials=1,
    licence="Photographs: GPL-2.",
    citations=(_HENDRYCKS_C,),
)
OOD_DETECTION = Benchmark(
    name="ood-detection/imagenet",
    version="1",
    family=TaskFamily.OOD_DETECTION,
    title="OOD detection, ImageNet-1K",
    summary="Tell ImageNet's validation images from near and far OOD images, by OpenOOD v1.5.",
    description=(
        "OpenOOD v1.5's image lists: in-distribution are the 45,000 validation images of its test list; a method "
        "may fit on ImageNet's training set. OOD is the positive class, FPR@95 is read at the first threshold with "
        "a true positive rate of at least 95%, and near and far are unweighted means over their sets."
    ),
    pack="openood/imagenet",
    train_set="train",
    domains=(
        Domain(name="val", title="ImageNet val", role="id", set="id/test"),
        *(Domain(name=n, title=t, role="near", set=f"near/{n.replace('-', '_')}") for n, t in _NEAR.items()),
        *(Domain(name=n, title=t, role="far", set=f"far/{n.replace('-', '_')}") for n, t in _FAR.items()),
    ),
    metrics=(*_DETECTION, metrics.ACCURACY),
    columns=(
        Column(metric="auroc", domain="near", title="Near AUROC"),
        Column(metric="auroc", domain="far", title="Far AUROC"),
        Column(metric="fpr95", domain="near", title="Near FPR@95"),
        Column(metric="fpr95", domain="far", title="Far FPR@95"),
        Column(metric="accuracy", domain="id", title="ID accuracy"),
        *(Column(metric="auroc", domain=n, title=f"{t}, AUROC") for n, t in {**_NEAR, **_FAR}.items()),
    ),
    tracks=(OPEN, IMAGENET, SCRATCH),
    trials=1,
    licence=_IMAGENET_TERMS + "The OOD sets: each source's own, for research.",
    citations=(
        "Zhang et al., OpenOOD v1.5, 2023 (arXiv 2306.09301)",
        "Bitterwolf et al., In or Out? (NINCO), ICML 2023 (arXiv 2306.00826)",
        "Vaze et al., Open-Set Recognition (SSB), ICLR 2022 (arXiv 2110.06207)",
        "Wang et al., ViM (OpenImage-O), CVPR 2022 (arXiv 2203.10807)",
    ),
)
OOD_DETECTION_CLASSIC = Benchmark(
    name="ood-detection/imagenet-classic",
    version="1",
    family=TaskFamily.OOD_DETECTION,
    title="OOD detection, ImageNet-1K, the classic four",
    summary="Tell ImageNet's validation images from iNaturalist, SUN, Places and Textures.",
    description=(
        "The four far-OOD sets that papers before OpenOOD v1.5 report, with all 50,000 validation images as ID. The"
        " conventions are OpenOOD's all the same, with OOD positive; where a paper takes ID as positive, its FPR@95"
        " and AUPR are other figures."
    ),
    pack="imagenet/classic-ood",
    train_set="train",
    domains=(
        Domain(name="val", title="ImageNet val", role="id", set="id/val"),
        *(Domain(name=n, title=t, role="far", set=f"far/{n}") for n, t in _CLASSIC.items()),
    ),
    metrics=(*_DETECTION, metrics.FPR95_CLASSIC, metrics.ACCURACY),
    columns=(
        Column(metric="auroc", domain="far", title="AUROC"),
        Column(metric="fpr95", domain="far", title="FPR@95"),
        Column(metric="fpr95-classic", domain="far", title="FPR@95, ID positive"),
        Column(metric="accuracy", domain="id", title="ID accuracy"),
        *(Column(metric="auroc", domain=n, title=f"{t}, AUROC") for n, t in _CLASSIC.items()),
    ),
    tracks=(OPEN, IMAGENET, SCRATCH),
    trials=1,
    licence=_IMAGENET_TERMS + "The OOD sets: each source's own, for research.",
    citations=(
        "Huang & Li, MOS: Towards Scaling Out-of-Distribution Detection, CVPR 2021 (arXiv 2105.01879)",
        "Cimpoi et al., Describing Textures in the Wild, CVPR 2014 (arXiv 1311.3618)",
    ),
)
OOD_DETECTION_FULL_SPECTRUM = Benchmark(
    name="ood-detection/imagenet-full-spectrum",
    version="1",
    family=TaskFamily.OOD_DETECTION,
    title="OOD detection, ImageNet-1K, full-spectrum",
    summary="Tell ImageNet's classes, in V2, C and R too, from near and far OOD images, by OpenOOD v1.5.",
    description=(
        "As OOD detection on ImageNet-1K, with ID images under covariate shift beside: a detector must find new "
        "classes and let pass new looks of known ones. Images of OpenOOD v1.5's lists of V2, C and R are of "
        "ImageNet's classes, so they count as in-distribution, pooled with those of the validation set. Near and far "
        "are unweighted means over their sets; each set is told from all ID images."
    ),
    pack="openood/imagenet-full-spectrum",
    train_set="train",
    domains=(
        Domain(name="val", title="ImageNet val", role="id", set="id/test"),
        *(Domain(name=n, title=t, role="shift", set=f"shift/{n}") for n, t in _SHIFTED.items()),
        *(Domain(name=n, title=t, role="near", set=f"near/{n.replace('-', '_')}") for n, t in _NEAR.items()),
        *(Domain(name=n, title=t, role="far", set=f"far/{n.replace('-', '_')}") for n, t in _FAR.items()),
    ),
    metrics=(*metrics.FULL_SPECTRUM, *_DETECTION, metrics.ACCURACY, metrics.ACCURACY_FULL_SPECTRUM),
    columns=(
        Column(metric="auroc-full-spectrum", domain="near", title="Near AUROC"),
        Column(metric="auroc-full-spectrum", domain="far", title="Far AUROC"),
        Column(metric="fpr95-full-spectrum", domain="near", title="Near FPR@95"),
        Column(metric="fpr95-full-spectrum", domain="far", title="Far FPR@95"),
        Column(metric="auroc", domain="near", title="Near AUROC, val alone"),
        Column(metric="auroc", domain="far", title="Far AUROC, val alone"),
        Column(metric="accuracy", domain="id", title="ID accuracy"),
        Column(metric="accuracy-full-spectrum", domain="id", title="ID accuracy, with shifts"),
        *(Column(metric="auroc-full-spectrum", domain=n, title=f"{t}, AUROC") for n, t in {**_NEAR, **_FAR}.items()),
    ),
    tracks=(OPEN, IMAGENET, SCRATCH),
    trials=1,
    licence=_IMAGENET_TERMS + "V2, R: MIT for the collections. C: CC BY 4.0. The OOD sets: each source's own.",
    citations=(
        "Zhang et al., OpenOOD v1.5, 2023 (arXiv 2306.09301)",
        "Yang et al., Full-Spectrum Out-of-Distribution Detection, IJCV 2023 (arXiv 2204.05306)",
        _V2_PAPER,
        _HENDRYCKS_C,
        _R_PAPER,
    ),
)
IMAGENET_BENCHMARKS: tuple[Benchmark, ...] = (
    MINI_C,
    IMAGENET_OOD,
    IMAGENET_C,
    OOD_DETECTION,
    OOD_DETECTION_CLASSIC,
    OOD_DETECTION_FULL_SPECTRUM,
)
