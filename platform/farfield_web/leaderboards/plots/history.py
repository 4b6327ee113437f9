"""The record over time: who was best when, in the column that ranks."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from farfield_web.leaderboards.plots import specs
from farfield_web.leaderboards.plots.base import Drawn, Field, Json, Plot, entry_of, trust_in, value_of


class Dated(NamedTuple):
    """A figure, and when it was entered."""

    at: datetime
    value: float


def records(entries: Iterable[Dated], *, higher_is_better: bool) -> tuple[int, ...]:
    """The places of the entries that were better than all before them, by time; of equal ones the first.

    >>> from datetime import UTC
    >>> days = [Dated(datetime(2026, 1, day, tzinfo=UTC), value) for day, value in ((3, 0.7), (1, 0.5), (2, 0.4))]
    >>> records(days, higher_is_better=True)
    (1, 0)
    """
    listed, sign = list(entries), 1.0 if higher_is_better else -1.0
    best, kept = float("-inf"), []
    # Of two at the same moment the better one counts, whatever the order in which they are named.
    for place in sorted(range(len(listed)), key=lambda one: (listed[one].at, -sign * listed[one].value, one)):
        if sign * listed[place].value > best:
            best = sign * listed[place].value
            kept.append(place)
    return tuple(kept)


def record(drawn: Drawn) -> Sequence[Plot]:
    """All entries by when they were entered, with a step at each that was the best until then."""
    column = drawn.board.columns[drawn.board.ranked_by]
    metric, key = drawn.benchmark.metric(column.metric), (column.metric, column.domain)
    known = [(row, value) for row in drawn.rows if (value := value_of(row, key)) is not None]
    if len(known) < 2:
        return ()
    dated = [Dated(row.entry.submission.created_at, value) for row, value in known]
    best = set(records(dated, higher_is_better=metric.higher_is_better))
    rows = [
        {**entry_of(row), "at": each.at.isoformat(), "value": each.value, "record": place in best}
        for place, ((row, _), each) in enumerate(zip(known, dated, strict=True))
    ]
    rows.sort(key=lambda row: str(row["at"]))
    title = f"{column.title} over time"
    return (
        Plot(
            name="record",
            title="Record over time",
            description=f"{title}: a mark for each entry when it was entered, and a line through those that were best.",
            about=(
                "The line is the best figure so far: it steps where an entry was better than all before it.",
                "Entries that were withdrawn, or taken off the board, are left out of its past, too.",
            ),
            columns=(
                Field(name="at", title="Entered"),
                Field(name="entry", title="Entry"),
                Field(name="trust", title="Where from"),
                Field(name="value", title=column.title, unit=metric.unit),
                Field(name="record", title="Best until then"),
            ),
            rows=tuple(rows),
            spec=_spec(title, rows, column.title, metric.unit),
        ),
    )


def _spec(title: str, rows: Sequence[Json], of: str, unit: str) -> Json:
    x = {"field": "at", "type": "temporal", "title": "Entered"}
    y = specs.unit_axis("value", of, unit)
    steps = [row for row in rows if row["record"]]
    until = {**steps[-1], "at": rows[-1]["at"]}
    line = specs.line([*steps, until], x, y, interpolate="step-after", color=specs.COLOURS[1])
    told = specs.tooltip(("entry", "Entry", "text"), ("trust", "Where from", "text"), ("value", of, unit))
    return specs.chart(title, [line, specs.marks(trust_in(rows), x=x, y=y, tooltip=told)], data=specs.data(rows))
