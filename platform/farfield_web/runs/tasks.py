"""The site worker's tasks. All are short, and safe to run twice."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from farfield_web.accounts import throttle
from farfield_web.celery import PRUNE, REAP, STORE_REPORT
from farfield_web.runs import example_outcomes, pictures, reaper, reports, retention, workers


@shared_task(name=STORE_REPORT, ignore_result=True)
def store_report(report: dict[str, Any]) -> None:
    """Store what a worker reports about an attempt.

    Before: preparing, running or scoring, under the report's token. After: succeeded with its scores; failed; or
    queued again when the worker failed by no fault of the method. In any other state, or under another token, the
    report is refused, which adds an event and changes nothing else; so a doubled or late report is harmless.
    """
    reports.store(report)


@shared_task(name=REAP, ignore_result=True)
def reap() -> None:
    """Look after every run that is not at its end, and call workers that were not heard of for a while.

    Before: any open state. After: unchanged while all is well; queued or failed when a lease has expired; failed when
    the benchmark is gone; queued, and a worker woken, when nobody has claimed it for a while. A second pass right
    after the first finds nothing to do.
    """
    reaper.reap()
    workers.call_idle()
    throttle.forget()


@shared_task(name=PRUNE, ignore_result=True)
def prune() -> None:
    """Remove what hosts do not keep, outcomes of examples that need not be kept, and pictures of runs that are gone.

    Before: any. After: those that boards stand on are there, those whose time is over are not. A second pass finds
    nothing to do.
    """
    retention.remove_old(timezone.now())
    example_outcomes.prune(timezone.now())
    pictures.forget()
