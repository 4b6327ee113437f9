"""A model of photographs and coloured drawings, adapted to artists that it has never seen, in two ways.

`adaptation/drawings` gives a few labels of their drawings, `adaptation/drawings-active` as many as a method asks for.

Input: images. Label: one of fourteen kinds of things. Domain: the style; the target is the two styles of OpenMoji and
the line drawings of Symbola. Protocols: few-shot source-free adaptation (Lee et al. 2023, arXiv 2304.00792), with K
labelled images a class of the target, and one of each to select by, drawn anew in every trial; source-free active
domain adaptation (Lyu et al. 2024, arXiv 2407.18899), with labels of chosen images in each of ten rounds. Licence: each
source's own, listed beside the images of the distribution `farfield-demo`.
"""

from typing import Any

from farfield import Budget, TaskFamily
from farfield_evaluators.benchmark import Benchmark, Column, Domain
from farfield_evaluators.data import attribution
from farfield_evaluators.metrics.catalog import ACCURACY, CLASS_ACCURACY
from farfield_evaluators.plans.trials import Trials
from farfield_evaluators.scoring import classification
from farfield_evaluators.tracks import IMAGENET, OPEN, SCRATCH

PACK = "adaptation-drawings"
TRIALS = 5
SHOTS = 3  # labelled target images a class; the paper has 1 to 10
SHOTS_TO_SELECT = 1  # further ones a class, as the paper has it
BUDGET = Budget(rounds=10, per_round=4)  # rounds as in LFTL; about as many labels as the few shots are
TARGET = "target"
TARGET_STYLES = ("openmoji", "openmoji-outline", "symbola")
LICENCE = attribution.licence_line(attribution.DRAWINGS, attribution.PHOTOGRAPHS)


def board(**said: Any) -> Benchmark:
    """A benchmark on the target's test images; `said` is its name, title, texts, parts and plan."""
    return Benchmark(
        **said,
        version="1",
        family=TaskFamily.CLASSIFICATION,
        pack=PACK,
        train_set="train",
        domains=(
            Domain(name=TARGET, title="Target", role="shift", set="test", credit=attribution.of_styles(*TARGET_STYLES)),
        ),
        metrics=(ACCURACY, CLASS_ACCURACY),
        scorers=(classification.ACCURACY, classification.CLASS_ACCURACY),
        columns=(
            Column(metric=ACCURACY.name, domain=TARGET, title="Target"),
            Column(metric=CLASS_ACCURACY.name, domain=TARGET, title="Mean over classes"),
        ),
        tracks=(OPEN, IMAGENET, SCRATCH),
        aggregates=(),
        licence=LICENCE,
        shows="truth",
    )


DRAWINGS = board(
    name="adaptation/drawings",
    title="Drawings, few-shot adaptation",
    summary="Adapt a model of photographs and coloured drawings to unseen artists by three labelled images a class.",
    description=(
        "The source is photographs and coloured drawings, the target drawings by two families of artists that the "
        "source does not have. In each of five trials three other labelled images of each class of the target are "
        "there to learn from, and one to select by; a method gets them that names them, and one that does not is a "
        "model of the source alone. No concept is in two of source, target and test. The figure behind +/- is the "
        "standard error over trials."
    ),
    parts={"val": "val", "target": "target-{trial}", "target_val": "target-val-{trial}"},
    plan=Trials(TRIALS),
    citations=(
        "Lee et al., Few-Shot Fine-Tuning is All You Need for Source-Free Domain Adaptation, 2023 (arXiv 2304.00792)",
        "Liang et al., Do We Really Need to Access the Source Data?, ICML 2020 (arXiv 2002.08546)",
    ),
)
ACTIVE = board(
    name="adaptation/drawings-active",
    title="Drawings, labels on request",
    summary="Adapt a model of photographs and coloured drawings to unseen artists by asking for 40 labels.",
    description=(
        "The source is photographs and coloured drawings, the target drawings by two families of artists that the "
        "source does not have. A method sees images of the target without labels, and may ask for four of these labels "
        "in each of ten rounds: which, is its own choice. No concept is in two of source, pool and test. The figure "
        "behind +/- is the standard error over trials."
    ),
    parts={"val": "val", "pool": "pool"},
    budget=BUDGET,
    plan=Trials(3),
    citations=(
        "Lyu et al., Learn from the Learnt for Source-Free Active Domain Adaptation, ECCV 2024 (arXiv 2407.18899)",
    ),
)
