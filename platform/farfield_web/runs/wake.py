"""Waking workers. A wake that is lost costs time only: the reaper sends it again."""

import logging

from django.db import transaction

from farfield_web.celery import WAKE, app

log = logging.getLogger(__name__)
# Wakes must not pile up while no worker listens; an hour leaves room for clocks that disagree.
EXPIRES_SECONDS = 3600
MOST_WAKES = 8


def send_wake(resource: str) -> None:
    """Tell the workers of a resource that there is something to claim. Never raises: the broker may be down."""
    try:
        app.send_task(WAKE, queue=f"evaluate.{resource}", expires=EXPIRES_SECONDS, ignore_result=True, retry=False)
    except Exception:
        log.warning("no wake could be sent to evaluate.%s; the reaper will try again", resource, exc_info=True)


def wake_on_commit(resource: str, runs: int = 1) -> None:
    """Only once the database has the runs may a worker look for them.

    A worker that is awake claims until nothing waits, so for many runs a few wakes do.
    """
    for _ in range(min(runs, MOST_WAKES)):
        transaction.on_commit(lambda: send_wake(resource))
