"""The boards of few-shot detection: one maker for COCO's and for any other data set with base and novel classes.

FsDet's settings, by what a detector is given after its base classes and what is asked of it:

- fsis: shots of the novel classes; figures of the novel classes.
- gfsis ("generalised"): shots of all classes; figures of novel and of base classes, from one list of detections.
- ifsis ("incremental"): shots of the novel classes, and base images no more; figures of both.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from farfield import TaskFamily
from farfield_evaluators.benchmark import Benchmark, Column, Domain, Track
from farfield_evaluators.metric import Metric
from farfield_evaluators.scoring.coco import Coco
from farfield_evaluators.scoring.scorer import Scorer
from farfield_evaluators.suites.fsdet.names import ALL_SHOTS, NOVEL_SHOTS, TEST, TRAIN
from farfield_evaluators.suites.fsdet.plan import Shots, shots_said
from farfield_evaluators.tracks import IMAGENET, OPEN, SCRATCH

Setting = Literal["fsis", "gfsis", "ifsis"]
HEADLINE_SHOTS = 10
MOST_DETECTIONS = 100  # of one image, as COCO's evaluation counts them
USUAL_TEST = Domain(name=TEST, title="Test", role="id", set=TEST)


@dataclass(frozen=True, kw_only=True)
class FewShotData:
    """A pack as `fsdet.sets` has it, and the numbers of its base and novel classes; masks: whether it has outlines."""

    pack: str
    base: tuple[int, ...]
    novel: tuple[int, ...]
    masks: bool = False


def few_shot_board(
    setting: Setting,
    data: FewShotData,
    plan: Shots,
    *,
    tracks: tuple[Track, ...] = (OPEN, IMAGENET, SCRATCH),
    test: Domain = USUAL_TEST,
    further: tuple[Domain, ...] = (),
    **said: Any,
) -> Benchmark:
    """A board; `said` are its name, title, summary, description, licence and citations.

    test: the domain called `test`, by which it is ranked; further: test domains that are shown beside it.
    """
    scorers = tuple(_scorers(setting, data))
    return Benchmark(
        **said,
        version="1",
        family=TaskFamily.FEW_SHOT_DETECTION,
        pack=data.pack,
        train_set=None,
        parts={"base": TRAIN, "support": plan.support(ALL_SHOTS if setting == "gfsis" else NOVEL_SHOTS)},
        domains=(test, *further),
        metrics=tuple(metric for scorer in scorers for metric in scorer.gives),
        scorers=scorers,
        columns=(*_columns(scorers, plan), *_beside(scorers, plan, further)),
        tracks=tracks,
        aggregates=(),
        plan=plan,
        withheld_after_base=setting == "ifsis",
        masks=data.masks,
        detections=MOST_DETECTIONS,
    )


def _scorers(setting: Setting, data: FewShotData) -> Iterator[Scorer]:
    """Of the novel classes, and of the base classes where detectors keep them: of boxes, and of masks."""
    scored = {"n": data.novel} if setting == "fsis" else {"n": data.novel, "b": data.base}
    for masks in (False, True) if data.masks else (False,):
        for prefix, classes in scored.items():
            yield Coco(classes=classes, prefix=prefix, masks=masks)


def _columns(scorers: tuple[Scorer, ...], plan: Shots) -> Iterator[Column]:
    """AP at every number of shots, of the novel classes first; the headline is at 10 shots, or at the most."""
    headline = _headline(plan)
    for metric in (scorer.gives[0] for scorer in scorers):
        for shots in (headline, *(number for number in plan.shots if number != headline)):
            yield _column(metric, TEST, shots, metric.title)


def _beside(scorers: tuple[Scorer, ...], plan: Shots, domains: tuple[Domain, ...]) -> Iterator[Column]:
    """AP on further domains, at the headline's number of shots."""
    for domain in domains:
        for metric in (scorer.gives[0] for scorer in scorers):
            yield _column(metric, domain.name, _headline(plan), f"{domain.title}, {metric.title}")


def _column(metric: Metric, domain: str, shots: int, title: str) -> Column:
    return Column(metric=metric.name, domain=f"{domain}[shots={shots}]", title=f"{title}, {shots_said(shots)}")


def _headline(plan: Shots) -> int:
    return HEADLINE_SHOTS if HEADLINE_SHOTS in plan.shots else max(plan.shots, default=HEADLINE_SHOTS)
