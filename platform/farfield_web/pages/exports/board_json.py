"""A whole board as one JSON file: what the API gives page by page, with what its columns mean."""

import hashlib
import json
from datetime import datetime
from typing import Any

from django.conf import settings

from farfield_evaluators.benchmark import Benchmark, Column
from farfield_web.api.board_serializers import ColumnBody, RowBody
from farfield_web.leaderboards.rows import Board

Json = dict[str, Any]


def facts_of(found: Board) -> dict[str, str]:
    """What a file says of its board: which it is, by what it is ranked, and under which licence its data are."""
    column = found.columns[found.ranked_by]
    return {
        "site": settings.SITE_URL,
        "benchmark": found.benchmark.name,
        "version": found.benchmark.version,
        "tier": found.tier,
        "key": found.key or "",
        "ranked_by": f"{column.metric}:{column.domain}",
        "licence": found.benchmark.licence,
    }


def as_json(found: Board) -> Json:
    """The board, without when it was exported: equal boards are equal."""
    return {
        **facts_of(found),
        "columns": [_column(found.benchmark, column) for column in found.columns],
        "rows": RowBody(found.rows, many=True).data,
        "apart": RowBody(found.apart, many=True).data,
    }


def as_file(found: Board, now: datetime) -> tuple[bytes, str]:
    """The file and its ETag, which changes with the board and not with the time."""
    content = json.dumps(as_json(found), default=str)
    tag = hashlib.sha256(content.encode()).hexdigest()[:32]
    # Written once: it has many megabytes where a board has many entries.
    return f'{content[:-1]}, "exported_at": {json.dumps(now.isoformat())}}}'.encode(), f'"{tag}"'


def _column(benchmark: Benchmark, column: Column) -> Json:
    metric = benchmark.metric(column.metric)
    return {**ColumnBody(column).data, "lower_is_better": not metric.higher_is_better, "unit": metric.unit}
