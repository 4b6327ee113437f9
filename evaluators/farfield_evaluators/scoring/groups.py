"""Figures of groups: examples that share values of some columns, such as the place and the label of an image.

A group without an example is undefined: it has no figure, and is named by `Grouping.empty`. A group of fewer than
`smallest` examples has none either.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from farfield_evaluators.figure import Figure
from farfield_evaluators.metric import Metric
from farfield_evaluators.scoring.aggregates import Combine, mean, worst
from farfield_evaluators.scoring.scorer import Scorer, ScorerError, Wanted
from farfield_evaluators.scoring.test import Attribute, Ints, Outcome, Test

LONGEST_NAME = 100
Keep = Callable[[dict[str, str]], bool]


@dataclass(frozen=True, kw_only=True)
class Grouping:
    """The groups over some columns of a test, by a number of each.

    by: names of columns, such as ("place", "label"). A group's number counts through the first column's values fastest:
    there are as many as the product of the columns' numbers of values. keep: which groups count, by their values'
    names, all without it. smallest: of how many examples a group must be, at least one.
    """

    by: tuple[str, ...]
    smallest: int = 1
    keep: Keep | None = None

    def __post_init__(self) -> None:
        if not self.by or len(set(self.by)) < len(self.by) or self.smallest < 1:
            raise ScorerError("groups are over one or more different columns, of at least one example each")

    def sizes(self, test: Test) -> tuple[int, ...]:
        """How many values each column has."""
        return tuple(_values_of(attribute) for attribute in self._attributes(test))

    def count(self, test: Test) -> int:
        """How many groups there are, with examples or without."""
        return math.prod(self.sizes(test))

    def numbers(self, test: Test) -> Ints:
        """The group of each example [N], from 0; -1 where one of its columns has no value (-1)."""
        attributes, sizes = self._attributes(test), self.sizes(test)
        known = np.all([attribute.numbers >= 0 for attribute in attributes], axis=0)
        numbers, step = np.zeros(len(test), np.int64), 1
        for attribute, size in zip(attributes, sizes, strict=True):
            numbers += attribute.numbers * step
            step *= size
        return np.where(known, numbers, -1)

    def values(self, test: Test, number: int) -> dict[str, str]:
        """The name of the group's value of each column."""
        values = {}
        for name, attribute, size in zip(self.by, self._attributes(test), self.sizes(test), strict=True):
            number, place = divmod(number, size)
            values[name] = attribute.values[place] if attribute.values else str(place)
        return values

    def name(self, test: Test, number: int) -> str:
        """The group by its values, such as `place=meadow, label=cow`; by its number where that would be too long.

        The name of a domain in a figure has up to LONGEST_NAME characters, with that of the test before.
        """
        name = ", ".join(f"{column}={value}" for column, value in self.values(test, number).items())
        whole = f"{test.domain}[{name}]"
        return whole if len(whole) <= LONGEST_NAME else f"{test.domain}[group {number}]"

    def parts(self, test: Test) -> Iterator[tuple[int, Test]]:
        """The groups that count and are large enough, by number, in its order."""
        numbers = self.numbers(test)
        order = np.argsort(numbers, kind="stable")
        present, starts = np.unique(numbers[order], return_index=True)
        for number, rows in zip(present.tolist(), np.split(order, starts[1:]), strict=True):
            if number >= 0 and len(rows) >= self.smallest and self._counts(test, number):
                yield number, test.part(np.sort(rows))

    def examples(self, test: Test) -> Iterator[tuple[int, int]]:
        """(number, examples) of every group that counts, with examples or without, by number."""
        counts = np.bincount(self.numbers(test) + 1, minlength=self.count(test) + 1)[1:]
        return ((number, count) for number, count in enumerate(counts.tolist()) if self._counts(test, number))

    def empty(self, test: Test) -> Iterator[str]:
        """The names of the groups that count and have no example, or too few, so that they have no figure."""
        return (self.name(test, number) for number, count in self.examples(test) if count < self.smallest)

    def _counts(self, test: Test, number: int) -> bool:
        return self.keep is None or self.keep(self.values(test, number))

    def _attributes(self, test: Test) -> list[Attribute]:
        absent = [name for name in self.by if name not in test.attributes]
        if absent:
            known = ", ".join(sorted(test.attributes)) or "none"
            raise ScorerError(f"{test.domain} has no column {', '.join(absent)} to make groups of; it has {known}")
        return [test.attributes[name] for name in self.by]


def _values_of(attribute: Attribute) -> int:
    """How many values there are; of a column without names, up to the highest that occurs."""
    return len(attribute.values) or int(attribute.numbers.max(initial=-1)) + 1


@dataclass(frozen=True, kw_only=True)
class Grouped:
    """A scorer over groups: each metric of `of`, combined over the groups of each test, or of each group itself.

    metrics: the metric that each of `of` becomes. combine: None gives a figure for every group, as of a domain.
    """

    of: Scorer
    grouping: Grouping
    metrics: tuple[tuple[str, Metric], ...]
    combine: Combine | None = None

    @property
    def gives(self) -> tuple[Metric, ...]:
        return tuple(metric for _, metric in self.metrics)

    def needs(self, test: Test) -> Iterable[Outcome]:
        return self.of.needs(test)

    def score(self, tests: Sequence[Test], wanted: Wanted) -> Iterator[Figure]:
        figures = {test.domain: list(self._of_groups(test)) for test in tests}
        for source, metric in self.metrics:
            own = {name: [f for f in members if f.metric == source] for name, members in figures.items()}
            if self.combine is None:
                yield from (figure for members in own.values() for figure in members)
            else:
                yield from wanted.of(metric, list(self._combined(metric, own)), tests)

    def _of_groups(self, test: Test) -> Iterator[Figure]:
        asked = Wanted(metrics=frozenset(source for source, _ in self.metrics), aggregates=())
        for number, part in self.grouping.parts(test):
            for figure in self.of.score([part], asked):
                if figure.metric in asked.metrics:
                    yield replace(figure, domain=self.grouping.name(test, number))

    def _combined(self, metric: Metric, own: dict[str, list[Figure]]) -> Iterator[Figure]:
        for domain, members in own.items():
            if members and self.combine is not None:
                yield replace(self.combine(metric, members), metric=metric.name, domain=domain)


def per_group(of: Scorer, by: Sequence[str], **options: Any) -> Grouped:
    """Each metric on every group, as on a domain named `test[place=meadow, label=cow]`.

    options: `smallest` and `keep` of the grouping. n counts the group's examples.
    """
    return Grouped(
        of=of,
        grouping=Grouping(by=tuple(by), **options),
        metrics=tuple((metric.name, metric) for metric in of.gives),
    )


def worst_of(of: Scorer, by: Sequence[str], name: str = "worst-group", title: str = "", **options: Any) -> Grouped:
    """Each metric on the group of a test where it is worst, as the metric `worst-group-accuracy`.

    stderr and n are those of the worst group, taken as given: of several groups that are about equally bad, the worst
    in the sample looks worse than any of them is. `name` tells several apart, such as "worst-region".
    """
    title = title or name.replace("-", " ").capitalize()
    return _renamed(of, by, name, title, "on the worst group over", worst, options)


def mean_over(of: Scorer, by: Sequence[str], name: str = "group-mean", title: str = "", **options: Any) -> Grouped:
    """The unweighted mean of each metric over the groups of a test, as the metric `group-mean-accuracy`.

    The error is that of a mean of independent figures, n the number of all examples in groups.
    """
    title = title or name.replace("-", " ").capitalize()
    return _renamed(of, by, name, title, "as the mean over groups of equal weight by", mean, options)


def _renamed(
    of: Scorer, by: Sequence[str], name: str, title: str, says: str, combine: Combine, options: dict[str, Any]
) -> Grouped:
    ends = f"{says} {' and '.join(by)}; groups without examples do not count."

    def renamed(metric: Metric) -> Metric:
        description = f"{metric.description.rstrip('.')}, {ends}"
        return replace(metric, name=f"{name}-{metric.name}", title=f"{title}, {metric.title}", description=description)

    metrics = tuple((metric.name, renamed(metric)) for metric in of.gives)
    return Grouped(of=of, grouping=Grouping(by=tuple(by), **options), metrics=metrics, combine=combine)
