"""Figures by group as tables: entries by groups on a board, groups by metrics for one entry. Pure functions.

A group without an example is undefined: it has a column or a row, and says so. Of many groups the worst are shown; a
file has all of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.figure import Figure
from farfield_evaluators.metric import Metric
from farfield_evaluators.plans.means import spread_of
from farfield_evaluators.scoring.group_sizes import groupings_of, metrics_by
from farfield_web.pages.describe import domain_title
from farfield_web.pages.templatetags.figures import shown, shown_error
from farfield_web.runs.figures import Key

MOST_SHOWN, WORST = 16, 10
NAMED = 5
Figures = Mapping[Key, Figure]


@dataclass(frozen=True, kw_only=True)
class Group:
    """A group of a test domain, called as in the `domain` of its figures. `count` is None where nobody said it.

    `counted` says whether it may be the worst one of an entry.
    """

    key: str
    domain: str
    by: tuple[str, ...]
    title: str
    count: int | None
    smallest: int = 1
    counted: bool = True

    @property
    def is_empty(self) -> bool:
        """Whether it has too few examples for a figure."""
        return self.count is not None and self.count < self.smallest

    @property
    def lacks(self) -> str:
        """What stands in place of a figure."""
        return "no examples" if not self.count else f"fewer than {self.smallest} examples"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A figure as text, with what stands after ±; `worst` is the worst of its row or column."""

    text: str
    error: str = ""
    worst: bool = False
    missing: bool = False


@dataclass(frozen=True, kw_only=True)
class Place:
    """The groups over some columns of one test domain."""

    domain: str
    domain_title: str
    by: tuple[str, ...]
    groups: tuple[Group, ...]

    @property
    def over(self) -> str:
        """What the groups are over, in words."""
        return " and ".join(self.by)


@dataclass(frozen=True, kw_only=True)
class Selected:
    """The groups of a place that a table has room for; `is_part` says that they are the worst of more."""

    groups: tuple[Group, ...]
    total: int
    is_part: bool
    empty: tuple[str, ...]

    @property
    def more_empty(self) -> int:
        """How many groups without examples are not named."""
        return max(0, len(self.empty) - NAMED)

    @property
    def named_empty(self) -> tuple[str, ...]:
        return self.empty[:NAMED]


def places_of(benchmark: Benchmark, sizes: Iterable[Mapping[str, Any]], figures: Iterable[Figures] = ()) -> list[Place]:
    """The places where the benchmark has figures of groups, by domain and then by grouping, in metadata order.

    `sizes` are as workers say them. Groups of figures that none of these names, as before a worker said any, come
    behind, in the order of their names.
    """
    known = [_as_group(size) for size in sizes]
    said = {group.key for group in known}
    known += groups_named(benchmark, {domain for of in figures for _, domain in of} - said)
    domains = [domain.name for domain in benchmark.domains]
    found = {(group.domain, group.by) for group in known if group.domain in domains}
    wanted = [(name, grouping.by) for name in domains for grouping in groupings_of(benchmark)]
    return [
        Place(
            domain=name,
            domain_title=domain_title(benchmark, name),
            by=by,
            groups=tuple(group for group in known if (group.domain, group.by) == (name, by)),
        )
        for name, by in wanted
        if (name, by) in found
    ]


def groups_named(benchmark: Benchmark, names: Iterable[str]) -> list[Group]:
    """The groups among these names of figures' domains, such as `test[place=meadow, label=cow]`, by name."""
    own = [(domain.name, grouping.by) for domain in benchmark.domains for grouping in groupings_of(benchmark)]
    ordered = sorted(names) if own else []
    return [
        Group(key=name, domain=domain, by=by, title=_inside(domain, name, by), count=None)
        for domain, by in own
        for name in ordered
        if _is_of(name, domain, by)
    ]


def metrics_of(benchmark: Benchmark, place: Place) -> tuple[Metric, ...]:
    """The metrics of which there is a figure for each of these groups, in the benchmark's order."""
    return metrics_by(benchmark, place.by)


def selected(groups: Sequence[Group], figures: Sequence[Figures], metric: Metric) -> Selected:
    """All groups, or of many the WORST by the mean over these entries."""
    empty = tuple(group.title for group in groups if group.is_empty)
    if len(groups) <= MOST_SHOWN:
        return Selected(groups=tuple(groups), total=len(groups), is_part=False, empty=empty)
    sign = 1 if metric.higher_is_better else -1
    values = {group.key: [f.value for of in figures if (f := of.get((metric.name, group.key)))] for group in groups}
    worst_first = sorted(
        (g for g in groups if g.counted and values[g.key]), key=lambda group: sign * fmean(values[group.key])
    )
    return Selected(groups=tuple(worst_first[:WORST]), total=len(groups), is_part=True, empty=empty)


def cells_of(groups: Sequence[Group], figures: Figures, metric: Metric, benchmark: Benchmark) -> tuple[Cell, ...]:
    """One metric's figures of an entry at these groups; the worst of all of them is marked, where there are several."""
    values = [figures.get((metric.name, group.key)) for group in groups]
    present = [f.value for group, f in zip(groups, values, strict=True) if f is not None and group.counted]
    worst = (min if metric.higher_is_better else max)(present) if len(present) > 1 else None
    return tuple(_cell(group, each, metric, benchmark, worst) for group, each in zip(groups, values, strict=True))


def _cell(group: Group, figure: Figure | None, metric: Metric, benchmark: Benchmark, worst: float | None) -> Cell:
    if figure is None:
        return Cell(text=group.lacks if group.is_empty else shown(None), missing=True)
    error = shown_error(spread_of(figure, benchmark.plan.spread), metric.unit)
    return Cell(text=shown(figure.value, metric.unit), error=error, worst=group.counted and figure.value == worst)


def _as_group(size: Mapping[str, Any]) -> Group:
    return Group(
        key=size["name"],
        domain=size["domain"],
        by=tuple(size["by"]),
        title=_inside(size["domain"], size["name"], size["by"]),
        count=size["count"],
        smallest=size["smallest"],
        counted=size.get("counted", True),
    )


def _is_of(name: str, domain: str, by: Sequence[str]) -> bool:
    inside = name.removeprefix(f"{domain}[").removesuffix("]")
    return len(inside) == len(name) - len(domain) - 2 and [
        part.partition("=")[0] for part in inside.split(", ")
    ] == list(by)


def _inside(domain: str, name: str, by: Sequence[str]) -> str:
    """A group by its values alone: `meadow` over one column, `place=meadow, label=cow` over several.

    >>> _inside("test", "test[place=meadow]", ["place"]), _inside("test", "test[a=1, b=2]", ["a", "b"])
    ('meadow', 'a=1, b=2')
    """
    inside = name.removeprefix(f"{domain}[").removesuffix("]")
    return inside.removeprefix(f"{by[0]}=") if len(by) == 1 else inside
