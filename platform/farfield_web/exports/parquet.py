"""A board as Parquet: an entry a row, with types, figures as they are published, and null where there is none."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from farfield_evaluators.benchmark import Column
from farfield_web.entries.names import shown_author, shown_team
from farfield_web.leaderboards.rows import Board, Row

ABOUT = pa.schema(
    [
        ("rank", pa.int32()),
        ("rank_low", pa.int32()),
        ("rank_high", pa.int32()),
        ("tie_tier", pa.int32()),
        ("tied_with_best", pa.bool_()),
        ("reason", pa.string()),
        ("submission", pa.string()),
        ("title", pa.string()),
        ("owner", pa.string()),
        ("team", pa.string()),
        ("method", pa.string()),
        ("method_version", pa.string()),
        ("kind", pa.string()),
        ("labels", pa.list_(pa.string())),
        ("seen", pa.string()),
        ("reproduced", pa.int32()),
        ("track", pa.string()),
        ("tier", pa.string()),
        ("trials", pa.int32()),
        ("created_at", pa.timestamp("us", "UTC")),
    ]
)


def as_parquet(found: Board, facts: Mapping[str, str]) -> bytes:
    """The rows of a board in its order, those without a rank last; `facts` of the board are the file's metadata."""
    figures = [field for column in found.columns for field in _fields(column)]
    schema = pa.schema([*ABOUT, *figures]).with_metadata(dict(facts))
    values = [list(column) for column in zip(*(_values(row) for row in found.rows), strict=True)]
    file = io.BytesIO()
    pq.write_table(pa.table(values or [[] for _ in schema], schema=schema), file, compression="zstd")
    return file.getvalue()


def _fields(column: Column) -> Sequence[tuple[str, Any]]:
    name = f"{column.domain}.{column.metric}"
    return ((name, pa.float64()), (f"{name}.stderr", pa.float64()))


def _values(row: Row) -> list[Any]:
    one, place = row.entry.submission, row.place
    first = next((figure for figure in row.figures if figure is not None), None)
    about = [
        row.rank,
        *((place.low, place.high, place.tier) if place else (None, None, None)),
        row.tied_with_best or row.rank == 1,
        row.reason,
        str(one.pk),
        one.title,
        shown_author(one),
        shown_team(one),
        one.display_name,
        one.method_version,
        one.kind,
        list(row.entry.labels),
        row.entry.seen.value,
        row.entry.reproduced,
        one.track,
        one.tier,
        first.trials if first else None,
        one.created_at,
    ]
    return [*about, *(value for figure in row.figures for value in _pair(figure))]


def _pair(figure: Any) -> tuple[float | None, float | None]:
    return (figure.value, figure.stderr) if figure is not None else (None, None)
