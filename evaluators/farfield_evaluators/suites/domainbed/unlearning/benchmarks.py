"""Approximate domain unlearning (Kawamura et al., NeurIPS 2025, arXiv 2510.08132): `unlearning/...`.

Input: images. Label: a class. Domains: those that are kept, and those that are to be forgotten, every choice in turn.
The headline is H, the harmonic mean of the accuracy on the former and the error on the latter. Licence: the data's own.
"""

from farfield import TaskFamily
from farfield_evaluators.benchmark import Benchmark, Column, Domain
from farfield_evaluators.data import attribution
from farfield_evaluators.plans.grid import AXES, Grid
from farfield_evaluators.run_plan import Tier
from farfield_evaluators.suites.domainbed.benchmarks import CARDS, Card
from farfield_evaluators.suites.domainbed.unlearning.choices import (
    COUNTS,
    DATA_SETS,
    DRAWINGS,
    MINI_DOMAIN_NET,
    UNLEARN_OFFICE_HOME,
    Unlearning,
)
from farfield_evaluators.suites.domainbed.unlearning.scoring import FORGOTTEN, H_UNLEARNING, MEMORISED, UNLEARNED
from farfield_evaluators.tracks import IMAGENET, OPEN, SCRATCH

PAPER = "Kawamura et al., Approximate Domain Unlearning, NeurIPS 2025 (arXiv 2510.08132)"
CHOICE, KEPT, FORGET = "choice", "kept", "forgotten"
_DRAWN = attribution.of_styles("fluent-flat", "noto", "openmoji")
_STYLES = CARDS["Styles"]
_CARDS = {
    DRAWINGS.name: Card(
        title="Drawings, unlearned",
        summary="Forget fourteen kinds of things in some styles of drawing, and know them in the others.",
        licence=attribution.licence_line(
            attribution.of_styles("fluent-flat", "noto", "openmoji"), attribution.PHOTOGRAPHS
        ),
        citation=_STYLES.citation,
    ),
    UNLEARN_OFFICE_HOME.name: Card(
        title="Office-Home, unlearned",
        summary="Forget 65 kinds of things in some domains, and know them in the others.",
        licence=CARDS["OfficeHome"].licence,
        citation=CARDS["OfficeHome"].citation,
    ),
    MINI_DOMAIN_NET.name: Card(
        title="MiniDomainNet, unlearned",
        summary="Forget 126 kinds of things in some domains, and know them in the others.",
        licence=CARDS["DomainNet"].licence,
        citation="Zhou et al., Domain Adaptive Ensemble Learning, TIP 2021 (arXiv 2003.07325)",
    ),
}


def benchmark(data: Unlearning) -> Benchmark:
    """The benchmark of a data set."""
    card = _CARDS[data.name]
    return Benchmark(
        name=data.name,
        version="1",
        family=TaskFamily.CLASSIFICATION,
        title=card.title,
        summary=card.summary,
        description=(
            f"Of {len(data.domains)} domains some are to be forgotten: every choice of one, of two or of three is a "
            f"run. A method learns from {data.shots} images a class of each domain that is kept, and gets as many of "
            "those to be forgotten as the part `forget`, with their labels. Mem is the accuracy on the domains kept, "
            "For the error on the others, H their harmonic mean in a run. Figures are means over the choices, and "
            "behind +/- stands the standard error over these. How many are forgotten is the tier."
        ),
        pack=data.name,
        train_set=f"train-{{{CHOICE}}}",
        parts={"forget": f"forget-{{{CHOICE}}}"},
        plan=Grid(
            levels={CHOICE: tuple(data.every_choice)},
            mean_over=CHOICE,
            titles={CHOICE: "Forgotten"},
            tiers=tuple(_tier(data, count) for count in data.counts),
        ),
        domains=(
            Domain(name=KEPT, title="Kept", role="id", set=f"kept-{{{CHOICE}}}"),
            Domain(name=FORGET, title="Forgotten", role="shift", set=f"forgotten-{{{CHOICE}}}"),
        ),
        metrics=UNLEARNED.gives,
        scorers=(UNLEARNED,),
        aggregates=(),
        columns=(
            Column(metric=H_UNLEARNING.name, domain=FORGET, title="H"),
            Column(metric=MEMORISED.name, domain=KEPT, title="Mem"),
            Column(metric=FORGOTTEN.name, domain=FORGET, title="For"),
        ),
        tracks=(OPEN, IMAGENET, SCRATCH),
        licence=card.licence,
        citations=(PAPER, card.citation),
    )


def _tier(data: Unlearning, count: int) -> Tier:
    names, word = list(data.choices(count)), COUNTS[count]
    plural = "domain" if count == 1 else "domains"
    says = f"Every choice of {word} of the {len(data.domains)} domains is forgotten. {len(names)} runs."
    return Tier(name=word, title=f"{word.capitalize()} {plural}", description=says, protocol={AXES: {CHOICE: names}})


UNLEARNING: tuple[Benchmark, ...] = tuple(benchmark(data) for data in DATA_SETS)
