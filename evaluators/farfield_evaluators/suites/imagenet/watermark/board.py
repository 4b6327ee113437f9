"""ImageNet-W: ImageNet's validation images with and without a watermark, as training images of cartons have it.

Input: images, resized and cropped to 224 x 224. Label: one of ImageNet's 1000 classes. Domains: without the
watermark and with it. Data: the operator's validation set, drawn on by the authors' package. Citation: Li et al., CVPR
2023 (arXiv 2212.04825). Licence: ImageNet's terms of access; the package: CC BY-NC 4.0.
"""

from farfield import TaskFamily
from farfield_evaluators.benchmark import Benchmark, Column, Domain
from farfield_evaluators.citations import IMAGENET_TERMS
from farfield_evaluators.metrics import catalog as metrics
from farfield_evaluators.scoring import classification as scorers
from farfield_evaluators.suites.imagenet.watermark.scoring import CARTON_GAP, CARTON_SHARE, DROP, WATERMARK_GAPS
from farfield_evaluators.tracks import IMAGENET, OPEN, SCRATCH

PACK = "imagenet/w"
CLEAN, WATERMARKED = "id/val", "shift/w"
DOMAIN = "imagenet-w"

IMAGENET_W = Benchmark(
    name="imagenet-ood/imagenet-w",
    version="1",
    family=TaskFamily.CLASSIFICATION,
    title="ImageNet-W",
    summary="Classify ImageNet's validation set under a watermark that many training images of cartons have.",
    description=(
        "Both sets are the same images, resized to 256 and cropped to 224 x 224 pixels; on one of them the authors' "
        "package has drawn white Chinese characters, half transparent. They are cropped or taken as they are, and "
        "resized only for a method that looks at more. The drop is the authors' IN-W gap with its sign turned. The "
        "carton gap says how many more cartons are recognised with the watermark. Ranked by accuracy with the "
        "watermark, for who always says the same has no gap."
    ),
    pack=PACK,
    train_set="train",
    domains=(
        Domain(name="val", title="ImageNet val", role="id", set=CLEAN),
        Domain(name=DOMAIN, title="ImageNet-W", role="shift", set=WATERMARKED),
    ),
    metrics=(metrics.ACCURACY, metrics.TOP5, *WATERMARK_GAPS.gives, metrics.ECE),
    scorers=(scorers.ACCURACY, scorers.TOP5, WATERMARK_GAPS, scorers.ECE),
    columns=(
        Column(metric=metrics.ACCURACY.name, domain=DOMAIN, title="With the watermark"),
        Column(metric=metrics.ACCURACY.name, domain="id", title="Without"),
        Column(metric=DROP.name, domain=DOMAIN, title="IN-W gap, as a drop"),
        Column(metric=CARTON_GAP.name, domain=DOMAIN, title="Carton gap"),
        Column(metric=CARTON_SHARE.name, domain=DOMAIN, title="Carton's probability, gap"),
    ),
    tracks=(OPEN, IMAGENET, SCRATCH),
    licence=IMAGENET_TERMS + "The package that draws the watermark: CC BY-NC 4.0.",
    citations=(
        "Li et al., A Whac-A-Mole Dilemma: Shortcuts Come in Multiples, CVPR 2023 (arXiv 2212.04825)",
        "facebookresearch/Whac-A-Mole, c91b097",
    ),
)
