"""The scorers of detectors: each OOD set against ID, with the errors of means that share their ID images."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from farfield_evaluators.figure import Figure
from farfield_evaluators.metric import Metric
from farfield_evaluators.metrics import catalog as metrics
from farfield_evaluators.metrics.bootstrap import Tallies, detection_stderr
from farfield_evaluators.metrics.calibration import Estimate
from farfield_evaluators.metrics.classification import correct
from farfield_evaluators.metrics.detection import CLASSIC as CLASSIC_MEASURES
from farfield_evaluators.metrics.detection import MEASURES, OF_DETECTORS_THAT_CLASSIFY, Measure, tally
from farfield_evaluators.scoring.classification import LOGITS, share_of
from farfield_evaluators.scoring.scorer import Wanted, figure_of
from farfield_evaluators.scoring.test import Array, Outcome, Test

Floats = npt.NDArray[np.float64]
Key = tuple[str, str]
OOD = ("near", "far")


def _scores(test: Test) -> Mapping[str, Array]:
    return {"score": np.asarray(test.outputs["scores"], np.float64)}


def _hits(test: Test) -> Mapping[str, Array]:
    return {"hit-of-all-classes": correct(test.outputs[LOGITS], test.labels)}


SCORE = Outcome(columns=("score",), of=_scores)
HIT_OF_ALL = Outcome(columns=("hit-of-all-classes",), of=_hits)


@dataclass(frozen=True, kw_only=True)
class Detection:
    """Measures of telling each OOD set from ID, and over aggregates of OOD sets.

    measures: metrics with their functions of tallies. known: the roles that count as ID, pooled. Errors are the
    bootstrap's, over nearly all of the time; the ID images drawn are shared by all sets, so that an aggregate's error
    counts that they are not independent. classifies: a measure asks which ID images are classified rightly.
    """

    measures: tuple[tuple[Metric, Measure], ...]
    known: tuple[str, ...] = ("id",)
    classifies: bool = False

    @property
    def gives(self) -> tuple[Metric, ...]:
        return tuple(metric for metric, _ in self.measures)

    def needs(self, test: Test) -> Iterable[Outcome]:
        return (SCORE, HIT_OF_ALL) if self.classifies and test.role in self.known else (SCORE,)

    def score(self, tests: Sequence[Test], wanted: Wanted) -> Iterator[Figure]:
        measures = [(metric, measure) for metric, measure in self.measures if metric.name in wanted.metrics]
        inside = [test for test in tests if test.role in self.known]
        of_id = _pooled(inside, SCORE)
        right = _pooled(inside, HIT_OF_ALL).astype(np.bool_) if self.classifies else None
        ood = {test.domain: test.outcome(SCORE)["score"] for test in tests if test.role in OOD}
        sets = {test.domain: test for test in tests if test.role in OOD}

        def figures(tallies: Tallies) -> list[Figure]:
            return [figure for metric, of in measures for figure in _measured(metric, of, tallies, sets, wanted)]

        def values(tallies: Tallies) -> dict[Key, float]:
            return {figure.key: figure.value for figure in figures(tallies)}

        errors = detection_stderr(values, of_id, ood, right=right) if wanted.errors else {}
        for figure in figures({name: tally(of_id, scores, right) for name, scores in ood.items()}):
            yield replace(figure, stderr=errors.get(figure.key), n=(figure.n or 0) + len(of_id))


def _pooled(tests: Iterable[Test], outcome: Outcome) -> Floats:
    [column] = outcome.columns
    return np.concatenate([np.zeros(0), *(test.outcome(outcome)[column] for test in tests)])


def _measured(
    metric: Metric, measure: Measure, tallies: Tallies, sets: Mapping[str, Test], wanted: Wanted
) -> Iterator[Figure]:
    """The measure on each OOD set and over aggregates of them; n counts OOD images alone."""
    estimates = {name: Estimate(value=measure(counts), stderr=None) for name, counts in tallies.items()}
    own = [figure_of(metric, sets[name], estimate) for name, estimate in estimates.items()]
    yield from wanted.of(metric, own, sets.values())


@dataclass(frozen=True, kw_only=True)
class PooledAccuracy:
    """The accuracy over all classes on the images of all tests of these roles together, as one figure.

    With shifted ID sets it is the ID accuracy of OpenOOD v1.5's full-spectrum tables (Zhang et al. 2023, arXiv
    2306.09301).
    """

    metric: Metric = metrics.ACCURACY
    roles: tuple[str, ...] = ("id",)
    domain: str = "id"

    @property
    def gives(self) -> tuple[Metric, ...]:
        return (self.metric,)

    def needs(self, test: Test) -> Iterable[Outcome]:
        return (HIT_OF_ALL,) if test.role in self.roles else ()

    def score(self, tests: Sequence[Test], wanted: Wanted) -> Iterator[Figure]:
        column = HIT_OF_ALL.columns[0]
        hits = np.concatenate([test.outcome(HIT_OF_ALL)[column] for test in tests if test.role in self.roles])
        share = share_of(hits)
        yield Figure(metric=self.metric.name, domain=self.domain, value=share.value, stderr=share.stderr, n=len(hits))


def _with(measures: Mapping[str, Measure], of: Sequence[Metric]) -> tuple[tuple[Metric, Measure], ...]:
    return tuple(zip(of, measures.values(), strict=True))


_OPENOOD = _with(MEASURES, (metrics.AUROC, metrics.FPR95, metrics.AUPR_IN, metrics.AUPR_OUT))
_CLASSIC = _with(
    CLASSIC_MEASURES,
    (
        metrics.FPR95_CLASSIC,
        metrics.FPR95_NEAREST,
        metrics.FPR95_ID_INTERP,
        metrics.AUPR_IN_CLASSIC,
        metrics.AUPR_OUT_CLASSIC,
    ),
)
SPECTRUM = ("id", "shift")

OPENOOD = Detection(measures=_OPENOOD)
"""OpenOOD's four measures."""
CLASSIC = Detection(measures=(*_OPENOOD, *_CLASSIC))
"""OpenOOD's, and those with ID as the positive class."""
CLASSIFYING = Detection(
    measures=_with(OF_DETECTORS_THAT_CLASSIFY, (metrics.DETECTION_ERROR, metrics.CCR_FPR10, metrics.CCR_FPR1)),
    classifies=True,
)
"""The detection error, and what is classified rightly where few OOD images are kept."""
FULL_SPECTRUM = Detection(measures=_with(MEASURES, metrics.FULL_SPECTRUM), known=SPECTRUM)
"""OpenOOD's, where shifted ID images count as ID (Yang et al. 2023, arXiv 2204.05306; OpenOOD v1.5, section 3)."""
ID_ACCURACY = PooledAccuracy()
FULL_SPECTRUM_ACCURACY = PooledAccuracy(metric=metrics.ACCURACY_FULL_SPECTRUM, roles=SPECTRUM)
