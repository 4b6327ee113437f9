"""`ood-detection/drawings-outliers`: near and far detection on shipped drawings, with outliers to learn from.

Input: images. Output of a method: a score, higher = more in-distribution, and logits over 14 classes. Licence: each
source's own, listed beside the images of the distribution `farfield-demo`.
"""

from farfield import TaskFamily
from farfield_evaluators.benchmark import Benchmark, Column, Domain
from farfield_evaluators.data import attribution
from farfield_evaluators.metrics import catalog as metrics
from farfield_evaluators.plans.trials import SINGLE_RUNS
from farfield_evaluators.scoring import detection as scorers
from farfield_evaluators.suites.openood.benchmarks import OPENOOD_PAPER
from farfield_evaluators.suites.openood.board import DETECTION, near_far
from farfield_evaluators.suites.openood.names import OUTLIERS
from farfield_evaluators.tracks import IMAGENET, OPEN, SCRATCH

_LEARNED = attribution.of_styles("emojione-v1", "noto", "noto-blob", "openmoji", "twemoji")
_USUALLY = attribution.of_styles("noto", "twemoji")
_NEAR = {"things": "Other things"}
_FAR = {"symbols": "Symbols", "people": "People", "flags": "Flags"}
_FLAGS = attribution.of_styles("openmoji", "twemoji")

OOD_DETECTION_OUTLIERS = Benchmark(
    name="ood-detection/drawings-outliers",
    version="1",
    family=TaskFamily.OOD_DETECTION,
    title="OOD detection, drawings, with outliers",
    summary="Tell drawings of 14 kinds of things from others, with other things to learn from.",
    description=(
        "In-distribution are coloured drawings of 14 classes in five styles; a method may fit on those of other "
        "concepts, learn from unlabeled drawings of other things and of symbols, and choose settings by validation "
        "images of both kinds. No concept is in two of these. People and flags are in no outliers. Conventions are "
        "OpenOOD v1.5's. A network that is trained here is trained three times."
    ),
    pack=OUTLIERS,
    train_set="train",
    parts={"val": "id/val", "unlabeled": "outliers", "ood_val": "outliers-val"},
    domains=(
        Domain(name="drawings", title="Drawings", role="id", set="id/test", credit=_LEARNED),
        Domain(name="things", title=_NEAR["things"], role="near", set="near/things", credit=_USUALLY),
        Domain(name="symbols", title=_FAR["symbols"], role="far", set="far/symbols", credit=_USUALLY),
        Domain(name="people", title=_FAR["people"], role="far", set="far/people", credit=_USUALLY),
        Domain(name="flags", title=_FAR["flags"], role="far", set="far/flags", credit=_FLAGS),
    ),
    metrics=(*DETECTION, metrics.DETECTION_ERROR, metrics.CCR_FPR10, metrics.CCR_FPR1, metrics.ACCURACY),
    scorers=(scorers.OPENOOD, scorers.CLASSIFYING, scorers.ID_ACCURACY),
    columns=(
        *near_far({**_NEAR, **_FAR}),
        Column(metric="ccr-fpr10", domain="near", title="Near CCR@FPR 10%"),
        Column(metric="ccr-fpr10", domain="far", title="Far CCR@FPR 10%"),
        Column(metric="detection-error", domain="near", title="Near detection error"),
        Column(metric="detection-error", domain="far", title="Far detection error"),
    ),
    tracks=(OPEN, IMAGENET, SCRATCH),
    licence=attribution.licence_line(_LEARNED),
    shows="truth",
    public_labels=True,
    citations=(
        OPENOOD_PAPER,
        "Yang et al., Semantically Coherent Out-of-Distribution Detection, ICCV 2021 (arXiv 2108.11941)",
    ),
    plan=SINGLE_RUNS,
)
