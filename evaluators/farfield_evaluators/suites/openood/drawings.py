"""`ood-detection/drawings`: OpenOOD's near, far and full-spectrum detection in small, on shipped drawings.

Input: images. Output of a method: a score, higher = more in-distribution, and logits over 14 classes. Licence: each
source's own, listed beside the images of the distribution `farfield-demo`.
"""

from farfield import TaskFamily
from farfield_evaluators.benchmark import Benchmark, Domain
from farfield_evaluators.data import attribution
from farfield_evaluators.metrics import catalog as metrics
from farfield_evaluators.plans.trials import SINGLE_RUNS
from farfield_evaluators.scoring import detection as scorers
from farfield_evaluators.suites.openood.benchmarks import OPENOOD_PAPER
from farfield_evaluators.suites.openood.board import DETECTION, full_spectrum
from farfield_evaluators.suites.openood.names import DRAWINGS
from farfield_evaluators.tracks import IMAGENET, OPEN, SCRATCH

_LEARNED = attribution.of_styles("emojione-v1", "noto", "noto-blob", "openmoji", "twemoji")
_USUALLY = attribution.of_styles("noto", "twemoji")
_NEAR = {"things": "Other things"}
_FAR = {"symbols": "Symbols", "people": "People", "flags": "Flags"}
_FLAGS = attribution.of_styles("openmoji", "twemoji")
_FLUENT = attribution.of_styles("fluent-3d", "fluent-flat")
_LINES = attribution.of_styles("fluent-contrast", "openmoji-outline", "symbola")

OOD_DETECTION_DRAWINGS = Benchmark(
    name="ood-detection/drawings",
    version="1",
    family=TaskFamily.OOD_DETECTION,
    title="OOD detection, drawings, full-spectrum",
    summary="Tell drawings of 14 kinds of things, by other hands too, from drawings of anything else.",
    description=(
        "In-distribution are coloured drawings of 14 classes in five styles; a method may fit on those of other "
        "concepts. The same classes drawn by Fluent's artists and as lines are shifted, and count as in-distribution "
        "too. Near OOD are drawings of things of no class, in styles that the training set has; far OOD are symbols, "
        "people and flags. Conventions are OpenOOD v1.5's. A network that is trained here is trained three times."
    ),
    pack=DRAWINGS,
    train_set="train",
    domains=(
        Domain(name="drawings", title="Drawings", role="id", set="id/test", credit=_LEARNED),
        Domain(name="fluent", title="Fluent", role="shift", set="shift/fluent", credit=_FLUENT),
        Domain(name="lines", title="Lines", role="shift", set="shift/lines", credit=_LINES),
        Domain(name="things", title=_NEAR["things"], role="near", set="near/things", credit=_USUALLY),
        Domain(name="symbols", title=_FAR["symbols"], role="far", set="far/symbols", credit=_USUALLY),
        Domain(name="people", title=_FAR["people"], role="far", set="far/people", credit=_USUALLY),
        Domain(name="flags", title=_FAR["flags"], role="far", set="far/flags", credit=_FLAGS),
    ),
    metrics=(*metrics.FULL_SPECTRUM, *DETECTION, metrics.ACCURACY, metrics.ACCURACY_FULL_SPECTRUM),
    scorers=(scorers.FULL_SPECTRUM, scorers.OPENOOD, scorers.ID_ACCURACY, scorers.FULL_SPECTRUM_ACCURACY),
    columns=full_spectrum({**_NEAR, **_FAR}, "drawings"),
    tracks=(OPEN, IMAGENET, SCRATCH),
    licence=attribution.licence_line(_LEARNED, _FLUENT, _LINES),
    shows="truth",
    public_labels=True,
    citations=(
        OPENOOD_PAPER,
        "Yang et al., Full-Spectrum Out-of-Distribution Detection, IJCV 2023 (arXiv 2204.05306)",
    ),
    plan=SINGLE_RUNS,
)
