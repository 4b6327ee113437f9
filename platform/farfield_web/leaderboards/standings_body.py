"""Standings as API and page give them, as published."""

from typing import Any

from farfield_web import published
from farfield_web.leaderboards.aggregates import Aggregated
from farfield_web.leaderboards.sources import Found, Place

Json = dict[str, Any]


def body_of(found: Found, most: int | None = None) -> Json:
    """All of it, as JSON-ready data; of the ranked and of the missing at most so many, where that is said."""
    return {
        "by": found.asked.by,
        "verified_only": found.asked.verified,
        "compared": found.standings.compared,
        "columns": [_column(place) for place in found.asked.places],
        "rows": [_row(found, row) for row in found.standings.rows[:most]],
        "missing": [{**_entrant(found, one.key), "lacks": list(one.sources)} for one in found.standings.missing[:most]],
    }


def _column(place: Place) -> Json:
    metric = place.benchmark.metric(place.column.metric)
    return {
        "name": place.name,
        "benchmark": place.benchmark.name,
        "benchmark_title": place.benchmark.title,
        "tier": place.tier,
        "metric": place.column.metric,
        "domain": place.column.domain,
        "title": place.column.title,
        "unit": metric.unit,
        "higher_is_better": metric.higher_is_better,
    }


def _row(found: Found, row: Aggregated) -> Json:
    return {
        **_entrant(found, row.key),
        "value": published.figure(row.value),
        "low": published.figure(row.low),
        "high": published.figure(row.high),
        "rank": row.rank,
        "rank_low": row.rank_low,
        "rank_high": row.rank_high,
        "ranks": list(row.ranks),
    }


def _entrant(found: Found, key: Any) -> Json:
    entrant = found.entrants[key]
    figures = []
    for place in found.asked.places:
        entry = entrant.entries.get(place.name)
        submission = entry.entered.key if entry else None
        figures.append({"submission": submission, **_figure(entry.figure if entry else None)})
    return {"entry": entrant.key, "name": entrant.name, "verified": entrant.verified, "figures": figures}


def _figure(figure: Any) -> Json:
    return {"value": None if figure is None else figure.value, "stderr": None if figure is None else figure.stderr}
