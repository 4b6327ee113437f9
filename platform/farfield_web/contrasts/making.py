"""What is found of chosen entries: differences with their tests in every figure, and where they agree.

What leaves this module is what may be published, and not more. Two entries of the same person are two questions about
hidden labels, so that pairs of n entries could ask n * n of them. Therefore a difference is that of published figures;
its error has two digits; and where labels are hidden, entries with predictions made elsewhere are compared by their
errors alone, and agreement is told in whole per cent, of at least LEAST examples.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from farfield_evaluators.benchmark import Benchmark, Column
from farfield_evaluators.inference.agreement import agreement, places_where
from farfield_evaluators.inference.columns import Basis, basis_of
from farfield_evaluators.inference.contrasts import contrasts
from farfield_evaluators.inference.joint import Chosen, Drawn, joint
from farfield_evaluators.outcomes import DomainOutcomes, Outcomes
from farfield_web import published
from farfield_web.contrasts.chosen import Choice
from farfield_web.contrasts.seen import read, runs_of, seen_of
from farfield_web.leaderboards.queries import Entry
from farfield_web.runs.figures import Key

Json = dict[str, Any]
FORM = 1  # of the content: another way to make it makes all of it again
MOST_FIGURES = 200
LEAST = 100  # examples of which agreement is told where labels are hidden
EXAMPLES = 20  # places of examples that are named, where labels are public
Z = 1.96  # two-sided 95 % of the normal distribution


def keys_of(choice: Choice) -> tuple[Key, ...]:
    """The figures that at least two of the entries have, the board's columns first; of metrics that are declared."""
    benchmark = choice.benchmark
    declared = {metric.name for metric in benchmark.metrics}
    columns = [(column.metric, column.domain) for column in benchmark.columns]
    listed = dict.fromkeys([*columns, *(key for entry in choice.entries for key in entry.figures)])
    having = {key: sum(key in entry.figures for entry in choice.entries) for key in listed}
    return tuple(key for key, count in having.items() if count > 1 and key[0] in declared)[:MOST_FIGURES]


def by_errors(choice: Choice) -> Json:
    """The content without a look at outcomes: all entries by their standard errors."""
    keys = keys_of(choice)
    entries = [_chosen(entry, []) for entry in choice.entries]
    return _content(choice, joint(entries, dict.fromkeys(keys)), [])


def by_examples(choice: Choice) -> Json:
    """The content from kept outcomes. It tells labels on the way, so that no web process calls it."""
    keys = keys_of(choice)
    bases = {key: basis_of(choice.benchmark, Column(metric=key[0], domain=key[1], title="")) for key in keys}
    wanted = {basis.outcome for basis in bases.values() if basis is not None}
    kept = [read(runs_of(entry.submission)) if may_pair(choice.benchmark, entry) else [] for entry in choice.entries]
    entries = [
        _chosen(entry, [seen_of(each, wanted) for each in own]) for entry, own in zip(choice.entries, kept, strict=True)
    ]
    first = choice.benchmark.columns[0]
    told = _agreements(choice, bases.get((first.metric, first.domain)), kept)
    return _content(choice, joint(entries, bases), told)


def may_pair(benchmark: Benchmark, entry: Entry) -> bool:
    """Whether what was kept of an entry may be set beside that of another, example by example."""
    return benchmark.public_labels or entry.verified


def _chosen(entry: Entry, runs: Sequence[Mapping[str, Mapping[str, Any]]]) -> Chosen:
    return Chosen(key=str(entry.submission.pk), figures=entry.figures, runs=tuple(runs))


def _content(choice: Choice, drawn: Mapping[Key, Drawn], agreements: Sequence[Json]) -> Json:
    keys = list(drawn)
    found = contrasts([drawn[key].estimates for key in keys])
    figures: list[Json] = [{"metric": metric, "domain": domain, "contrasts": []} for metric, domain in keys]
    for one in found:
        key, paired = keys[one.figure], drawn[keys[one.figure]].paired
        first, second = (published.figure(choice.entries[at].figures[key].value) for at in (one.first, one.second))
        difference, error = round(first - second, published.DECIMALS), two_digits(one.stderr)
        figures[one.figure]["contrasts"].append(
            {
                "first": one.first,
                "second": one.second,
                "difference": difference,
                "stderr": error,
                "low": round(difference - Z * error, published.DECIMALS),
                "high": round(difference + Z * error, published.DECIMALS),
                "p_value": two_digits(one.adjusted),
                "paired": paired[one.first] and paired[one.second],
            }
        )
    return {"figures": figures, "agreements": list(agreements)}


def two_digits(value: float) -> float:
    """A number with two significant digits, and at most five decimals.

    >>> two_digits(0.0123456), two_digits(0.000999)
    (0.012, 0.001)
    """
    return round(float(f"{value:.1e}"), published.DECIMALS)


def _agreements(choice: Choice, basis: Basis | None, kept: Sequence[Sequence[Outcomes]]) -> list[Json]:
    """Of each pair on each domain behind the headline, where their first runs are right; nothing for what is no hit."""
    if basis is None:
        return []
    by_domain = [_domains(own[0]) if own else {} for own in kept]
    return [
        told
        for name in basis.domains
        for first in range(len(kept))
        for second in range(first + 1, len(kept))
        if (told := _agreement(choice.benchmark, basis.outcome, name, by_domain, (first, second))) is not None
    ]


def _domains(one: Outcomes) -> dict[str, DomainOutcomes]:
    return {domain.domain: domain for domain in one.domains}


def _agreement(
    benchmark: Benchmark,
    outcome: str,
    name: str,
    by_domain: Sequence[Mapping[str, DomainOutcomes]],
    pair: tuple[int, int],
) -> Json | None:
    found = [by_domain[place].get(name) for place in pair]
    domains = [one for one in found if one is not None and outcome in one.columns]
    if len(domains) < 2 or not np.array_equal(domains[0].examples, domains[1].examples):
        return None
    right = [np.asarray(domain.columns[outcome]) for domain in domains]
    if any(values.dtype != np.bool_ for values in right):
        return None
    told = {"domain": name, "first": pair[0], "second": pair[1]}
    if benchmark.public_labels:
        return {**told, **_whole(right[0], right[1], domains[0].examples)}
    return None if len(right[0]) < LEAST else {**told, **_shares(right[0], right[1], 2), "only": None}


def _whole(first: Any, second: Any, examples: Any) -> Json:
    """What is told where labels are public: shares as finely as figures, and which examples divide the two."""
    only = [places_where(*pair, EXAMPLES) for pair in ((first, second), (second, first))]
    return {**_shares(first, second, 4), "only": [[int(examples[place]) for place in each] for each in only]}


def _shares(first: Any, second: Any, decimals: int) -> Json:
    table = agreement(first, second)
    counts = {"both": table.both, "only_first": table.first, "only_second": table.second, "neither": table.neither}
    shares = {name: round(count / table.examples, decimals) for name, count in counts.items()}
    return {"examples": table.examples, **shares}
