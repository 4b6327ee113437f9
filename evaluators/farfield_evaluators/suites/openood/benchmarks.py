"""OOD detection against ImageNet's classes, by the image lists and conventions of OpenOOD v1.5 (Zhang et al. 2023).

Input: images. Output of a method: a score, higher = more in-distribution, and logits over the ID classes. Data are
the operator's copies of the official releases (docs/benchmarks/imagenet-data.md), imported by the suite `imagenet`.
Citations stand with each benchmark; licences are the releases' own.
"""

from dataclasses import replace

from farfield import TaskFamily
from farfield_evaluators.benchmark import Benchmark, Column, Domain
from farfield_evaluators.citations import HENDRYCKS_C, IMAGENET_TERMS, R_PAPER, V2_PAPER
from farfield_evaluators.metrics import catalog as metrics
from farfield_evaluators.plans.trials import SINGLE_RUNS
from farfield_evaluators.scoring import detection as scorers
from farfield_evaluators.suites.openood.board import DETECTION, domains, full_spectrum, near_far
from farfield_evaluators.tracks import IMAGENET, OPEN, SCRATCH

_SHIFTED = {"v2": "V2", "c": "C", "r": "R"}
_NEAR = {"ssb-hard": "SSB-hard", "ninco": "NINCO"}
_FAR = {"inaturalist": "iNaturalist", "textures": "Textures", "openimage-o": "OpenImage-O"}
_CLASSIC = {"inaturalist": "iNaturalist", "sun": "SUN", "places": "Places", "textures": "Textures"}
_OOD = {**_NEAR, **_FAR}
OPENOOD_PAPER = "Zhang et al., OpenOOD v1.5, 2023 (arXiv 2306.09301)"
_OF_THE_OOD_SETS = (
    "Bitterwolf et al., In or Out? (NINCO), ICML 2023 (arXiv 2306.00826)",
    "Vaze et al., Open-Set Recognition (SSB), ICLR 2022 (arXiv 2110.06207)",
    "Wang et al., ViM (OpenImage-O), CVPR 2022 (arXiv 2203.10807)",
)
_ID_POSITIVE = (metrics.FPR95_CLASSIC, metrics.FPR95_NEAREST, metrics.FPR95_ID_INTERP)
_VALIDATION = {"val": "id/val", "ood_val": "val/openimage_o"}  # OpenOOD's lists, by which it chooses settings

OOD_DETECTION = Benchmark(
    name="ood-detection/imagenet",
    version="2",
    family=TaskFamily.OOD_DETECTION,
    title="OOD detection, ImageNet-1K",
    summary="Tell ImageNet's validation images from near and far OOD images, by OpenOOD v1.5.",
    description=(
        "OpenOOD v1.5's image lists: in-distribution are the 45,000 validation images of its test list; a method "
        "may fit on ImageNet's training set, and choose settings by OpenOOD's ID and OOD validation images. OOD is "
        "the positive class, FPR@95 is read at the first threshold with "
        "a true positive rate of at least 95%, and near and far are unweighted means over their sets."
    ),
    pack="openood/imagenet",
    plan=SINGLE_RUNS,
    train_set="train",
    parts=_VALIDATION,
    domains=(
        Domain(name="val", title="ImageNet val", role="id", set="id/test"),
        *domains("near", _NEAR),
        *domains("far", _FAR),
    ),
    metrics=(*DETECTION, metrics.ACCURACY),
    scorers=(scorers.OPENOOD, scorers.ID_ACCURACY),
    columns=near_far(_OOD),
    tracks=(OPEN, IMAGENET, SCRATCH),
    licence=IMAGENET_TERMS + "The OOD sets: each source's own, for research.",
    citations=(OPENOOD_PAPER, *_OF_THE_OOD_SETS),
)
OOD_DETECTION_CLASSIC = Benchmark(
    name="ood-detection/imagenet-classic",
    version="2",
    family=TaskFamily.OOD_DETECTION,
    title="OOD detection, ImageNet-1K, the classic four",
    summary="Tell ImageNet's validation images from iNaturalist, SUN, Places and Textures.",
    description=(
        "The four far-OOD sets that papers before OpenOOD v1.5 report, with all 50,000 validation images as ID. The"
        " conventions are OpenOOD's all the same, with OOD positive; where a paper takes ID as positive, its FPR@95"
        " and AUPR are other figures."
    ),
    pack="imagenet/classic-ood",
    plan=SINGLE_RUNS,
    train_set="train",
    domains=(
        Domain(name="val", title="ImageNet val", role="id", set="id/val"),
        *domains("far", _CLASSIC),
    ),
    metrics=(*DETECTION, *_ID_POSITIVE, metrics.ACCURACY),
    scorers=(scorers.CLASSIC, scorers.ID_ACCURACY),
    columns=(
        Column(metric="auroc", domain="far", title="AUROC"),
        Column(metric="fpr95", domain="far", title="FPR@95"),
        *(Column(metric=metric.name, domain="far", title=metric.title) for metric in _ID_POSITIVE),
        Column(metric="accuracy", domain="id", title="ID accuracy"),
        *(Column(metric="auroc", domain=n, title=f"{t}, AUROC") for n, t in _CLASSIC.items()),
    ),
    tracks=(OPEN, IMAGENET, SCRATCH),
    licence=IMAGENET_TERMS + "The OOD sets: each source's own, for research.",
    citations=(
        "Huang & Li, MOS: Towards Scaling Out-of-Distribution Detection, CVPR 2021 (arXiv 2105.01879)",
        "Cimpoi et al., Describing Textures in the Wild, CVPR 2014 (arXiv 1311.3618)",
    ),
)
OOD_DETECTION_FULL_SPECTRUM = Benchmark(
    name="ood-detection/imagenet-full-spectrum",
    version="2",
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
    plan=SINGLE_RUNS,
    train_set="train",
    parts=_VALIDATION,
    domains=(
        Domain(name="val", title="ImageNet val", role="id", set="id/test"),
        *domains("shift", _SHIFTED),
        *domains("near", _NEAR),
        *domains("far", _FAR),
    ),
    metrics=(*metrics.FULL_SPECTRUM, *DETECTION, metrics.ACCURACY, metrics.ACCURACY_FULL_SPECTRUM),
    scorers=(scorers.FULL_SPECTRUM, scorers.OPENOOD, scorers.ID_ACCURACY, scorers.FULL_SPECTRUM_ACCURACY),
    columns=full_spectrum(_OOD, "val"),
    tracks=(OPEN, IMAGENET, SCRATCH),
    licence=IMAGENET_TERMS + "V2, R: MIT for the collections. C: CC BY 4.0. The OOD sets: each source's own.",
    citations=(
        OPENOOD_PAPER,
        "Yang et al., Full-Spectrum Out-of-Distribution Detection, IJCV 2023 (arXiv 2204.05306)",
        V2_PAPER,
        HENDRYCKS_C,
        R_PAPER,
    ),
)
_WITH_ES = (
    "As full-spectrum OOD detection on ImageNet-1K, with ImageNet-ES as a fourth set of shifted ID images: ImageNet's "
    "classes photographed from a screen in other light and with other settings of the camera. OpenOOD's code has it "
    "since July 2024, and its leaderboard has not: figures with it are other figures."
)
OOD_DETECTION_FULL_SPECTRUM_ES = replace(
    OOD_DETECTION_FULL_SPECTRUM,
    name="ood-detection/imagenet-full-spectrum-es",
    version="1",
    title="OOD detection, ImageNet-1K, full-spectrum with ES",
    summary="Tell ImageNet's classes, in V2, C, R and ES too, from near and far OOD images, by OpenOOD's code.",
    description=_WITH_ES,
    pack="openood/imagenet-full-spectrum-es",
    domains=(
        Domain(name="val", title="ImageNet val", role="id", set="id/test"),
        *domains("shift", {**_SHIFTED, "es": "ES"}),
        *domains("near", _NEAR),
        *domains("far", _FAR),
    ),
    citations=(
        *OOD_DETECTION_FULL_SPECTRUM.citations,
        "Baek et al., Unexplored Faces of Robustness and Out-of-Distribution, CVPR 2024 (arXiv 2404.15882)",
    ),
)
OOD_DETECTION_200 = replace(
    OOD_DETECTION,
    name="ood-detection/imagenet-200",
    version="1",
    title="OOD detection, ImageNet-200",
    summary="Tell 200 of ImageNet's classes from near and far OOD images, by OpenOOD v1.5.",
    description=(
        "OpenOOD v1.5's image lists of the 200 classes of ImageNet-R: in-distribution are 9,000 of their validation "
        "images, and a method may fit on their training images. The OOD sets are those of ImageNet-1K, which show none "
        "of the 1000 classes. A network that is trained here is trained three times. OOD is the positive class, and "
        "near and far are unweighted means over their sets."
    ),
    pack="openood/imagenet-200",
)
OOD_DETECTION_200_FULL_SPECTRUM = replace(
    OOD_DETECTION_FULL_SPECTRUM,
    name="ood-detection/imagenet-200-full-spectrum",
    version="1",
    title="OOD detection, ImageNet-200, full-spectrum",
    summary="Tell 200 of ImageNet's classes, in V2, C and R too, from near and far OOD images, by OpenOOD v1.5.",
    description=(
        "As OOD detection on ImageNet-200, with ID images under covariate shift beside: those of the 200 classes in "
        "OpenOOD v1.5's lists of V2 and C, and all of R. They count as in-distribution, pooled with the 9,000 "
        "validation images. Each OOD set is told from all ID images."
    ),
    pack="openood/imagenet-200",
)
OPENOOD_BENCHMARKS: tuple[Benchmark, ...] = (
    OOD_DETECTION,
    OOD_DETECTION_CLASSIC,
    OOD_DETECTION_FULL_SPECTRUM,
    OOD_DETECTION_FULL_SPECTRUM_ES,
    OOD_DETECTION_200,
    OOD_DETECTION_200_FULL_SPECTRUM,
)
