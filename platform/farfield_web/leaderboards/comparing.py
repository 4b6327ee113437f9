"""Comparing a board's entries, column by column: the site worker's work, for it reads outcomes of examples.

They tell labels, so no page reads them; what is kept is who is better than whom.
"""

import hashlib
import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import DatabaseError, transaction
from django.utils import timezone

from farfield_evaluators import outcomes
from farfield_evaluators.benchmark import Benchmark, Column
from farfield_evaluators.catalog import benchmarks
from farfield_evaluators.figure import Figure
from farfield_evaluators.inference.columns import Basis, basis_of
from farfield_evaluators.inference.entries import Entered, Values, estimates, paired
from farfield_evaluators.inference.pairs import compare
from farfield_web.changed import changed
from farfield_web.leaderboards.models import Comparison
from farfield_web.leaderboards.places import packed
from farfield_web.leaderboards.queries import Entry, comparable_entries, current_key
from farfield_web.runs.example_outcomes import path_of
from farfield_web.runs.models import Run, RunOutcomes
from farfield_web.runs.status import Status

log = logging.getLogger(__name__)
FORM = 1  # of what is made from the same inputs: another way to compare makes all of them again
MOST_ENTRIES = 1000  # with as many, a column takes seconds to a minute; pairs grow with the square


@dataclass(frozen=True, kw_only=True)
class _Compared:
    """An entry of a board, with the runs it stands on and the hashes of what they said of each example."""

    entry: Entry
    runs: tuple[Run, ...]
    hashes: tuple[str, ...]


def compare_all() -> int:
    """Every board of every benchmark; how many columns were made anew. One that fails keeps no other from it."""
    return sum(_compared(benchmark, tier) for benchmark in benchmarks() for tier in _tiers(benchmark))


def compare_named(benchmark: str, tier: str) -> int:
    """As `compare_board`; nothing of a benchmark or a tier that is not here any more."""
    known = (each for each in benchmarks() if each.name == benchmark and tier in _tiers(each))
    return sum(compare_board(each, tier) for each in known)


def _compared(benchmark: Benchmark, tier: str) -> int:
    try:
        return compare_board(benchmark, tier)
    except DatabaseError:
        raise
    except Exception:
        log.exception("the entries of %s %s cannot be compared", benchmark.name, tier)
        return 0


def compare_board(benchmark: Benchmark, tier: str) -> int:
    """Compare the entries of one board in each of its columns, where anything changed; how many columns did.

    Safe to run twice, and at the same time as itself: what is kept depends on the entries alone. Beyond the newest
    MOST_ENTRIES none is compared, which is said in the log.
    """
    key = current_key(benchmark, tier)
    entries = comparable_entries(benchmark, tier) if key else []
    if len(entries) > MOST_ENTRIES:
        log.warning("of %s only the newest %d entries are compared", benchmark.name, MOST_ENTRIES)
    listed = _with_runs(entries[:MOST_ENTRIES])
    columns = dict.fromkeys(benchmark.columns) if listed else ()
    return sum(_compare(benchmark, tier, key or "", column, listed) for column in columns)


def _tiers(benchmark: Benchmark) -> list[str]:
    return [tier.name for tier in benchmark.plan.tiers] or [""]


def _with_runs(entries: Sequence[Entry]) -> list[_Compared]:
    """In the order of their keys, which no newer entry changes."""
    keys = [entry.submission.pk for entry in entries]
    runs: dict[Any, list[Run]] = {key: [] for key in keys}
    for run in Run.objects.filter(submission__in=keys, status=Status.SUCCEEDED).order_by(
        "submission_id", "trial", "pk"
    ):
        runs[run.submission_id].append(run)
    records = RunOutcomes.objects.filter(run__submission__in=keys).values_list("run_id", "attempt", "sha256")
    hashes = {(run, attempt): sha256 for run, attempt, sha256 in records}
    ordered = sorted(entries, key=lambda entry: str(entry.submission.pk))
    return [
        _Compared(entry=entry, runs=tuple(own), hashes=tuple(hashes.get((run.pk, run.attempt), "") for run in own))
        for entry in ordered
        for own in [runs[entry.submission.pk]]
    ]


def _compare(benchmark: Benchmark, tier: str, key: str, column: Column, listed: Sequence[_Compared]) -> bool:
    """Whether the column was made anew."""
    figures = {one.entry.submission.pk: one.entry.figure(column) for one in listed}
    with_figure = [one for one in listed if figures[one.entry.submission.pk] is not None]
    names: dict[str, Any] = {
        "benchmark": benchmark.name,
        "tier": tier,
        "key": key,
        "metric": column.metric,
        "domain": column.domain,
    }
    inputs = _digest(column, with_figure)
    if not with_figure or Comparison.objects.filter(**names, inputs=inputs).exists():
        return False
    basis = basis_of(benchmark, column)
    entered = [_entered(one, figures[one.entry.submission.pk], basis) for one in with_figure]
    # One without outcomes and without an error has no interval: nothing is known of what chance did to it.
    sound = [ok or each.figure.stderr is not None for each, ok in zip(entered, paired(entered), strict=True)]
    chosen = [each for each, ok in zip(entered, sound, strict=True) if ok]
    higher = benchmark.metric(column.metric).higher_is_better
    better = compare(estimates(chosen), higher_is_better=higher).better if chosen else np.zeros((0, 0), bool)
    values = {
        "inputs": inputs,
        "entries": [each.key for each in chosen],
        "paired": list(paired(chosen)),
        "better": packed(better),
        "made_at": timezone.now(),
    }
    with transaction.atomic():
        Comparison.objects.update_or_create(defaults=values, **names)
        changed(benchmark.name, tier, compare=False, lines=False)
    return True


def _digest(column: Column, listed: Iterable[_Compared]) -> str:
    """Of all that a comparison is made from."""
    facts = [[str(one.entry.submission.pk), _fact(one.entry.figure(column)), *one.hashes] for one in listed]
    return hashlib.sha256(json.dumps([FORM, facts]).encode()).hexdigest()


def _fact(figure: Figure | None) -> list[float | None]:
    return [] if figure is None else [figure.value, figure.stderr]


def _entered(one: _Compared, figure: Figure | None, basis: Basis | None) -> Entered:
    assert figure is not None  # noqa: S101 - for mypy: those without were left out
    runs = tuple(_values(one.runs, basis)) if basis is not None and all(one.hashes) else ()
    return Entered(key=str(one.entry.submission.pk), figure=figure, runs=runs if len(runs) == len(one.runs) else ())


def _values(runs: Iterable[Run], basis: Basis) -> Iterator[Values]:
    """Of each run the outcome of every example, by domain; a run whose file is gone or of another form is left out."""
    for run in runs:
        path = path_of(run)
        try:
            read = outcomes.read(path) if path is not None else None
        except outcomes.OutcomesError as error:
            log.warning("run %s is compared by its error alone: %s", run.pk, error)
            continue
        if read is not None and (values := _of(read, basis)) is not None:
            yield values


def _of(read: outcomes.Outcomes, basis: Basis) -> Mapping[str, Any] | None:
    """In the order of the examples' places in the pack, which all entries of a board share."""
    by_name = {domain.domain: domain for domain in read.domains}
    if not all(name in by_name and basis.outcome in by_name[name].columns for name in basis.domains):
        return None
    return {name: np.asarray(by_name[name].columns[basis.outcome], np.float32) for name in basis.domains}
