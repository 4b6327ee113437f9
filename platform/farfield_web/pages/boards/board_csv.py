"""A board as CSV: an entry a line, figures as they are published, an empty cell where there is none."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from farfield_evaluators.benchmark import Column
from farfield_evaluators.plans.means import spread_of
from farfield_web.entries.names import shown_author, shown_team
from farfield_web.exports.spreadsheet import known, safe
from farfield_web.leaderboards.queries import Board, Row

ABOUT = (
    "rank",
    "tied_with_best",
    "rank_low",
    "rank_high",
    "tie_tier",
    "reason",
    "submission",
    "title",
    "owner",
    "team",
    "method",
    "method_version",
    "kind",
    "labels",
    "seen",
    "reproduced",
    "track",
    "tier",
    "trials",
    "created_at",
)


def as_csv(found: Board) -> str:
    """Ranked entries first, then those without a rank, with the reason; those that are not comparable are left out.

    A column has its figure, and its standard error under the name with `.stderr`; `.std` or `.ci95` where the
    board shows the standard deviation or the 95% interval over trials.
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([*ABOUT, *(name for column in found.columns for name in _names(found, column))])
    writer.writerows([safe(known(value)) for value in _values(found, row)] for row in found.rows)
    return file.getvalue()


def _names(found: Board, column: Column) -> list[str]:
    name = f"{column.domain}.{column.metric}"
    spread = found.benchmark.plan.spread
    further = [] if spread == "stderr" else [f"{name}.{spread}"]
    return [name, f"{name}.stderr", *further]


def _values(found: Board, row: Row) -> Iterator[Any]:
    submission, place = row.entry.submission, row.place
    first = next((figure for figure in row.figures if figure is not None), None)
    yield from (row.rank, "yes" if row.tied_with_best or row.rank == 1 else "no")
    yield from (place.low, place.high, place.tier) if place else (None, None, None)
    yield from (row.reason, str(submission.pk), submission.title, shown_author(submission), shown_team(submission))
    yield from (submission.display_name, submission.method_version, submission.kind, ";".join(row.entry.labels))
    yield from (row.entry.seen.value, row.entry.reproduced)
    yield from (submission.track, submission.tier, first.trials if first else None, submission.created_at.isoformat())
    for figure in row.figures:
        yield from (figure.value, figure.stderr) if figure else (None, None)
        if (spread := found.benchmark.plan.spread) != "stderr":
            yield spread_of(figure, spread) if figure else None
