"""OOD detection, in small, by OpenOOD v1.5's conventions.

Input: images. Output of a method: a score, higher = more in-distribution, and logits over the ID classes. OOD is the
positive class; near and far are unweighted means over their sets (Zhang et al. 2023, OpenOOD v1.5, section 3).
Licence: each source's own, listed beside the images of the distribution `farfield-demo`.
"""

from farfield import TaskFamily
from farfield_evaluators.benchmark import Benchmark, Column, Domain
from farfield_evaluators.metrics.catalog import ACCURACY, AUPR_IN, AUPR_OUT, AUROC, FPR95
from farfield_evaluators.scoring import detection as scorers
from farfield_evaluators.tracks import IMAGENET, OPEN, SCRATCH

_NEAR = {"near-photographs": "Other photographs", "near-drawings": "Other drawings"}
_FAR = {
    "far-symbols": "Symbols",
    "far-people": "People",
    "far-flags": "Flags",
    "far-coins-and-planets": "Coins and planets",
}

OOD_DETECTION_MINI = Benchmark(
    name="ood-detection/mini",
    version="1",
    family=TaskFamily.OOD_DETECTION,
    title="OOD detection, mini",
    summary="Tell photographs of known classes from photographs and drawings of anything else.",
    description=(
        "In-distribution are the photographs of ImageNet OOD, mini. Near OOD: photographs and drawings of concepts "
        "outside every class. Far OOD: symbols, people, flags, coins and planets. All test images are pooled and "
        "shuffled. OOD is the positive class, FPR@95 is read at the first threshold with a true positive rate of at "
        "least 95%."
    ),
    pack="farfield-mini",
    train_set="id/train",
    domains=(
        Domain(name="photographs", title="Photographs", role="id", set="id/test"),
        *(Domain(name=n, title=t, role="near", set=n.replace("-", "/", 1)) for n, t in _NEAR.items()),
        *(Domain(name=n, title=t, role="far", set=n.replace("-", "/", 1)) for n, t in _FAR.items()),
    ),
    metrics=(AUROC, FPR95, AUPR_IN, AUPR_OUT, ACCURACY),
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
    licence="Images: CC BY 4.0, CC BY-SA 4.0, Apache-2.0, MIT and GPL-2, by source.",
    public_labels=True,
    citations=("Zhang et al., OpenOOD v1.5, 2023 (arXiv 2306.09301)",),
)
