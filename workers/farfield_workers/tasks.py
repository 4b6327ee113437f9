"""The evaluation worker's tasks. Both may be delivered twice, late or never: the database decides, over HTTP."""

import logging
from functools import cache

from celery.signals import worker_shutting_down

from farfield import FarfieldError
from farfield_workers.app import app
from farfield_workers.client import SiteClient, SiteRefused, SiteUnreachable
from farfield_workers.settings import worker_settings
from farfield_workers.worker import Worker

log = logging.getLogger(__name__)
RETRY_SECONDS = 5


@cache
def worker() -> Worker:
    """This process's worker."""
    settings = worker_settings()
    return Worker(settings, SiteClient(settings), app.send_task)


@app.task(name="farfield_workers.tasks.wake")
def wake() -> int:
    """Evaluate what waits for this resource until nothing does; returns how many runs that were.

    Before: any number of runs are queued. After: those this worker claimed are reported; none is held.
    """
    return worker().drain()


@app.task(name="farfield_workers.tasks.announce", bind=True, max_retries=None)
def announce(self) -> None:  # type: ignore[no-untyped-def]
    """Announce methods and data; tried again while the site cannot be reached. Then take what waits."""
    try:
        worker().announce()
    except (SiteUnreachable, SiteRefused) as error:
        log.warning("cannot announce yet: %s", error)
        raise self.retry(countdown=RETRY_SECONDS) from error
    except FarfieldError as error:
        log.error("this worker cannot evaluate anything: %s [%s]", error, error.code)
        raise
    worker().drain()


@worker_shutting_down.connect
def _hand_back(**_: object) -> None:
    """On SIGTERM: a planned stop is no lost worker."""
    if worker.cache_info().currsize:
        worker().stop()
