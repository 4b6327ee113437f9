"""OOD detection against CIFAR-10 and CIFAR-100, by the image lists and conventions of OpenOOD v1.5.

Input: images of any size, as their releases have them; OpenOOD resizes all to 32 x 32. Output of a method: a score,
higher = more in-distribution, and logits over the ID classes. Data are the operator's copy of OpenOOD's data folder.
"""

from farfield import TaskFamily
from farfield_evaluators.benchmark import Benchmark, Domain
from farfield_evaluators.metrics import catalog as metrics
from farfield_evaluators.plans.trials import SINGLE_RUNS
from farfield_evaluators.scoring import detection as scorers
from farfield_evaluators.suites.openood.benchmarks import OPENOOD_PAPER
from farfield_evaluators.suites.openood.board import DETECTION, Titles, domains, near_far
from farfield_evaluators.tracks import IMAGENET, OPEN, SCRATCH

_FAR = {"mnist": "MNIST", "svhn": "SVHN", "texture": "Textures", "places365": "Places365"}
_CITATIONS = (
    OPENOOD_PAPER,
    "Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009",
    "Torralba et al., 80 Million Tiny Images, TPAMI 2008",
)


def _against(known: str, title: str, classes: int, near: Titles) -> Benchmark:
    return Benchmark(
        name=f"ood-detection/{known}",
        version="1",
        family=TaskFamily.OOD_DETECTION,
        title=f"OOD detection, {title}",
        summary=f"Tell {title}'s {classes} classes from near and far OOD images, by OpenOOD v1.5.",
        description=(
            f"OpenOOD v1.5's image lists: in-distribution are the 9,000 test images of {title} that its test list has; "
            "a method may fit on the 50,000 training images. Images that show an ID class are taken out of the OOD "
            "sets. A network that is trained here is trained three times. OOD is the positive class, FPR@95 is read at "
            "the first threshold with a true positive rate of at least 95%, and near and far are unweighted means over "
            "their sets."
        ),
        pack=f"openood/{known}",
        train_set="train",
        parts={"val": "id/val", "ood_val": "val/tin"},
        domains=(
            Domain(name=known, title=title, role="id", set="id/test"),
            *domains("near", near),
            *domains("far", _FAR),
        ),
        metrics=(*DETECTION, metrics.ACCURACY),
        scorers=(scorers.OPENOOD, scorers.ID_ACCURACY),
        columns=near_far({**near, **_FAR}),
        tracks=(OPEN, IMAGENET, SCRATCH),
        licence="CIFAR: none stated. The OOD sets: each source's own, for research.",
        citations=_CITATIONS,
        plan=SINGLE_RUNS,
    )


SMALL_IMAGES: tuple[Benchmark, ...] = (
    _against("cifar10", "CIFAR-10", 10, {"cifar100": "CIFAR-100", "tin": "Tiny ImageNet"}),
    _against("cifar100", "CIFAR-100", 100, {"cifar10": "CIFAR-10", "tin": "Tiny ImageNet"}),
)
