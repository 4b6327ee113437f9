"""Mem, For and H of domain unlearning, by the names of its paper (arXiv 2510.08132)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from farfield_evaluators.figure import Figure
from farfield_evaluators.metric import Metric
from farfield_evaluators.metrics.calibration import Estimate
from farfield_evaluators.scoring.classification import HIT, share_of
from farfield_evaluators.scoring.scorer import Wanted, figure_of
from farfield_evaluators.scoring.test import Outcome, Test
from farfield_evaluators.suites.domainbed.open_set.scoring import harmonic

MEMORISED = Metric(
    name="memorised",
    title="Mem",
    higher_is_better=True,
    description="Accuracy on the domains that are kept.",
)
FORGOTTEN = Metric(
    name="forgotten",
    title="For",
    higher_is_better=True,
    description="Error on the domains that are to be forgotten: the share of their images that are not recognised.",
)
H_UNLEARNING = Metric(
    name="h-unlearning",
    title="H",
    higher_is_better=True,
    description="Harmonic mean of the accuracy on the domains kept and the error on those to be forgotten.",
)


@dataclass(frozen=True, kw_only=True)
class Unlearned:
    """Mem on the domain in distribution, For and H on the shifted one."""

    gives: tuple[Metric, ...] = (H_UNLEARNING, MEMORISED, FORGOTTEN)

    def needs(self, test: Test) -> Iterable[Outcome]:
        return (HIT,)

    def score(self, tests: Sequence[Test], wanted: Wanted) -> Iterator[Figure]:
        kept = [test for test in tests if test.role == "id"]
        for test in kept:
            yield figure_of(MEMORISED, test, _accuracy(test))
        for test in tests:
            if test.role == "id":
                continue
            missed = _error(test)
            yield figure_of(FORGOTTEN, test, missed)
            if kept:
                yield figure_of(H_UNLEARNING, test, harmonic(_accuracy(kept[0]), missed))


def _accuracy(test: Test) -> Estimate:
    return share_of(test.outcome(HIT)["hit"])


def _error(test: Test) -> Estimate:
    return share_of(~test.outcome(HIT)["hit"])


UNLEARNED = Unlearned()
