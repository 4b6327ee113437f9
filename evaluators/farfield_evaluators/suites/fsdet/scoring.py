"""COCO's figures of the novel and of the base classes, as FsDet names them: nAP, bAP."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from farfield_evaluators.figure import Figure
from farfield_evaluators.metric import Metric
from farfield_evaluators.scoring.boxes import METRICS, Boxes
from farfield_evaluators.scoring.scorer import Wanted
from farfield_evaluators.scoring.test import Outcome, Test


@dataclass(frozen=True, kw_only=True)
class OverClasses:
    """COCO's figures over these classes; `prefix` goes before the names and titles of its metrics."""

    classes: tuple[int, ...]
    prefix: str

    @property
    def gives(self) -> tuple[Metric, ...]:
        return tuple(
            replace(metric, name=f"{self.prefix}{metric.name}", title=f"{self.prefix}{metric.title}")
            for metric in METRICS
        )

    def needs(self, test: Test) -> Iterable[Outcome]:
        return ()

    def score(self, tests: Sequence[Test], wanted: Wanted) -> Iterator[Figure]:
        own = frozenset(metric.name for metric in METRICS if f"{self.prefix}{metric.name}" in wanted.metrics)
        for figure in Boxes(classes=self.classes).score(tests, replace(wanted, metrics=own)):
            yield replace(figure, metric=f"{self.prefix}{figure.metric}")
