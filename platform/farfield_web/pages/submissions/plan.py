"""An entry of many runs as its page shows it: counts, what its runs gave so far, and the runs in groups.

It may have two thousand runs: everything here comes from a few queries over all of them.
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
from farfield_evaluators.prose import Prose
from farfield_evaluators.run_plan import RunPlan
from farfield_web.pages.boards.selections import tier_title
from farfield_web.pages.runs.advice import advice_for
from farfield_web.pages.runs.groups import RunRow, Section, counts_in_words, run_row, sections_of
from farfield_web.pages.runs.queue_words import NO_TAKER, waiting_sentence
from farfield_web.pages.submissions.results import Choices, Results, choices_of, results_of
from farfield_web.runs.digests import chosen_of
from farfield_web.runs.download import has_files
from farfield_web.runs.failures import for_operator
from farfield_web.runs.models import Run, RunEvent
from farfield_web.runs.queue import outlook
from farfield_web.runs.status import LEASED, Status
from farfield_web.runs.takers import has_taker
from farfield_web.submissions.models import Submission

SHOWN_FAILED, SHOWN_UNDER_WAY = 5, 5


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
class PlanView:
    """An entry of many runs and what it has so far. `is_upload` is of results made elsewhere: one run for all cells."""

    prose: Prose
    draws: bool
    tier: str
    is_upload: bool
    total: int
    done: int
    counts: str
    queue: str
    started: datetime | None
    ended: datetime | None
    results: Results
    choices: Choices | None
    failures: tuple[FailureGroup, ...]
    cancelled: str
    under_way: tuple[RunRow, ...]
    more_under_way: int
    sections: tuple[Section, ...]
    records_href: str
    command: str
    seen: str


def plan_view(submission: Submission, benchmark: Benchmark, runs: Sequence[Run]) -> PlanView:
    """The view of an entry of many runs; `runs` are all of them, in order."""
    plan = benchmark.plan
    chosen = chosen_of(submission)
    under_way = [run for run in runs if run.is_leased]
    done = [run for run in runs if run.state is Status.SUCCEEDED]
    return PlanView(
        prose=plan.prose,
        draws=plan.draws,
        tier=tier_title(benchmark, submission.tier),
        is_upload=any(not run.cell for run in runs),
        total=len(runs),
        done=len(done),
        counts=counts_in_words(run.status for run in runs),
        queue=_queue(runs),
        started=min((run.started_at for run in runs if run.started_at), default=None),
        ended=_ended(runs),
        results=results_of(submission, benchmark),
        choices=choices_of(benchmark, chosen) if plan.selections else None,
        failures=tuple(_failures(runs, plan)),
        cancelled=_cancelled(submission, runs),
        under_way=tuple(run_row(run, plan) for run in under_way[:SHOWN_UNDER_WAY]),
        more_under_way=max(0, len(under_way) - SHOWN_UNDER_WAY),
        sections=sections_of(runs, plan),
        records_href=reverse("api:records", args=[submission.pk]) if has_files(submission) else "",
        command=plan.prose.command.replace("{partial}", "" if len(done) == len(runs) else " --partial"),
        seen=_seen(runs, len(chosen)),
    )


def _failures(runs: Iterable[Run], plan: RunPlan) -> Iterable[FailureGroup]:
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
            runs=tuple(run_row(run, plan) for run in members[:SHOWN_FAILED]),
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
    waiting = [run for run in runs if run.state is Status.QUEUED]
    if not waiting:
        return ""
    ordered = sorted(waiting, key=lambda run: (-run.priority, run.queued_at, run.trial, run.pk))
    told = waiting_sentence(outlook(ordered[0]), outlook(ordered[-1]))
    return told if has_taker(ordered[0]) else NO_TAKER


def _seen(runs: Sequence[Run], chosen: int) -> str:
    """What this shows, in short; the progress of single runs counts, so that it moves while nothing else does."""
    parts: list[Any] = [[run.status, run.attempt, run.progress if run.state in LEASED else None] for run in runs]
    return hashlib.sha256(json.dumps([*parts, chosen]).encode()).hexdigest()[:12]
