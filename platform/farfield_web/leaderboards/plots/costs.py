"""What a figure costs: accuracy against seconds and memory of what was run here, with the Pareto front."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from farfield_web import published
from farfield_web.leaderboards.plots import specs
from farfield_web.leaderboards.plots.base import Drawn, Field, Json, Plot, entry_of, trust_in, value_of
from farfield_web.leaderboards.plots.pareto import front
from farfield_web.runs.cached import warmth
from farfield_web.runs.memory import GIB
from farfield_web.runs.models import Run
from farfield_web.runs.status import Status

Spent = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Took:
    """What a run reported of what it took: seconds by stage, memory, and what came from its worker's caches."""

    seconds: Spent
    memory: Spent
    cached: Spent


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Something that a run takes: what it is called, and how it is read off what a run reported; None if it is not."""

    name: str
    title: str
    about: str
    of: Callable[[Took], float | None]
    over: Callable[[Iterable[float]], float]


def _seconds(took: Took) -> float | None:
    value = took.seconds.get("run")
    return float(value) if isinstance(value, int | float) and value > 0 else None


def _gibibytes(took: Took) -> float | None:
    value = took.memory.get("peak_bytes")
    return value / GIB if isinstance(value, int) and value > 0 else None


COSTS = (
    Cost(
        name="seconds",
        title="Seconds of a run",
        about="Seconds are those of training and predicting in the sandbox, the mean over an entry's runs. Workers are "
        "not all alike, and may have been busy: small differences say nothing. Warm is which share of the base "
        "models, features, texts and pixels that they took a worker had made before; a cold run makes them too.",
        of=_seconds,
        over=fmean,
    ),
    Cost(
        name="memory",
        title="Peak memory of a run (GiB)",
        about="Memory is the most that any run of the entry held, as the kernel counts it.",
        of=_gibibytes,
        over=max,
    ),
)


def costs(drawn: Drawn) -> Sequence[Plot]:
    """A plot for each cost that at least two entries have, of the column that ranks."""
    spent = spent_by([row.entry.submission.pk for row in drawn.rows if row.entry.verified])
    made = (_plot(drawn, cost, spent) for cost in COSTS)
    return [plot for plot in made if plot is not None]


def spent_by(submissions: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Took]]:
    """What the runs of each of these took that have succeeded."""
    by_entry: dict[uuid.UUID, list[Took]] = defaultdict(list)
    runs = Run.objects.filter(submission__in=submissions, status=Status.SUCCEEDED)
    for submission, *took in runs.values_list("submission", "seconds", "memory", "cached"):
        seconds, memory, cached = (part or {} for part in took)
        by_entry[submission].append(Took(seconds=seconds, memory=memory, cached=cached))
    return by_entry


def _plot(drawn: Drawn, cost: Cost, spent: Mapping[uuid.UUID, list[Took]]) -> Plot | None:
    column = drawn.board.columns[drawn.board.ranked_by]
    metric, key = drawn.benchmark.metric(column.metric), (column.metric, column.domain)
    rows = [
        {**entry_of(row), "cost": cost_, "value": value, "warm": warm_of(spent.get(row.entry.submission.pk, []))}
        for row in drawn.rows
        if (cost_ := cost_of(cost, spent.get(row.entry.submission.pk, []))) is not None
        and (value := value_of(row, key)) is not None
    ]
    if len(rows) < 2:
        return None
    kept = set(front([(row["cost"], row["value"]) for row in rows], higher_is_better=metric.higher_is_better))
    rows = [{**row, "front": place in kept} for place, row in enumerate(rows)]
    title = f"{column.title} against {cost.title[0].lower()}{cost.title[1:]}"
    return Plot(
        name=cost.name,
        title=title,
        description=f"{title}: a mark for each entry that was run here; a line joins those that none beats.",
        about=("The line is the Pareto front: no other entry costs less and is as good.", cost.about),
        columns=(
            Field(name="entry", title="Entry"),
            Field(name="cost", title=cost.title),
            Field(name="value", title=column.title, unit=metric.unit),
            Field(name="front", title="On the front"),
            Field(name="warm", title="Warm", unit="%"),
        ),
        rows=tuple(rows),
        spec=_spec(title, rows, (cost.title, column.title), metric.unit),
    )


def warm_of(runs: Iterable[Took]) -> float | None:
    """Of what caches keep, which share the runs of an entry found there, as published; None where they took none."""
    share = warmth([run.cached for run in runs])
    return None if share is None else published.figure(share)


def cost_of(cost: Cost, runs: Iterable[Took]) -> float | None:
    """Of an entry, as published; None where one of its runs did not say."""
    values = [cost.of(run) for run in runs]
    known = [value for value in values if value is not None]
    return published.figure(cost.over(known)) if known and len(known) == len(values) else None


def _spec(title: str, rows: Sequence[Json], titles: tuple[str, str], unit: str) -> Json:
    x = specs.axis("cost", titles[0], scale={"type": "log", "nice": True})
    y = specs.unit_axis("value", titles[1], unit)
    on_front = sorted((row for row in rows if row["front"]), key=lambda row: row["cost"])
    told = specs.tooltip(
        ("entry", "Entry", "text"), ("cost", titles[0], ""), ("value", titles[1], unit), ("warm", "Warm", "%")
    )
    line = specs.line(on_front, x, y, interpolate="step-after", color=specs.COLOURS[1])
    return specs.chart(title, [line, specs.marks(trust_in(rows), x=x, y=y, tooltip=told)], data=specs.data(rows))
