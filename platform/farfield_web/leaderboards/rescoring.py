"""Scoring the entries of a benchmark again from what was kept of them, without running anything.

What is kept of a run are its figures, its evidence, and what its scorers saw of each example. Aggregates and whatever
else the benchmark's plan makes of evidence are made anew everywhere. Figures that a run lacks, as of a new metric, are
scored from its outcomes, where this machine has the data. A figure that is there is never overwritten: one that would
be another now is told, for it belongs to a new version of the benchmark.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from farfield.errors import FarfieldError
from farfield_evaluators import outcomes
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.data.packs import Pack, open_pack
from farfield_evaluators.figure import Figure
from farfield_evaluators.paths import packs_folder
from farfield_web.changed import changed
from farfield_web.leaderboards.reading import current_key
from farfield_web.runs import digests
from farfield_web.runs.example_outcomes import path_of
from farfield_web.runs.figures import Key, figures_of
from farfield_web.runs.models import Run, Score
from farfield_web.runs.results import Change, tolerance
from farfield_web.runs.status import Status
from farfield_web.submissions.models import Submission

log = logging.getLogger(__name__)
EQUAL = 1e-9


@dataclass(frozen=True, kw_only=True)
class Rescored:
    """An entry scored again: what drifts of its figures, or why it waits for a new run.

    `refused` are figures of runs that the scorers of today would give otherwise; those that were reported stay.
    """

    submission: Submission
    drift: tuple[Change, ...] = ()
    refused: tuple[Change, ...] = ()
    waits: str = ""


class _Undone(Exception):
    """Ends a transaction of which nothing is to stay."""


def rescore(benchmark: Benchmark, tier: str, *, dry_run: bool = False) -> list[Rescored]:
    """Every finished entry of a board, in the order in which they came; with `dry_run` nothing of it stays.

    Safe to run twice: the second time nothing drifts.
    """
    found: list[Rescored] = []
    try:
        with transaction.atomic():
            pack = _pack(benchmark)
            found = [_rescored(benchmark, one, pack) for one in _entries(benchmark, tier)]
            if dry_run:
                raise _Undone
            if any(each.drift for each in found):
                changed(benchmark.name, tier)
    except _Undone:
        pass
    return found


def _entries(benchmark: Benchmark, tier: str) -> list[Submission]:
    entered = Submission.objects.filter(benchmark=benchmark.name, tier=tier).order_by("created_at", "pk")
    finished = entered.exclude(runs=None).exclude(runs__status__in=[s for s in Status if s is not Status.SUCCEEDED])
    return list(finished.select_related("method", "upload__content").distinct())


def _pack(benchmark: Benchmark) -> Pack | None:
    """The data of the benchmark where this machine has it."""
    try:
        return open_pack(packs_folder(), benchmark.pack)
    except FarfieldError as error:
        log.info("%s is scored again by what its runs gave alone: %s", benchmark.name, error)
        return None


def _rescored(benchmark: Benchmark, submission: Submission, pack: Pack | None) -> Rescored:
    submission = Submission.objects.select_for_update(no_key=True, of=("self",)).get(pk=submission.pk)
    runs = list(submission.runs.order_by("trial"))
    waits = _why_waits(benchmark, submission, runs)
    if waits:
        return Rescored(submission=submission, waits=waits)
    before = figures_of(submission)
    refused = [change for run in runs for change in _scored_again(benchmark, run, pack)]
    digests.digest(submission, benchmark, dict.fromkeys(g for run in runs for g in benchmark.plan.groups(run.cell)))
    digests.write_figures(submission, benchmark)
    drift = drift_of(before, figures_of(submission))
    return Rescored(submission=submission, drift=drift, refused=tuple(refused))


def _why_waits(benchmark: Benchmark, submission: Submission, runs: Iterable[Run]) -> str:
    if submission.benchmark_version != benchmark.version:
        return f"evaluated on version {submission.benchmark_version}; version {benchmark.version} needs new predictions"
    key = current_key(benchmark, submission.tier)
    if any(run.comparability_key != key for run in runs):
        return "evaluated on other data; what is kept says what was right there, and nothing about other labels"
    return ""


def _scored_again(benchmark: Benchmark, run: Run, pack: Pack | None) -> Iterator[Change]:
    """Adds the figures that the run lacks; gives those that would be others now."""
    known = {(score.metric, score.domain): score for score in Score.objects.filter(run=run, attempt=run.attempt)}
    made = _from_outcomes(benchmark, run, pack) if pack is not None and known else ()
    declared = {metric.name for metric in benchmark.metrics}
    fresh = [f for f in made if f.metric in declared and (f.metric, f.domain) not in known]
    Score.objects.bulk_create(Score(run=run, attempt=run.attempt, **figure.as_json()) for figure in fresh)
    for figure in made:
        old = known.get((figure.metric, figure.domain))
        if old is not None and abs(old.value - figure.value) > EQUAL:
            yield _change((figure.metric, figure.domain), old.value, figure.value)


def _from_outcomes(benchmark: Benchmark, run: Run, pack: Pack) -> Sequence[Figure]:
    path = path_of(run)
    if path is None:
        return ()
    try:
        with pack.in_use():
            return outcomes.rescore(benchmark, pack, outcomes.read(path))
    except FarfieldError as error:
        log.warning("run %s is scored again by its figures alone: %s", run.pk, error)
        return ()


def drift_of(before: Mapping[Key, Figure], after: Mapping[Key, Figure]) -> tuple[Change, ...]:
    """The figures that are not what they were, by their names; None stands for one that was, or is, not there."""
    keys = sorted({*before, *after})
    pairs = ((key, before.get(key), after.get(key)) for key in keys)
    return tuple(
        _change(key, old.value if old else None, new.value if new else None, tolerance(old, new))
        for key, old, new in pairs
        if old is None or new is None or abs(old.value - new.value) > EQUAL
    )


def _change(key: Key, before: float | None, after: float | None, within: float = EQUAL) -> Change:
    return Change(metric=key[0], domain=key[1], before=before, after=after, tolerance=within)


def table(found: Iterable[Rescored]) -> list[str]:
    """The drift as lines of text: entry, metric, domain, before, after."""
    lines: list[str] = []
    for each in found:
        name = f"{each.submission.pk} {each.submission.display_name}"
        if each.waits:
            lines.append(f"{name}: waits for a new run: {each.waits}")
        lines += [f"{name}: {_told(change)}" for change in each.drift]
        lines += [f"{name}: {_told(change)}; the reported figure stays" for change in each.refused]
    return lines


def _told(change: Change) -> str:
    before, after = ("-" if value is None else f"{value:.6g}" for value in (change.before, change.after))
    return f"{change.metric} on {change.domain}: {before} -> {after}"
