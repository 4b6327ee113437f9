"""`ood-detection/imagenet-o`: images that a ResNet-50 is sure of and that are of no class of ImageNet-1k.

Input: images. Output of a method: a score, higher = more in-distribution, and logits over 200 classes. Data are the
operator's copies of the official releases, imported by the suite `imagenet`. Citation: Hendrycks et al., CVPR 2021
(arXiv 1907.07174). Licence: MIT for the collection; ImageNet's terms of access for the rest.
"""

from farfield import TaskFamily
from farfield_evaluators.benchmark import Benchmark, Column, Domain
from farfield_evaluators.citations import IMAGENET_TERMS
from farfield_evaluators.metrics import catalog as metrics
from farfield_evaluators.plans.trials import SINGLE_RUNS
from farfield_evaluators.scoring import detection as scorers
from farfield_evaluators.suites.openood.board import DETECTION, domains
from farfield_evaluators.tracks import IMAGENET, OPEN, SCRATCH

_UNKNOWN = "imagenet-o"
OOD_DETECTION_O = Benchmark(
    name="ood-detection/imagenet-o",
    version="1",
    family=TaskFamily.OOD_DETECTION,
    title="OOD detection, ImageNet-O",
    summary="Tell ImageNet's validation images of 200 classes from images of none that look like these to a ResNet-50.",
    description=(
        "In-distribution are the validation images of the 200 classes after which ImageNet-O's folders are called, and "
        "a method has these 200 classes alone: a classifier of ImageNet's 1000 is restricted to their logits. The "
        "headline is the authors': average precision with OOD as the positive class; chance is the share of OOD "
        "images, a sixth. FPR@95 is OpenOOD's. A method may fit on the training images of the 200 classes."
    ),
    pack="imagenet/o",
    plan=SINGLE_RUNS,
    train_set="train",
    domains=(
        Domain(name="val", title="ImageNet val, 200 classes", role="id", set="id/val"),
        *domains("near", {_UNKNOWN: "ImageNet-O"}),
    ),
    metrics=(metrics.AUPR_OUT_CLASSIC, *DETECTION, metrics.ACCURACY),
    scorers=(scorers.CLASSIC, scorers.ID_ACCURACY),
    columns=(
        Column(metric="aupr-out-classic", domain=_UNKNOWN, title="AUPR"),
        Column(metric="auroc", domain=_UNKNOWN, title="AUROC"),
        Column(metric="fpr95", domain=_UNKNOWN, title="FPR@95"),
        Column(metric="aupr-in", domain=_UNKNOWN, title="AUPR, ID"),
        Column(metric="accuracy", domain="id", title="ID accuracy"),
    ),
    tracks=(OPEN, IMAGENET, SCRATCH),
    licence=IMAGENET_TERMS + "ImageNet-O: MIT for the collection.",
    citations=("Hendrycks et al., Natural Adversarial Examples, CVPR 2021 (arXiv 1907.07174)",),
)
