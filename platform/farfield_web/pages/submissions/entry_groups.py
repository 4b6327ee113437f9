"""Figures by group of one entry, as its page shows them: a table for each grouping and test domain."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.scoring.group_sizes import groupings_of
from farfield_web.leaderboards.queries import current_data
from farfield_web.pages.boards.group_table import (
    Cell,
    Group,
    Place,
    cells_of,
    groups_named,
    metrics_of,
    places_of,
    selected,
)
from farfield_web.pages.describe import members_of
from farfield_web.pages.templatetags.figures import shown
from farfield_web.runs.figures import figures_of
from farfield_web.submissions.models import Submission

MOST_TABLES = 8


@dataclass(frozen=True, kw_only=True)
class EntryGroupRow:
    """A group with its number of test examples and a figure for each metric."""

    title: str
    count: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True)
class EntryGroups:
    """The groups of one test domain; `is_part` says that they are the worst of `total`."""

    key: str
    title: str
    titles: tuple[str, ...]
    rows: tuple[EntryGroupRow, ...]
    total: int
    is_part: bool
    href: str
    headline: bool


def entry_groups(submission: Submission, benchmark: Benchmark) -> tuple[EntryGroups, ...]:
    """The tables of an entry, at most MOST_TABLES; none without a figure of a group."""
    if not groupings_of(benchmark):
        return ()
    figures = figures_of(submission)
    present = {domain for _, domain in figures}
    data = current_data(benchmark.name)
    places = places_of(benchmark, data.groups if data else [], [figures])
    known = [place for place in places if any(group.key in present for group in place.groups)]
    href = reverse("api:submission", args=[submission.pk])
    return tuple(_table(number, place, figures, benchmark, href) for number, place in enumerate(known[:MOST_TABLES]))


def group_domains(benchmark: Benchmark, names: Iterable[str]) -> frozenset[str]:
    """Which of these names of domains are those of groups, which have a table of their own."""
    if not groupings_of(benchmark):
        return frozenset()
    long = re.compile(rf"({'|'.join(re.escape(domain.name) for domain in benchmark.domains)})\[group \d+\]")
    wanted = list(names)
    return frozenset([g.key for g in groups_named(benchmark, wanted)] + [n for n in wanted if long.fullmatch(n)])


def _table(number: int, place: Place, figures: Any, benchmark: Benchmark, href: str) -> EntryGroups:
    metrics = metrics_of(benchmark, place)
    chosen = selected(place.groups, [figures], metrics[0])
    columns = [cells_of(chosen.groups, figures, metric, benchmark) for metric in metrics]
    return EntryGroups(
        key=f"groups-{number}",
        title=f"{place.domain_title} by {place.over}",
        titles=tuple(metric.title for metric in metrics),
        rows=tuple(_row(group, cells) for group, *cells in zip(chosen.groups, *columns, strict=True)),
        total=chosen.total,
        is_part=chosen.is_part,
        href=href,
        headline=place.domain in members_of(benchmark, benchmark.columns[0].domain),
    )


def _row(group: Group, cells: Sequence[Cell]) -> EntryGroupRow:
    count = shown(None) if group.count is None else str(group.count)
    return EntryGroupRow(title=group.title, count=count, cells=tuple(cells))
