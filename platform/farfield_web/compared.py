"""Asking the site worker to rank a board, and to compare its entries. What a lost message asked is done in minutes."""

import logging

from django.db import transaction

from farfield_web.celery import COMPARE, COMPARE_SECONDS, RANK, app

log = logging.getLogger(__name__)


def ask_on_commit(benchmark: str, tier: str, *, compare: bool) -> None:
    """Once the database has what changed. Never raises: the broker may be down."""
    transaction.on_commit(lambda: send(benchmark, tier, compare=compare))


def send(benchmark: str, tier: str, *, compare: bool = True) -> None:
    """Ask now; no harm is done by asking twice. Without `compare` the board is ranked, so that no reader has to."""
    task, named = COMPARE if compare else RANK, {"benchmark": benchmark, "tier": tier}
    try:
        app.send_task(task, kwargs=named, queue="site", expires=COMPARE_SECONDS, ignore_result=True, retry=False)
    except Exception:
        log.warning("the board of %s is ranked and compared with all others, in minutes", benchmark, exc_info=True)
