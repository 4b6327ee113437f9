"""Storing what a worker reports: evidence, figures, state and event in one transaction, once."""

import logging
import secrets
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.run_plan import Evidence
from farfield_evaluators.wire import WrongVersion
from farfield_web.changed import changed
from farfield_web.runs import curves, digests, failures, lease, logs, results
from farfield_web.runs.hopeless import give_up
from farfield_web.runs.models import Run, RunEvidence, Score
from farfield_web.runs.outcomes import fail, lose_attempt, requeue
from farfield_web.runs.report import Report, parse
from farfield_web.runs.reported import BadReport
from farfield_web.runs.status import LEASED, Status, move
from farfield_web.runs.suites import why_foreign
from farfield_web.submissions.models import Submission
from farfield_web.submissions.plan import entrant_of
from farfield_web.submissions.quota import give_back

log = logging.getLogger(__name__)
SHOWN = 5


class PlanFailed(Exception):
    """The benchmark's plan raised where it was asked about evidence; says what it raised."""


def store(values: Mapping[str, Any]) -> bool:
    """Store a report; False when it was refused, which is noted among the run's events.

    preparing | running | scoring -> succeeded, failed, or queued when the worker failed by no fault of the method.
    A run in any other state, or under another token, is not touched. Safe to run twice.
    """
    with transaction.atomic():
        run = _locked(values)
        if run is None:
            log.error("a report about an unknown run was dropped: %r", values.get("run"))
            return False
        if _is_repeat(run, values):
            return False
        reason = _refusal(run, values)
        if reason:
            run.events.create(at=timezone.now(), kind="report_refused", attempt=run.attempt, message=reason)
            return False
        _apply(run, values)
        return True


def _locked(values: Mapping[str, Any]) -> Run | None:
    try:
        runs = Run.objects.select_for_update(of=("self",)).select_related("submission__owner", "submission__method")
        return runs.filter(pk=values["run"]).first()
    except (KeyError, TypeError, ValueError, ValidationError):
        return None


def _is_repeat(run: Run, values: Mapping[str, Any]) -> bool:
    """The very report that ended the run, which workers send again until they hear that it was stored."""
    return run.is_finished and run.state is not Status.CANCELLED and _holds(run, values)


def _holds(run: Run, values: Mapping[str, Any]) -> bool:
    token = str(values.get("token") or "")
    return bool(token) and secrets.compare_digest(run.token.encode(), token.encode(errors="replace"))


def _refusal(run: Run, values: Mapping[str, Any]) -> str:
    if run.is_finished:
        return f"a report came after the run had {run.status}"
    if not run.is_leased or not _holds(run, values):
        return "a report came from a worker that no longer holds the run"
    return ""


def _apply(run: Run, values: Mapping[str, Any]) -> None:
    try:
        report = parse(values)
        evidence = _believed(run, report)
    except WrongVersion as error:  # sent before one of both was upgraded: by no fault of the method, nor of the worker
        requeue(run, f"a report of another version: {error.says}", losses=run.losses, queued_at=run.queued_at)
        return
    except (BadReport, PlanFailed) as error:
        lose_attempt(run, failures.BAD_REPORT, str(error))
        return
    logs.append(run, report.log, report.log_offset)
    if report.stage in LEASED:  # the last heartbeats may not have come through
        lease.advance(run, Status(report.stage))
    foreign = why_foreign(run.submission.benchmark, report.environment) if report.outcome == "succeeded" else ""
    if foreign:
        lose_attempt(run, failures.OTHER_SUITE, foreign)
    elif report.outcome == "succeeded":
        _succeed(run, report, evidence)
    elif report.infrastructure:
        lose_attempt(run, report.failure_code or failures.PLATFORM, report.failure_message)
    else:
        _fail(run, report)


def _believed(run: Run, report: Report) -> Evidence:
    """The evidence of a run that succeeded, with figures of declared metrics only. Raises BadReport, PlanFailed."""
    benchmark = run.submission.known_benchmark
    if report.outcome != "succeeded" or benchmark is None:
        return Evidence()
    declared = {metric.name for metric in benchmark.metrics}  # of another, of a newer worker, nobody could say anything
    figures = tuple(figure for figure in report.scores if figure.metric in declared)
    evidence = Evidence(figures=figures, lines=report.lines, facts=report.facts)
    problems = _problems(run, benchmark, evidence)
    if problems:
        raise BadReport("; ".join(problems[:SHOWN]))
    return evidence


def _problems(run: Run, benchmark: Benchmark, evidence: Evidence) -> list[str]:
    submission = run.submission
    try:
        return benchmark.plan.problems(submission.tier, digests.cell_of(run), entrant_of(submission), evidence)
    except Exception as error:  # whatever a plan of somebody else does, it harms no other run
        raise _plan_failed(benchmark, error) from error


def _plan_failed(benchmark: Benchmark, error: Exception) -> PlanFailed:
    log.error("the plan of %s failed on the site", benchmark.name, exc_info=error)
    return PlanFailed(f"the plan of {benchmark.name} failed on the site: {type(error).__name__}: {error}"[:1000])


def _fail(run: Run, report: Report) -> None:
    """A failure of the method. Refused before any image was shown to it, it does not count against the quota."""
    code = report.failure_code or failures.RAISED
    free = failures.is_free(code, run.submission.kind, unseen=run.state is Status.PREPARING)
    fail(run, code, report.failure_message, **_measured(report))
    if free and not run.submission.runs.filter(status__in=failures.HAS_RUN).exists():
        give_back(run.submission, failures.REFUSED_EARLY)
    give_up(run.submission)


def _succeed(run: Run, report: Report, evidence: Evidence) -> None:
    lease.advance(run, Status.SCORING)
    before = vars(run).copy()
    try:
        with transaction.atomic():
            _store(run, report, evidence)
    except PlanFailed as error:
        vars(run).update(before)
        lose_attempt(run, failures.BAD_REPORT, str(error))


def _store(run: Run, report: Report, evidence: Evidence) -> None:
    # Of two runs of a submission that end at once, the later one must see what the other gave.
    whole = Submission.objects.select_related("method", "upload__content")
    submission = whole.select_for_update(no_key=True, of=("self",)).get(pk=run.submission_id)
    Score.objects.bulk_create(Score(run=run, attempt=run.attempt, **one.as_json()) for one in evidence.figures)
    if evidence.lines or evidence.facts:
        RunEvidence.objects.create(run=run, attempt=run.attempt, lines=evidence.lines, facts=dict(evidence.facts))
    move(
        run,
        Status.SUCCEEDED,
        finished_at=timezone.now(),
        lease_until=None,
        comparability_key=report.comparability_key,
        curve=curves.as_json(report.curve),
        **_measured(report),
    )
    benchmark = submission.known_benchmark
    if benchmark is not None:
        try:
            digests.refresh(submission, benchmark, run)
        except DatabaseError:
            raise
        except Exception as error:  # as above
            raise _plan_failed(benchmark, error) from error
    finished = not submission.runs.exclude(status=Status.SUCCEEDED).exists()
    result = results.note(submission, benchmark) if finished and benchmark is not None else None
    # What stands beside earlier entries of the same key changes with it.
    alone = None if result is not None and result.against_id else submission.pk
    changed(submission.benchmark, submission.tier, alone, compare=finished)


def _measured(report: Report) -> dict[str, Any]:
    return {
        "seconds": report.seconds,
        "environment": report.environment,
        "method_version": report.method_version,
        "probes": report.probes,
        "memory": report.memory,
        "usage": report.usage,
        "cached": report.cached,
    }
