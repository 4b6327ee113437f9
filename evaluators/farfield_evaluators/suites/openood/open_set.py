"""Open-set recognition: some classes of a data set are known, all others must be told from them, in five splits.

Input: images. Output of a method: a score, higher = more like the known classes, and logits over those. Data are the
operator's copy of OpenOOD's data folder, or shipped drawings. The headline is the AUROC, the mean over the splits.
"""

from typing import Any

from farfield import TaskFamily
from farfield_evaluators.benchmark import Benchmark, Column, Domain
from farfield_evaluators.data import attribution
from farfield_evaluators.metrics import catalog as metrics
from farfield_evaluators.scoring import detection as scorers
from farfield_evaluators.suites.openood.board import DETECTION
from farfield_evaluators.suites.openood.names import OPEN_SET_DRAWINGS
from farfield_evaluators.suites.openood.plan import OpenSetSplits
from farfield_evaluators.suites.openood.splits import SPLITS, known_of, trained_on, unknown_of
from farfield_evaluators.tracks import IMAGENET, OPEN, SCRATCH

_EACH = "{fold}"
_RULES = (
    " A run has one of five splits: a method fits on the training images of the known classes, and is tested on test "
    "images of these and of all others. It is told the names of the known classes alone. Figures are means over the "
    "splits. Unknown is the positive class, and FPR@95 is read at the first threshold with a true positive rate of at "
    "least 95%."
)
_PAPERS = (
    "Yang et al., OpenOOD, NeurIPS 2022 (arXiv 2210.07242)",
    "Neal et al., Open Set Learning with Counterfactual Images, ECCV 2018",
)


def _board(*, description: str, credit: str = "", citations: tuple[str, ...] = _PAPERS, **said: Any) -> Benchmark:
    """A benchmark of five splits; `said` is its name, title, summary, pack and licence."""
    return Benchmark(
        **said,
        version="1",
        family=TaskFamily.OOD_DETECTION,
        description=description + _RULES,
        train_set=trained_on(_EACH),
        domains=(
            Domain(name="known", title="Known classes", role="id", set=known_of(_EACH), credit=credit),
            Domain(name="unknown", title="Unknown classes", role="near", set=unknown_of(_EACH), credit=credit),
        ),
        metrics=(*DETECTION, metrics.ACCURACY),
        scorers=(scorers.OPENOOD, scorers.ID_ACCURACY),
        columns=(
            Column(metric="auroc", domain="unknown", title="AUROC"),
            Column(metric="fpr95", domain="unknown", title="FPR@95"),
            Column(metric="aupr-in", domain="unknown", title="AUPR, known"),
            Column(metric="aupr-out", domain="unknown", title="AUPR, unknown"),
            Column(metric="accuracy", domain="id", title="Accuracy, known"),
        ),
        tracks=(OPEN, IMAGENET, SCRATCH),
        citations=citations,
        plan=OpenSetSplits(names=SPLITS),
    )


def _openoods(name: str, of: str, known: int, unknown: int, licence: str) -> Benchmark:
    return _board(
        name=f"open-set/{name}",
        title=f"Open set, {of}, {known}/{unknown}",
        summary=f"Learn {known} classes of {of}, and tell them from the other {unknown}, in OpenOOD's five splits.",
        description=f"OpenOOD's image lists of {of}: {known} classes are known, the other {unknown} are not.",
        pack=f"openood/osr-{name.replace('-', '')}",
        licence=licence,
    )


_DRAWN = attribution.of_styles("emojione-v1", "noto", "noto-blob", "openmoji", "twemoji")
OPEN_SET_OF_DRAWINGS = _board(
    name="open-set/drawings",
    title="Open set, drawings",
    summary="Learn nine kinds of things from drawings, and tell them from five other kinds.",
    description=(
        "Nine of the 14 classes of the shipped drawings are known, the other five are not. No concept is in the "
        "training and in a test set."
    ),
    credit=_DRAWN,
    pack=OPEN_SET_DRAWINGS,
    licence=attribution.licence_line(_DRAWN),
)
OPEN_SET: tuple[Benchmark, ...] = (
    OPEN_SET_OF_DRAWINGS,
    _openoods("mnist-6", "MNIST", 6, 4, "MNIST: none stated."),
    _openoods("cifar-6", "CIFAR-10", 6, 4, "CIFAR: none stated."),
    _openoods("cifar-50", "CIFAR-100", 50, 50, "CIFAR: none stated."),
    _openoods("tin-20", "Tiny ImageNet", 20, 180, "ImageNet's terms of access: non-commercial research and education."),
)
