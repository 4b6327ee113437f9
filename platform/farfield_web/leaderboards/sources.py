"""Which columns of which benchmarks a reader puts together, and the entries that are on them."""

import hashlib
import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from farfield.errors import UnknownName
from farfield_evaluators.benchmark import Benchmark, Column
from farfield_evaluators.figure import Figure
from farfield_web import published
from farfield_web.errors import UserError
from farfield_web.leaderboards.aggregates import BYS, MOST_SOURCES, By, Source, Standings, refusal, standings
from farfield_web.leaderboards.differences import Entered, differences
from farfield_web.leaderboards.queries import Entry, comparable_entries, tier_of
from farfield_web.leaderboards.standing import spread_at
from farfield_web.submissions.kinds import Kind
from farfield_web.submissions.models import Submission
from farfield_web.submissions.visibility import Viewer, find_for


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
class Entrant:
    """A method with its settings, wherever it was entered: by its name, version, content and every setting.

    Predictions made elsewhere are their owner's alone, for two people may call different things by one name. `entries`
    are its newest on each place, by the place's name.
    """

    key: str
    name: str
    verified: bool
    entries: Mapping[str, Entry]


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


def identity(submission: Submission) -> str:
    """What makes two entries on different benchmarks one method with the same settings."""
    of_one = submission.owner_id if submission.kind == Kind.PREDICTIONS else None
    content = "" if submission.kind == Kind.PREDICTIONS else submission.content
    facts = [submission.display_name, submission.method_version, content, submission.config, of_one]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def _place(viewer: Viewer, name: str) -> Place:
    board, _, domain = name.partition(":")
    called, _, tier = board.partition("@")
    try:
        benchmark = find_for(viewer, called)
        known = tier_of(benchmark, tier)
    except (UnknownName, KeyError) as error:
        raise StandingsError("request.invalid", f"There is no board {board[:120]!r} to see.", "benchmarks") from error
    headline = benchmark.columns[0]
    titles = {each.name: each.title for each in benchmark.aggregates}
    titles |= {each.name: each.title for each in benchmark.domains}
    if domain and domain not in titles:
        has = ", ".join(titles)
        text = f"{benchmark.title} has no domain {domain[:60]!r}; it has: {has}."
        raise StandingsError("request.invalid", text, "benchmarks")
    column = replace(headline, domain=domain, title=titles[domain]) if domain else headline
    return Place(name=name, benchmark=benchmark, tier=known, column=column)


def _entries(place: Place, *, verified: bool) -> dict[str, Entry]:
    """The newest entry of each method with its settings, at full precision."""
    kept: dict[str, Entry] = {}
    for entry in comparable_entries(place.benchmark, place.tier):
        if entry.verified or not verified:
            kept.setdefault(identity(entry.submission), entry)
    return kept


def _source(place: Place, entries: Mapping[str, Entry]) -> Source:
    """Figures as published: what is made of several must not tell more of each than its board does."""
    metric = place.benchmark.metric(place.column.metric)
    figures = {key: figure_on(place, entry) for key, entry in entries.items()}
    return Source(
        name=place.name,
        higher_is_better=metric.higher_is_better,
        unit=metric.unit,
        figures={key: figure for key, figure in figures.items() if figure is not None},
    )


def figure_on(place: Place, entry: Entry) -> Figure | None:
    """An entry's figure in a column, as published."""
    figure = entry.figure(place.column)
    return None if figure is None else published.rounded(figure, spread_at(entry.submission))


def _entrants(on: Mapping[str, Mapping[str, Entry]]) -> dict[Hashable, Entrant]:
    newest = {key: entry for entries in on.values() for key, entry in entries.items()}
    told = differences(_entered(key, entry.submission) for key, entry in newest.items())
    return {
        key: Entrant(
            key=key,
            name=_name(entry.submission, told[key]),
            verified=all(entries[key].verified for entries in on.values() if key in entries),
            entries={name: entries[key] for name, entries in on.items() if key in entries},
        )
        for key, entry in newest.items()
    }


def _entered(key: str, one: Submission) -> Entered:
    content = "" if one.kind == Kind.PREDICTIONS else one.content
    return Entered(key=key, method=one.display_name, version=one.method_version, content=content, config=one.config)


def _name(submission: Submission, differs: Mapping[str, Any]) -> str:
    settings = [f"{name} {value}" for name, value in cast(Mapping[str, object], differs).items()]
    return ", ".join((submission.display_name, *settings[:4]))
