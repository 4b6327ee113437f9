"""WILDS' own keys of figures: `acc_avg`, `acc_worst_region`, `acc_y:1_male:1`, `count_slide:3`.

A key of a whole split stands for one of our metrics. A key of a group has the fields in the reverse of their order in
the metadata, and is printed without spaces (WILDS' `group_field_str`).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from farfield_evaluators.figure import Figure
from farfield_evaluators.scoring.groups import Grouping
from farfield_evaluators.scoring.test import LABEL, Test

Place = tuple[str, str]
"""A metric and a domain: what a figure is of."""
Y = "y"
_PRINTED = str.maketrans({"=": ":", ",": "_", " ": None})


def column_of(field: str) -> str:
    """The column of a pack that holds a field of the metadata; the label's own where it is that.

    >>> column_of("cell_type"), column_of("LGBTQ"), column_of("y")
    ('cell-type', 'lgbtq', 'label')
    """
    return LABEL if field == Y else field.lower().replace("_", "-")


@dataclass(frozen=True, kw_only=True)
class Key:
    """A key of a whole split, the metric that it is, and its value where that is undefined: None where WILDS fails."""

    wilds: str
    metric: str
    undefined: float | None = None


@dataclass(frozen=True, kw_only=True)
class GroupKeys:
    """The keys of all groups of a grouping: `{wilds}_{group}` of a metric, and `count_{group}`.

    fields: WILDS' names of the grouping's columns, in its order.
    """

    wilds: str
    metric: str
    grouping: Grouping
    fields: tuple[str, ...]

    def names(self, test: Test) -> Iterator[tuple[int, str]]:
        """Number and printed name of each group that counts, also of those without examples."""
        for number in range(self.grouping.count(test)):
            if self.grouping.keep is None or self.grouping.keep(self.grouping.values(test, number)):
                yield number, self._printed(test, number)

    def _printed(self, test: Test, number: int) -> str:
        values, parts = self.grouping.values(test, number), []
        for field, column, size in zip(self.fields, self.grouping.by, self.grouping.sizes(test), strict=True):
            number, place = divmod(number, size)
            # A label is printed as its number: WILDS has no names of classes.
            parts.append(f"{field}:{place if field == Y else values[column].translate(_PRINTED)}")
        return "_".join(reversed(parts))


@dataclass(frozen=True, kw_only=True)
class Keys:
    """All keys of a data set."""

    whole: tuple[Key, ...]
    groups: tuple[GroupKeys, ...] = ()

    def of(self, test: Test) -> dict[Place, str]:
        """The key of each figure of a test that has one; a metric with two keys has the first."""
        found: dict[Place, str] = {}
        for key in self.whole:
            found.setdefault((key.metric, test.domain), key.wilds)
        for group in self.groups:
            for number, name in group.names(test):
                found[group.metric, group.grouping.name(test, number)] = f"{group.wilds}_{name}"
        return found

    def metric(self, wilds: str) -> str:
        """Our metric of a key of a whole split. Raises KeyError for one that the data set does not have."""
        return {key.wilds: key.metric for key in self.whole}[wilds]

    def results(self, test: Test, figures: Iterable[Figure]) -> dict[str, float | None]:
        """What WILDS' `eval` gives of a split: every key with its value, None where a figure is undefined.

        Of a group without examples WILDS prints 0: here it is None, beside a count of 0.
        """
        values = {figure.key: figure.value for figure in figures}
        found = {key.wilds: values.get((key.metric, test.domain), key.undefined) for key in self.whole}
        for group in self.groups:
            found |= _of_groups(group, test, values)
        return found


def _of_groups(group: GroupKeys, test: Test, values: Mapping[Place, float]) -> dict[str, float | None]:
    counts = np.bincount(group.grouping.numbers(test) + 1, minlength=group.grouping.count(test) + 1)[1:]
    found: dict[str, float | None] = {}
    for number, name in group.names(test):
        found[f"{group.wilds}_{name}"] = values.get((group.metric, group.grouping.name(test, number)))
        found[f"count_{name}"] = float(counts[number])
    return found
