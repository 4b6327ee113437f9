"""OOD detection against ImageNet-1k, by the image lists and conventions of OpenOOD v1.5 (Zhang et al. 2023).

Input: images. Output of a method: a score, higher = more in-distribution, and logits over ImageNet's classes. Data are
the operator's copies of the official releases (docs/benchmarks/imagenet-data.md), imported by the suite `imagenet`.
Citations stand with each benchmark; licences are the releases' own.
"""

from farfield import TaskFamily
from farfield_evaluators.benchmark import Benchmark, Column, Domain
from farfield_evaluators.citations import HENDRYCKS_C, IMAGENET_TERMS, R_PAPER, V2_PAPER
from farfield_evaluators.metrics import catalog as metrics
from farfield_evaluators.scoring import detection as scorers
from farfield_evaluators.tracks import IMAGENET, OPEN, SCRATCH

_SHIFTED = {"v2": "V2", "c": "C", "r": "R"}
_NEAR = {"ssb-hard": "SSB-hard", "ninco": "NINCO"}
_FAR = {"inaturalist": "iNaturalist", "textures": "Textures", "openimage-o": "OpenImage-O"}
_CLASSIC = {"inaturalist": "iNaturalist", "sun": "SUN", "places": "Places", "textures": "Textures"}
_DETECTION = (metrics.AUROC, metrics.FPR95, metrics.AUPR_IN, metrics.AUPR_OUT)

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
    scorers=(scorers.OPENOOD, scorers.ID_ACCURACY),
    columns=(
        Column(metric="auroc", domain="near", title="Near AUROC"),
        Column(metric="auroc", domain="far", title="Far AUROC"),
        Column(metric="fpr95", domain="near", title="Near FPR@95"),
        Column(metric="fpr95", domain="far", title="Far FPR@95"),
        Column(metric="accuracy", domain="id", title="ID accuracy"),
        *(Column(metric="auroc", domain=n, title=f"{t}, AUROC") for n, t in {**_NEAR, **_FAR}.items()),
    ),
    tracks=(OPEN, IMAGENET, SCRATCH),
    licence=IMAGENET_TERMS + "The OOD sets: each source's own, for research.",
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
    scorers=(scorers.CLASSIC, scorers.ID_ACCURACY),
    columns=(
        Column(metric="auroc", domain="far", title="AUROC"),
        Column(metric="fpr95", domain="far", title="FPR@95"),
        Column(metric="fpr95-classic", domain="far", title="FPR@95, ID positive"),
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
    scorers=(scorers.FULL_SPECTRUM, scorers.OPENOOD, scorers.ID_ACCURACY, scorers.FULL_SPECTRUM_ACCURACY),
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
    licence=IMAGENET_TERMS + "V2, R: MIT for the collections. C: CC BY 4.0. The OOD sets: each source's own.",
    citations=(
        "Zhang et al., OpenOOD v1.5, 2023 (arXiv 2306.09301)",
        "Yang et al., Full-Spectrum Out-of-Distribution Detection, IJCV 2023 (arXiv 2204.05306)",
        V2_PAPER,
        HENDRYCKS_C,
        R_PAPER,
    ),
)
OPENOOD_BENCHMARKS: tuple[Benchmark, ...] = (OOD_DETECTION, OOD_DETECTION_CLASSIC, OOD_DETECTION_FULL_SPECTRUM)
