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
from farfield_web.leaderboards.queries import Entry, current_key
from farfield_web.leaderboards.reading import entries_of, with_facts
from farfield_web.leaderboards.standings import comparable_lines, standing_of_column
from farfield_web.runs.example_outcomes import folder
from farfield_web.runs.models import Run, RunOutcomes
from farfield_web.runs.status import Status
from farfield_web.submissions.models import Submission

log = logging.getLogger(__name__)
FORM = 1  # of what is made from the same inputs: another way to compare makes all of them again
MOST_ENTRIES = 1000  # with as many, a column takes seconds to a minute; pairs grow with the square


@dataclass(frozen=True, kw_only=True)
class _Compared:
    """An entry of a board, with the runs it stands on and the hashes of what they said of each example."""

    entry: Entry
    runs: tuple[Run, ...]
    hashes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Column:
    """A column that is to be compared: of which entries with which figures, and where that is kept."""

    named: Mapping[str, Any]
    basis: Basis | None
    higher_is_better: bool
    figures: tuple[tuple[_Compared, Figure], ...]
    inputs: str

    @classmethod
    def of(
        cls, benchmark: Benchmark, column: Column, board: Mapping[str, str], listed: Sequence[_Compared]
    ) -> "_Column":
        pairs = ((one, one.entry.figure(column)) for one in listed)
        figures = tuple((one, figure) for one, figure in pairs if figure is not None)
        return cls(
            named={**board, "metric": column.metric, "domain": column.domain},
            basis=basis_of(benchmark, column),
            higher_is_better=benchmark.metric(column.metric).higher_is_better,
            figures=figures,
            inputs=_digest(figures),
        )

    @property
    def outcome(self) -> str:
        """What it is the mean of; empty where nothing is kept of that."""
        return self.basis.outcome if self.basis else ""

    @property
    def is_stale(self) -> bool:
        """Whether it has entries, and was not made of these."""
        return bool(self.figures) and not Comparison.objects.filter(**self.named, inputs=self.inputs).exists()


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
    listed = _with_runs(_newest(benchmark, tier) if key else [])
    board = {"benchmark": benchmark.name, "tier": tier, "key": key or ""}
    columns = [_Column.of(benchmark, column, board, listed) for column in dict.fromkeys(benchmark.columns)]
    stale = [column for column in columns if column.is_stale]
    for outcome in dict.fromkeys(column.outcome for column in stale):
        kept = _outcomes(listed, outcome) if outcome else {}
        for column in stale:
            if column.outcome == outcome:
                _compare(column, kept)
    return len(stale)


def _newest(benchmark: Benchmark, tier: str) -> list[Entry]:
    """The entries that are compared, at full precision."""
    lines = comparable_lines(standing_of_column(benchmark, tier, benchmark.columns[0]))
    newest = list(lines.values_list("pk", flat=True)[: MOST_ENTRIES + 1])
    if len(newest) > MOST_ENTRIES:
        log.warning("of %s only the newest %d entries are compared", benchmark.name, MOST_ENTRIES)
    return entries_of(with_facts(Submission.objects.filter(pk__in=newest[:MOST_ENTRIES])), benchmark.columns)


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


def _compare(column: _Column, kept: Mapping[Any, Values]) -> None:
    entered = [_entered(one, figure, column.basis, kept) for one, figure in column.figures]
    # One without outcomes and without an error has no interval: nothing is known of what chance did to it.
    by_examples = paired(entered)
    chosen = [each for each, ok in zip(entered, by_examples, strict=True) if ok or each.figure.stderr is not None]
    better = np.zeros((0, 0), bool)
    if chosen:
        better = compare(estimates(chosen), higher_is_better=column.higher_is_better).better
    values = {
        "inputs": column.inputs,
        "entries": [each.key for each in chosen],
        "paired": list(paired(chosen)),
        "better": packed(better),
        "made_at": timezone.now(),
    }
    with transaction.atomic():
        Comparison.objects.update_or_create(defaults=values, **column.named)
        changed(column.named["benchmark"], column.named["tier"], compare=False, lines=False)


def _digest(figures: Iterable[tuple[_Compared, Figure]]) -> str:
    """Of all that a comparison is made from."""
    facts = [[str(one.entry.submission.pk), [figure.value, figure.stderr], *one.hashes] for one, figure in figures]
    return hashlib.sha256(json.dumps([FORM, facts]).encode()).hexdigest()


def _entered(one: _Compared, figure: Figure, basis: Basis | None, kept: Mapping[Any, Values]) -> Entered:
    runs = tuple(_values(one.runs, basis, kept)) if basis is not None and all(one.hashes) else ()
    return Entered(key=str(one.entry.submission.pk), figure=figure, runs=runs if len(runs) == len(one.runs) else ())


def _values(runs: Iterable[Run], basis: Basis, kept: Mapping[Any, Values]) -> Iterator[Values]:
    """Of each run the outcome of every example, by domain; a run that has not all of the domains is left out."""
    for run in runs:
        domains = kept.get(run.pk, {})
        if all(name in domains for name in basis.domains):
            yield {name: domains[name] for name in basis.domains}


def _outcomes(listed: Iterable[_Compared], outcome: str) -> dict[Any, Values]:
    """By run and domain one outcome of every example, in the order of their places in the pack, which all runs share.

    Each file is read once for all columns, and hits stay bool: of 1,000 entries and 50,000 examples 50 MB. A run whose
    file is gone or of another form is left out.
    """
    found: dict[Any, Values] = {}
    for one in listed:
        for run, sha256 in zip(one.runs, one.hashes, strict=True):
            try:
                read = outcomes.read(folder() / sha256) if sha256 else None
            except outcomes.OutcomesError as error:
                log.warning("run %s is compared by its error alone: %s", run.pk, error)
                continue
            if read is not None:
                found[run.pk] = {
                    domain.domain: _small(domain.columns[outcome])
                    for domain in read.domains
                    if outcome in domain.columns
                }
    return found


def _small(values: Any) -> Any:
    found = np.asarray(values)
    return found if found.dtype == np.bool_ else found.astype(np.float32)
