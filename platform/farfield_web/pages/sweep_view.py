"""A sweep as the page of its submission shows it: counts, what the rules selected so far, and its runs in groups.

A sweep may have two thousand runs: everything here comes from a few queries over all of them.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.figure import Figure
from farfield_evaluators.suites.domainbed import sweep
from farfield_evaluators.suites.domainbed.board import SHIFTS
from farfield_web.leaderboards.models import Selected
from farfield_web.pages.advice import advice_for
from farfield_web.pages.queue_words import NO_TAKER, sweep_sentence
from farfield_web.pages.sweep_runs import RunRow, Section, counts_in_words, draw_title, run_row, sections_of
from farfield_web.pages.sweeps import Rule, needs_more, rules_of, tier_title
from farfield_web.pages.templatetags.figures import shown, shown_error
from farfield_web.runs.failures import for_operator
from farfield_web.runs.figures import figures_of
from farfield_web.runs.models import Run, RunEvent
from farfield_web.runs.queue import outlook, queue
from farfield_web.runs.status import LEASED, Status
from farfield_web.runs.takers import has_taker
from farfield_web.submissions.models import Submission

SHOWN_FAILED, SHOWN_UNDER_WAY = 5, 5


@dataclass(frozen=True, kw_only=True)
class Result:
    """A figure so far. `trials` says over how many of the tier's trials, where they are not all there yet."""

    text: str
    error: str
    trials: str


@dataclass(frozen=True, kw_only=True)
class ResultRow:
    """What the rules give for one environment, or for their average."""

    title: str
    cells: tuple[Result, ...]
    average: bool


@dataclass(frozen=True, kw_only=True)
class Results:
    """Test environments by selection rules. `missing` says which rules this tier has no runs for."""

    rules: tuple[Rule, ...]
    rows: tuple[ResultRow, ...]
    missing: str


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What a rule chose in one trial for one environment."""

    rule: str
    environment: str
    trial: int
    draw: str
    step: int
    validation: str
    test: str


@dataclass(frozen=True, kw_only=True)
class FailureGroup:
    """Runs that failed in the same way: how many, the message of the first, and a few of them."""

    title: str
    count: int
    message: str
    advice: str
    code: str
    operator: str
    runs: tuple[RunRow, ...]


@dataclass(frozen=True, kw_only=True)
class SweepView:
    """A sweep and what it has so far. `is_upload` is of records that were made elsewhere: one run for all cells."""

    tier: str
    is_upload: bool
    total: int
    done: int
    counts: str
    queue: str
    started: datetime | None
    ended: datetime | None
    results: Results
    choices: tuple[Choice, ...]
    failures: tuple[FailureGroup, ...]
    cancelled: str
    under_way: tuple[RunRow, ...]
    more_under_way: int
    sections: tuple[Section, ...]
    records_href: str
    seen: str


def sweep_of(submission: Submission, benchmark: Benchmark, runs: Sequence[Run]) -> SweepView:
    """The view of a submission with a tier; `runs` are all of its runs, in order."""
    environments = environments_of(benchmark)
    selected = list(Selected.objects.filter(submission=submission))
    under_way = [run for run in runs if run.is_leased]
    done = [run for run in runs if run.state is Status.SUCCEEDED]
    return SweepView(
        tier=tier_title(benchmark, submission.tier),
        is_upload=any(run.cell is None for run in runs),
        total=len(runs),
        done=len(done),
        counts=counts_in_words(run.status for run in runs),
        queue=_queue(runs),
        started=min((run.started_at for run in runs if run.started_at), default=None),
        ended=_ended(runs),
        results=results_of(submission, benchmark),
        choices=tuple(_choices(benchmark, selected)),
        failures=tuple(_failures(runs, environments)),
        cancelled=_cancelled(submission, runs),
        under_way=tuple(run_row(run, environments) for run in under_way[:SHOWN_UNDER_WAY]),
        more_under_way=max(0, len(under_way) - SHOWN_UNDER_WAY),
        sections=sections_of(runs, environments),
        records_href=reverse("api:records", args=[submission.pk]) if done else "",
        seen=_seen(runs, len(selected)),
    )


def environments_of(benchmark: Benchmark) -> list[str]:
    """The titles of a sweep's environments, in the order of their numbers."""
    return [domain.title for domain in benchmark.domains]


def results_of(submission: Submission, benchmark: Benchmark) -> Results:
    """The figures of each rule on each environment, as far as there are any."""
    tier, figures = sweep.tier(submission.tier), figures_of(submission)
    missing = {rule: why for rule in rules_of(benchmark) if (why := needs_more(rule, submission.tier))}
    possible = [rule for rule in rules_of(benchmark) if rule not in missing]
    places = [*((d.title, d.name) for d in benchmark.domains), ("Average", SHIFTS)]
    rows = (
        ResultRow(
            title=title,
            cells=tuple(_result(figures.get((rule.metric, name)), tier.trials) for rule in possible),
            average=name == SHIFTS,
        )
        for title, name in places
    )
    return Results(rules=tuple(possible), rows=tuple(rows), missing=" ".join(missing.values()))


def _result(figure: Figure | None, trials: int) -> Result:
    if figure is None:
        return Result(text=shown(None), error="", trials="")
    part = f"{figure.trials} of {trials} trials" if figure.trials < trials else ""
    return Result(text=shown(figure.value), error=shown_error(figure.stderr), trials=part)


def _choices(benchmark: Benchmark, selected: Iterable[Selected]) -> Iterable[Choice]:
    titles, environments = {rule.name: rule.title for rule in rules_of(benchmark)}, environments_of(benchmark)
    order = list(titles)
    for one in sorted(selected, key=lambda s: (order.index(s.rule), s.test_env, s.trial_seed)):
        yield Choice(
            rule=titles[one.rule],
            environment=environments[one.test_env],
            trial=one.trial_seed + 1,
            draw=draw_title(one.hparams_seed),
            step=one.step,
            validation=shown(one.validation),
            test=shown(one.test),
        )


def _failures(runs: Iterable[Run], environments: Sequence[str]) -> Iterable[FailureGroup]:
    failed = [run for run in runs if run.state is Status.FAILED]
    for code, count in Counter(run.failure_code for run in failed).most_common():
        members, advice = [run for run in failed if run.failure_code == code], advice_for(code)
        yield FailureGroup(
            title=advice.title,
            count=count,
            message=members[0].failure_message,
            advice=advice.todo,
            code=code,
            operator=for_operator(code),
            runs=tuple(run_row(run, environments) for run in members[:SHOWN_FAILED]),
        )


def _cancelled(submission: Submission, runs: Iterable[Run]) -> str:
    """Why runs were cancelled; empty when none was."""
    if not any(run.state is Status.CANCELLED for run in runs):
        return ""
    found = RunEvent.objects.filter(run__submission=submission, target=Status.CANCELLED).order_by("-at", "-id")
    return found.values_list("message", flat=True).first() or ""


def _ended(runs: Sequence[Run]) -> datetime | None:
    if any(run.is_open for run in runs):
        return None
    return max((run.finished_at for run in runs if run.finished_at), default=None)


def _queue(runs: Sequence[Run]) -> str:
    """Where the next of the waiting runs stands, and when the last of them may start."""
    waiting: dict[object, Run] = {run.pk: run for run in runs if run.state is Status.QUEUED}
    if not waiting:
        return ""
    resource = next(iter(waiting.values())).resource
    ordered = [waiting[key] for key in queue(resource) if key in waiting] or list(waiting.values())
    told = sweep_sentence(outlook(ordered[0]), outlook(ordered[-1]))
    return told if has_taker(ordered[0]) else NO_TAKER


def _seen(runs: Sequence[Run], selected: int) -> str:
    """What this shows, in short; the progress of single runs counts, so that it moves while nothing else does."""
    parts: list[Any] = [[run.status, run.attempt, run.progress if run.state in LEASED else None] for run in runs]
    return hashlib.sha256(json.dumps([*parts, selected]).encode()).hexdigest()[:12]
