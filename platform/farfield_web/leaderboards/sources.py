"""Which columns of which benchmarks a reader puts together, and the entries that are on them."""

import hashlib
import json
import uuid
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from farfield.errors import UnknownName
from farfield_evaluators.benchmark import Benchmark, Column
from farfield_evaluators.figure import Figure
from farfield_web import published
from farfield_web.errors import UserError
from farfield_web.hosting.hidden import names_hidden_from
from farfield_web.leaderboards.aggregates import BYS, MOST_SOURCES, By, Source, Standings, refusal, standings
from farfield_web.leaderboards.differences import Entered, differences
from farfield_web.leaderboards.labels import is_verified
from farfield_web.leaderboards.models import ColumnStanding
from farfield_web.leaderboards.queries import tier_of
from farfield_web.leaderboards.standings import comparable_lines, standing_of_column
from farfield_web.runs.models import SubmissionFigure
from farfield_web.submissions.visibility import Viewer, find_for

_LINE = ("pk", "method", "version", "content", "config", "kind", "owner")


class StandingsError(UserError):
    """Why these benchmarks cannot be put together."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A column of a benchmark: its headline's metric on one domain, or as the headline has it.

    `name` is what addresses call it: `BENCHMARK`, `BENCHMARK@TIER`, `BENCHMARK:DOMAIN` or `BENCHMARK@TIER:DOMAIN`.
    """

    name: str
    benchmark: Benchmark
    tier: str
    column: Column


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a reader wants to see together."""

    places: tuple[Place, ...]
    by: By
    verified: bool


@dataclass(frozen=True, kw_only=True)
class Standing:
    """An entry as it counts on a place: what it was made as, and its figure there, as published."""

    entered: Entered
    verified: bool
    figure: Figure | None


@dataclass(frozen=True, kw_only=True)
class Entrant:
    """A method with its settings, wherever it was entered: by its name, version, content and every setting.

    Predictions made elsewhere are their owner's alone, for two people may call different things by one name. `entries`
    are its newest on each place, by the place's name.
    """

    key: str
    name: str
    verified: bool
    entries: Mapping[str, Standing]


@dataclass(frozen=True, kw_only=True)
class Found:
    """The standings, and who the keys in it are."""

    asked: Asked
    standings: Standings
    entrants: Mapping[Hashable, Entrant]


def asked(viewer: Viewer, names: Sequence[str], by: str, *, verified: bool = False) -> Asked:
    """What is asked for by these names. Raises StandingsError, with a sentence, for what there is not."""
    if by not in BYS:
        raise StandingsError("request.invalid", f"There is no way {by[:60]!r} to put benchmarks together.", "by")
    wanted = list(dict.fromkeys(part.strip() for name in names for part in name.split(",") if part.strip()))
    if len(wanted) > MOST_SOURCES:
        text = f"At most {MOST_SOURCES} columns are put together; these are {len(wanted)}."
        raise StandingsError("request.invalid", text, "benchmarks")
    return Asked(places=tuple(_place(viewer, name) for name in wanted), by=by, verified=verified)


def found_of(wanted: Asked) -> Found:
    """The standings of what was asked for. Raises StandingsError where figures cannot be put together."""
    on = {place.name: _entries(place, verified=wanted.verified) for place in wanted.places}
    sources = [_source(place, on[place.name]) for place in wanted.places]
    if problem := refusal(sources, wanted.by):
        raise StandingsError("request.invalid", problem, "benchmarks")
    return Found(asked=wanted, standings=standings(sources, wanted.by), entrants=_entrants(on))


def identity(entered: Entered, of_one: int | None) -> str:
    """What makes two entries on different benchmarks one method with the same settings; `of_one` person, or anybody."""
    facts = [entered.method, entered.version, entered.content, entered.config, of_one]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def _place(viewer: Viewer, name: str) -> Place:
    board, _, domain = name.partition(":")
    called, _, tier = board.partition("@")
    try:
        benchmark = find_for(viewer, called)
        known = tier_of(benchmark, tier)
    except (UnknownName, KeyError) as error:
        raise StandingsError("request.invalid", f"There is no board {board[:120]!r} to see.", "benchmarks") from error
    if called in names_hidden_from(viewer):
        raise StandingsError("request.invalid", f"The scores of {benchmark.title} are hidden for now.", "benchmarks")
    headline = benchmark.columns[0]
    titles = {each.name: each.title for each in benchmark.aggregates}
    titles |= {each.name: each.title for each in benchmark.domains}
    if domain and domain not in titles:
        has = ", ".join(titles)
        text = f"{benchmark.title} has no domain {domain[:60]!r}; it has: {has}."
        raise StandingsError("request.invalid", text, "benchmarks")
    column = replace(headline, domain=domain, title=titles[domain]) if domain else headline
    return Place(name=name, benchmark=benchmark, tier=known, column=column)


def _entries(place: Place, *, verified: bool) -> dict[str, Standing]:
    """The newest entry of each method with its settings, of those that the board compares."""
    standing = standing_of_column(place.benchmark, place.tier, place.benchmark.columns[0])
    lines = comparable_lines(standing).values_list(*_LINE)
    figures = _figures(place, standing)
    kept: dict[str, Standing] = {}
    for key, method, version, content, config, kind, owner in lines:
        entered = Entered(key=str(key), method=method, version=version, content=content, config=config)
        if is_verified(kind) or not verified:
            one = identity(entered, None if is_verified(kind) else owner)
            kept.setdefault(one, Standing(entered=entered, verified=is_verified(kind), figure=figures.get(key)))
    return kept


def _figures(place: Place, standing: ColumnStanding) -> dict[uuid.UUID, Figure]:
    """Figures as published: what is made of several must not tell more of each than its board does."""
    metric, domain, spread = place.column.metric, place.column.domain, place.benchmark.plan.spread
    rows = SubmissionFigure.objects.filter(
        submission__board_line__places__standing=standing, metric=metric, domain=domain
    ).order_by()
    return {
        key: published.rounded(
            Figure(metric=metric, domain=domain, value=value, stderr=stderr, n=n, trials=trials), spread
        )
        for key, value, stderr, n, trials in rows.values_list("submission", "value", "stderr", "n", "trials")
    }


def _source(place: Place, entries: Mapping[str, Standing]) -> Source:
    metric = place.benchmark.metric(place.column.metric)
    return Source(
        name=place.name,
        higher_is_better=metric.higher_is_better,
        unit=metric.unit,
        figures={key: entry.figure for key, entry in entries.items() if entry.figure is not None},
    )


def _entrants(on: Mapping[str, Mapping[str, Standing]]) -> dict[Hashable, Entrant]:
    newest = {key: replace(entry.entered, key=key) for entries in on.values() for key, entry in entries.items()}
    told = differences(newest.values())
    return {
        key: Entrant(
            key=key,
            name=_name(entered.method, told[key]),
            verified=all(entries[key].verified for entries in on.values() if key in entries),
            entries={name: entries[key] for name, entries in on.items() if key in entries},
        )
        for key, entered in newest.items()
    }


def _name(method: str, differs: Mapping[str, Any]) -> str:
    return ", ".join((method, *(f"{name} {value}" for name, value in [*differs.items()][:4])))
