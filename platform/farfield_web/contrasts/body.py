"""A comparison as API and page give it: entries, what differs in their settings, figures, tests, and agreement."""

from collections.abc import Mapping, Sequence
from typing import Any

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.plans.means import named_spreads
from farfield_web.contrasts.asking import Found
from farfield_web.contrasts.chosen import Choice
from farfield_web.contrasts.making import LEAST
from farfield_web.leaderboards.places import comparison_of, unpacked
from farfield_web.leaderboards.plots.costs import COSTS, cost_of, spent_by, warm_of
from farfield_web.leaderboards.queries import Entry
from farfield_web.leaderboards.standing import spread_at
from farfield_web.runs.figures import Key
from farfield_web.submissions.claims import read_claims
from farfield_web.submissions.models import Submission

Json = dict[str, Any]


def body_of(choice: Choice, found: Found) -> Json:
    """All of it, as JSON-ready data; figures as published."""
    shown = [entry.published for entry in choice.entries]
    return {
        "benchmark": choice.benchmark.name,
        "tier": choice.tier,
        "state": found.state,
        "public_labels": choice.benchmark.public_labels,
        "least_examples": LEAST,
        "entries": _entries(choice, shown),
        "settings": settings_of([entry.submission for entry in shown]),
        "figures": [_figure(choice.benchmark, shown, one) for one in found.content["figures"]],
        "agreements": found.content["agreements"],
        "on_board": on_board(choice),
    }


def _entries(choice: Choice, shown: Sequence[Entry]) -> list[Json]:
    spent = spent_by([entry.submission.pk for entry in shown if entry.verified])
    return [
        {
            "submission": entry.submission.pk,
            "name": name,
            "kind": entry.submission.kind,
            "verified": entry.verified,
            "labels": list(entry.labels),
            "seen": entry.seen.value,
            "costs": {cost.name: cost_of(cost, spent.get(entry.submission.pk, [])) for cost in COSTS}
            | {"warm": warm_of(spent.get(entry.submission.pk, []))},
        }
        for entry, name in zip(shown, choice.names, strict=True)
    ]


def settings_of(submissions: Sequence[Submission]) -> list[Json]:
    """What each was entered with: method, track, what it learned from, and every setting that one of them has."""
    rows: list[tuple[str, list[Any]]] = [(name, [of(one) for one in submissions]) for name, of in _FACTS]
    names = dict.fromkeys(name for one in submissions for name in sorted(one.config))
    rows += [(name, [one.config.get(name) for one in submissions]) for name in names]
    return [
        {"name": name, "values": values, "differs": any(_typed(value) != _typed(values[0]) for value in values)}
        for name, values in rows
    ]


def _claimed(name: str, one: Submission) -> str:
    claims = read_claims(one.claims)
    value = getattr(claims, name)
    return ", ".join(value) if isinstance(value, tuple | list) else str(value or "")


_FACTS = (
    ("method", lambda one: one.display_name),
    ("version", lambda one: one.method_version),
    ("content", lambda one: one.content.rpartition(":")[2][:12]),
    ("kind", lambda one: one.kind),
    ("track", lambda one: one.track),
    ("backbone", lambda one: _claimed("backbone", one)),
    ("pre-training", lambda one: _claimed("pretraining", one)),
    ("extra data", lambda one: _claimed("extra_data", one)),
)


def _typed(value: Any) -> tuple[type, Any]:
    """1 and True are equal in Python, and not the same setting."""
    return type(value), value


def _figure(benchmark: Benchmark, shown: Sequence[Entry], one: Mapping[str, Any]) -> Json:
    key, metric = (one["metric"], one["domain"]), benchmark.metric(one["metric"])
    return {
        **one,
        "title": title_of(benchmark, key),
        "column": any((c.metric, c.domain) == key for c in benchmark.columns),
        "unit": metric.unit,
        "higher_is_better": metric.higher_is_better,
        "values": [_value(entry, key) for entry in shown],
    }


def _value(entry: Entry, key: Key) -> Json | None:
    figure = entry.figures.get(key)
    return None if figure is None else {**vars(figure), **named_spreads(figure, spread_at(entry.submission))}


def title_of(benchmark: Benchmark, key: Key) -> str:
    """A figure in words: as its column is called, else its metric and where it is of."""
    columns = {(column.metric, column.domain): column.title for column in benchmark.columns}
    places = {each.name: each.title for each in benchmark.aggregates}
    places |= {each.name: each.title for each in benchmark.domains}
    return columns.get(key) or f"{benchmark.metric(key[0]).title}, {places.get(key[1], key[1])}"


def on_board(choice: Choice) -> list[Json]:
    """By the headline, which of each two is better beyond chance when all pairs of the board are counted.

    Nothing of pairs that were not compared yet.
    """
    (key,) = choice.entries[0].keys
    comparison = comparison_of(choice.benchmark.name, choice.tier, key, choice.benchmark.columns[0])
    if comparison is None:
        return []
    numbers = {name: number for number, name in enumerate(comparison.entries)}
    better = unpacked(comparison.better, len(numbers))
    places = [numbers.get(str(entry.submission.pk), -1) for entry in choice.entries]
    return [
        {"first": a, "second": b, "better": a if better[one, two] else b if better[two, one] else None}
        for a, one in enumerate(places)
        for b, two in enumerate(places)
        if a < b and min(one, two) >= 0
    ]
