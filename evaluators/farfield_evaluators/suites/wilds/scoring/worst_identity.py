"""CivilComments' worst group: the lowest accuracy over sixteen groups that overlap, each of an identity and a label.

Each of eight identities alone makes two groups, of the comments that name it: those that are not toxic, and those that
are. A comment that names several is in a group of each, and one that names none is in none. Other than everywhere else,
a group without examples counts, with an accuracy of 0, as WILDS has it (its CivilComments data set, `eval`): a cut-down
copy of the data has such groups, the release has none.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from farfield_evaluators.figure import Figure
from farfield_evaluators.metric import Metric
from farfield_evaluators.metrics.catalog import ACCURACY
from farfield_evaluators.scoring.groups import Grouped, Grouping
from farfield_evaluators.scoring.scorer import Scorer, Wanted
from farfield_evaluators.scoring.test import LABEL, Outcome, Test
from farfield_evaluators.suites.wilds.scoring.classes import CLASS_ACCURACY

IDENTITIES = ("male", "female", "lgbtq", "christian", "muslim", "other-religions", "black", "white")
NAMED = 1
WORST = replace(
    ACCURACY,
    name="worst-group-accuracy",
    title="Worst group, Accuracy",
    description=(
        "Accuracy on the worst of 16 overlapping groups, each of one identity that a comment names and its label; a "
        "group without examples counts as 0."
    ),
)


@dataclass(frozen=True)
class Names:
    """Whether a group's examples name an identity: what `keep` of a grouping is."""

    identity: str

    def __call__(self, values: dict[str, str]) -> bool:
        return values[self.identity] == str(NAMED)


def grouping_of(identity: str) -> Grouping:
    """The groups of one identity with the label, of the comments that name it."""
    return Grouping(by=(identity, LABEL), keep=Names(identity))


def of_each(identity: str) -> Grouped:
    """The accuracy on the two groups of an identity."""
    metrics = ((ACCURACY.name, ACCURACY),)
    return Grouped(of=CLASS_ACCURACY, grouping=grouping_of(identity), metrics=metrics)


@dataclass(frozen=True, kw_only=True)
class WorstIdentity:
    """The worst of the groups of all identities; the first of equally bad ones gives its error and its number."""

    groups: tuple[Grouped, ...] = tuple(of_each(identity) for identity in IDENTITIES)
    metric: Metric = WORST

    @property
    def gives(self) -> tuple[Metric, ...]:
        return (self.metric,)

    def needs(self, test: Test) -> Iterable[Outcome]:
        return CLASS_ACCURACY.needs(test)

    def score(self, tests: Sequence[Test], wanted: Wanted) -> Iterator[Figure]:
        worst = [figure for test in tests for figure in self._worst(test)]
        yield from wanted.of(self.metric, worst, tests)

    def _worst(self, test: Test) -> Iterator[Figure]:
        every = [figure for grouped in self.groups for figure in _figures(grouped, test)]
        if every:  # where no comment of the whole data set names an identity there is no group of it
            worst = min(every, key=lambda figure: figure.value)
            yield replace(worst, metric=self.metric.name, domain=test.domain)


def _figures(grouped: Grouped, test: Test) -> Iterator[Figure]:
    """Of each group its accuracy, and 0 of one without examples."""
    scorer: Scorer = grouped
    yield from scorer.score([test], Wanted(metrics=frozenset({ACCURACY.name}), aggregates=()))
    for name in grouped.grouping.empty(test):
        yield Figure(metric=ACCURACY.name, domain=name, value=0.0, stderr=None, n=0)
