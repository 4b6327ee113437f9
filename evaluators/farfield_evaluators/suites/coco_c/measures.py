"""Mean performance under corruption, and what share that is of the clean one (Michaelis et al. 2019, section 3.3).

P is a detector's AP on clean images; mPC the mean of its AP over the 15 corruptions at 5 severities, all alike; and
rPC = mPC / P. Detectors are ranked by mPC: two that differ in P are not told apart by rPC, which a detector that finds
next to nothing can have above 1.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from farfield_evaluators.figure import Figure
from farfield_evaluators.metric import Metric
from farfield_evaluators.metrics.corruption import MAIN, SEVERITIES, Place, place_of
from farfield_evaluators.scoring.aggregates import total
from farfield_evaluators.scoring.scorer import Scorer, Wanted
from farfield_evaluators.scoring.test import Outcome, Test
from farfield_evaluators.suites.coco_c.sets import CLEAN

AP, SHIFTS = "ap", "shifts"  # a metric, and the aggregate over all corruptions
PLACES = tuple(Place(corruption=name, severity=level) for name in MAIN for level in range(1, SEVERITIES + 1))
MPC = Metric(
    name="mpc",
    title="mPC",
    higher_is_better=True,
    description="Mean performance under corruption: the mean of AP over 15 corruptions at 5 severities.",
)
RPC = Metric(
    name="rpc",
    title="rPC",
    higher_is_better=True,
    description=(
        "Relative performance under corruption: mPC over the AP on clean images. Detectors that differ in their "
        "clean AP are not ranked by it."
    ),
)


def mean_performance(values: Mapping[Place, float]) -> float:
    """mPC, of the AP at each corruption and severity. Raises ValueError where any of the 75 is missing: a mean over
    some is another figure.

    >>> mean_performance({place: 0.5 for place in PLACES})
    0.5
    """
    missing = [f"{place.corruption} {place.severity}" for place in PLACES if place not in values]
    if missing:
        raise ValueError(f"mPC needs 15 corruptions at 5 severities; missing: {', '.join(missing[:5])}")
    return fmean(values[place] for place in PLACES)


def relative_performance(mpc: float, clean: float) -> float | None:
    """rPC; None where nothing is right on clean images.

    >>> relative_performance(0.182, 0.364), relative_performance(0.0, 0.0)
    (0.5, None)
    """
    return mpc / clean if clean > 0 else None


@dataclass(frozen=True, kw_only=True)
class UnderCorruption:
    """AP of each domain, and mPC and rPC of it; `scorer` gives the metric of that name from the detections.

    Domains are called after a corruption and a severity, such as `fog-3`, and `clean`. No standard errors: all
    corruptions are of the same images, so the sets are not independent.
    """

    scorer: Scorer
    metric: str = AP

    @property
    def gives(self) -> tuple[Metric, ...]:
        return (MPC, RPC, next(metric for metric in self.scorer.gives if metric.name == self.metric))

    def needs(self, test: Test) -> Iterable[Outcome]:
        return self.scorer.needs(test)

    def score(self, tests: Sequence[Test], wanted: Wanted) -> Iterator[Figure]:
        asked = Wanted(metrics=frozenset({self.metric}), aggregates=wanted.aggregates, errors=wanted.errors)
        figures = list(self.scorer.score(tests, asked))
        if self.metric in wanted.metrics:
            yield from figures
        yield from (figure for figure in self._means(figures) if figure.metric in wanted.metrics)

    def _means(self, figures: Sequence[Figure]) -> Iterator[Figure]:
        at = {place: figure for figure in figures if (place := place_of(figure.domain)) in PLACES}
        if len(at) < len(PLACES):
            return
        mpc = mean_performance({place: figure.value for place, figure in at.items()})
        n = total(figure.n for figure in at.values())
        yield Figure(metric=MPC.name, domain=SHIFTS, value=mpc, stderr=None, n=n)
        clean = next((figure for figure in figures if figure.domain == CLEAN), None)
        relative = None if clean is None else relative_performance(mpc, clean.value)
        if relative is not None:
            yield Figure(metric=RPC.name, domain=SHIFTS, value=relative, stderr=None, n=n)
