"""Asking the site worker to compare a board's entries. A message that is lost costs minutes: all boards come by."""

import logging

from django.db import transaction

from farfield_web.celery import COMPARE, COMPARE_SECONDS, app

log = logging.getLogger(__name__)


def compare_on_commit(benchmark: str, tier: str) -> None:
    """Once the database has what changed. Never raises: the broker may be down."""
    transaction.on_commit(lambda: send(benchmark, tier))


def send(benchmark: str, tier: str) -> None:
    """Ask now; no harm is done by asking twice."""
    named = {"benchmark": benchmark, "tier": tier}
    try:
        app.send_task(COMPARE, kwargs=named, queue="site", expires=COMPARE_SECONDS, ignore_result=True, retry=False)
    except Exception:
        log.warning("the board of %s is compared with all others, in minutes", benchmark, exc_info=True)
