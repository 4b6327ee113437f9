"""OOD detection, in small, by OpenOOD v1.5's conventions.

Input: images. Output of a method: a score, higher = more in-distribution, and logits over the ID classes. OOD is the
positive class; near and far are unweighted means over their sets (Zhang et al. 2023, OpenOOD v1.5, section 3).
Licence: each source's own, listed beside the images of the distribution `farfield-demo`.
"""

from farfield import TaskFamily
from farfield_evaluators.benchmark import Benchmark, Column, Domain, Role
from farfield_evaluators.data import attribution
from farfield_evaluators.metrics.catalog import ACCURACY, AUPR_IN, AUPR_OUT, AUROC, FPR95
from farfield_evaluators.plans.trials import SINGLE_RUNS
from farfield_evaluators.scoring import detection as scorers
from farfield_evaluators.tracks import IMAGENET, OPEN, SCRATCH

_NEAR = {"near-photographs": "Other photographs", "near-drawings": "Other drawings"}
_FAR = {
    "far-symbols": "Symbols",
    "far-people": "People",
    "far-flags": "Flags",
    "far-coins-and-planets": "Coins and planets",
}
_PHOTOGRAPHED = ("near-photographs", "far-coins-and-planets")
_USUALLY = ("noto", "twemoji")
_DRAWN_BY = {"far-flags": ("openmoji", "twemoji")}


def _ood(name: str, title: str, role: Role) -> Domain:
    credit = attribution.PHOTOGRAPHS if name in _PHOTOGRAPHED else attribution.of_styles(*_DRAWN_BY.get(name, _USUALLY))
    return Domain(name=name, title=title, role=role, set=name.replace("-", "/", 1), credit=credit)


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
    plan=SINGLE_RUNS,
    train_set="id/train",
    domains=(
        Domain(name="photographs", title="Photographs", role="id", set="id/test", credit=attribution.PHOTOGRAPHS),
        *(_ood(name, title, "near") for name, title in _NEAR.items()),
        *(_ood(name, title, "far") for name, title in _FAR.items()),
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
    licence=attribution.licence_line(attribution.DRAWINGS, attribution.PHOTOGRAPHS),
    shows="truth",
    public_labels=True,
    citations=("Zhang et al., OpenOOD v1.5, 2023 (arXiv 2306.09301)",),
)
