"""The scorer of COCO's figures: novel, base and all classes are read from one matching of a test's detections."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from farfield_evaluators.figure import Figure
from farfield_evaluators.metric import Metric
from farfield_evaluators.metrics.calibration import Estimate
from farfield_evaluators.scoring.coco.curves import Curves
from farfield_evaluators.scoring.coco.figures import OF_ALL, metrics_of
from farfield_evaluators.scoring.coco.matching import curves
from farfield_evaluators.scoring.coco.of_tests import detections_of, objects_of, sizes_of
from farfield_evaluators.scoring.scorer import Wanted, figure_of
from farfield_evaluators.scoring.test import Outcome, Test


@dataclass(frozen=True, kw_only=True)
class Coco:
    """COCO's figures over these classes, by their numbers; over all without any. `prefix` says which they are.

    Needs the columns `boxes` (x, y, width, height) and `box-labels`, and takes `box-area` and `box-crowd` where a pack
    has them; for masks `masks` and `size`. A class without an object is left out of the means, and there is no figure
    where all are. Without a detection figures are 0. Raises ScorerError
    where hotcoco is not installed.
    """

    classes: tuple[int, ...] = ()
    prefix: str = OF_ALL
    masks: bool = False

    @property
    def gives(self) -> tuple[Metric, ...]:
        return tuple(metrics_of(self.prefix, masks=self.masks).values())

    def needs(self, test: Test) -> Iterable[Outcome]:
        return ()

    def score(self, tests: Sequence[Test], wanted: Wanted) -> Iterator[Figure]:
        for name, metric in metrics_of(self.prefix, masks=self.masks).items():
            if metric.name in wanted.metrics:
                yield from wanted.of(metric, list(self._figures(name, metric, tests)), tests)

    def _figures(self, name: str, metric: Metric, tests: Sequence[Test]) -> Iterator[Figure]:
        for test in tests:
            value = _matched(test, masks=self.masks).value(name, self.classes or range(test.classes))
            if value is not None:
                yield figure_of(metric, test, Estimate(value=value, stderr=None))


_MATCHED: WeakKeyDictionary[Test, dict[bool, Curves]] = WeakKeyDictionary()


def _matched(test: Test, *, masks: bool) -> Curves:
    """The curves of all classes: matched once for all scorers that look at the test."""
    known = _MATCHED.setdefault(test, {})
    if masks not in known:
        known[masks] = curves(
            objects_of(test, masks=masks), detections_of(test, masks=masks), sizes_of(test), test.classes
        )
    return known[masks]


BOXES = Coco()
