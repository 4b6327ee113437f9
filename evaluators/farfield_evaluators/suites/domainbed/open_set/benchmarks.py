"""Open-set low-shot domain generalisation (C et al., OSLoPrompt, CVPR 2025, arXiv 2503.16106): `open-dg/...`.

Input: images. Label: a known class, or "unknown", the last. Domain: the target, which no source is of. The headline is
H, the harmonic mean of the accuracies on known and unknown classes. Licence: the data's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from farfield import TaskFamily
from farfield_evaluators.benchmark import Benchmark, Column, Domain
from farfield_evaluators.data import attribution
from farfield_evaluators.plans.grid import Grid
from farfield_evaluators.suites.domainbed.benchmarks import CARDS
from farfield_evaluators.suites.domainbed.open_set.scoring import METRICS, SCORERS
from farfield_evaluators.suites.domainbed.open_set.splits import (
    DRAWINGS,
    OPEN_OFFICE_HOME,
    OPEN_PACS,
    OPEN_VLCS,
    SHOTS,
    SPLITS,
    Split,
)
from farfield_evaluators.tracks import IMAGENET, OPEN, SCRATCH

PAPER = "C et al., OSLoPrompt, CVPR 2025 (arXiv 2503.16106)"
TARGET = "target"
_DRAWN = attribution.of_styles("fluent-flat", "noto", "openmoji")


@dataclass(frozen=True, kw_only=True)
class _Card:
    title: str
    summary: str
    licence: str
    citation: str


def _official(name: str, what: str) -> _Card:
    of = CARDS[name]
    return _Card(title=f"Open-set {of.title}", summary=what, licence=of.licence, citation=of.citation)


_TEXTS: Mapping[str, _Card] = {
    DRAWINGS.name: _Card(
        title="Drawings, open set",
        summary="Learn ten kinds of things from a few images of three styles, and tell in another what is none.",
        licence=attribution.licence_line(
            attribution.of_styles("fluent-flat", "noto", "openmoji"), attribution.PHOTOGRAPHS
        ),
        citation="The data set is ours: docs/benchmarks/domainbed-data.md",
    ),
    OPEN_PACS.name: _official(
        "PACS", "Six classes from a few images of three domains, and what is none of them, in a fourth."
    ),
    OPEN_VLCS.name: _official(
        "VLCS", "Four classes from a few images of three domains, and what is none of them, in a fourth."
    ),
    OPEN_OFFICE_HOME.name: _official(
        "OfficeHome", "54 classes from a few images of three domains, and what is none of them, in a fourth."
    ),
}


def benchmark(split: Split) -> Benchmark:
    """The benchmark of a split."""
    card = _TEXTS[split.name]
    return Benchmark(
        name=split.name,
        version="1",
        family=TaskFamily.CLASSIFICATION,
        title=card.title,
        summary=card.summary,
        description=(
            f"Each of {len(split.domains)} domains is the target in turn. From the others there are 1 or 5 images of "
            f"each of some of the {split.known} known classes, other classes in each, and two more to select by; the "
            'splits are after OSLoPrompt. The last class is "unknown", of which there is no image to learn from: all '
            "images of the other classes are of it in the test. Nothing is selected by the target, where the release "
            "keeps the epoch with the best test. H is the harmonic mean of the accuracies on known and on unknown "
            "classes. Figures are means over targets, and behind +/- stands the standard error over these."
        ),
        pack=split.pack,
        train_set="train-{shots}-{target}",
        parts={"val": "val-{target}"},
        plan=Grid(levels={"shots": SHOTS, TARGET: split.domains}, mean_over=TARGET, titles={TARGET: "Target"}),
        domains=(Domain(name=TARGET, title="Target", role="shift", set="test-{target}"),),
        metrics=METRICS,
        scorers=SCORERS,
        aggregates=(),
        columns=tuple(
            Column(metric=metric.name, domain=f"{TARGET}[shots={shots}]", title=f"{metric.title}, {_said(shots)}")
            for shots in reversed(SHOTS)
            for metric in METRICS
        ),
        tracks=(OPEN, IMAGENET, SCRATCH),
        licence=card.licence,
        citations=(PAPER, card.citation),
    )


def _said(shots: int) -> str:
    return f"{shots} shot{'' if shots == 1 else 's'}"


OPEN_SET: tuple[Benchmark, ...] = tuple(benchmark(split) for split in SPLITS)
