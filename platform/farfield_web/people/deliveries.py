"""Sending what webhooks are told: the site worker's work, some at once, each again later where it was not taken.

Before one is sent, it is put off for a while; so two workers never send the same at once, and one whose sender died is
sent again. No transaction waits for anybody's server.
"""

import logging
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from farfield_web.celery import WEBHOOKS, app
from farfield_web.people import outside, signing
from farfield_web.people.models import Delivery, Webhook

log = logging.getLogger(__name__)
AT_ONCE = 8
FIRST_WAIT, TRIES = timedelta(seconds=30), 6
# Failures in a row after which an address is told nothing any more.
MOST_FAILURES = 20
HELD_FOR = timedelta(minutes=5)


def wake() -> None:
    """Ask the site worker to send; it comes by anyway. Never raises."""
    try:
        app.send_task(WEBHOOKS, queue="site", expires=60, ignore_result=True, retry=False)
    except Exception:
        log.warning("webhooks wait for the next round", exc_info=True)


def send_due() -> int:
    """Send what is due, at most AT_ONCE; how many were taken."""
    due = _held()
    if not due:
        return 0
    with ThreadPoolExecutor(len(due)) as pool:
        answers = list(pool.map(sent, due))
    for delivery, problem in zip(due, answers, strict=True):
        _note(delivery, problem)
    return answers.count("")


def sent(delivery: Delivery) -> str:
    """Send one; why it was not taken, or nothing. Touches no database: it runs in a thread of its own."""
    hook, body, now = delivery.webhook, delivery.body.encode(), int(time.time())
    headers = {
        signing.HEADER: signing.signature(hook.secret, body, now),
        "Farfield-Delivery": str(delivery.pk),
    }
    try:
        status = outside.post(hook.url, body, headers)
    except outside.Unreachable as error:
        return str(error)
    return "" if 200 <= status < 300 else f"It answered {status}."


def wait_after(failures: int) -> timedelta:
    """Until the next try: half a minute, four times as long each time.

    >>> str(wait_after(3))
    '0:08:00'
    """
    return FIRST_WAIT * int(4 ** (failures - 1))


def _held() -> Sequence[Delivery]:
    with transaction.atomic():
        waiting = Delivery.objects.select_for_update(skip_locked=True, of=("self",)).select_related("webhook")
        due = list(waiting.filter(due_at__lte=timezone.now()).order_by("due_at")[:AT_ONCE])
        Delivery.objects.filter(pk__in=[one.pk for one in due]).update(due_at=timezone.now() + HELD_FOR)
    return due


def _note(delivery: Delivery, problem: str) -> None:
    with transaction.atomic():
        hook = Webhook.objects.select_for_update().filter(pk=delivery.webhook_id).first()
        if hook is None:
            return
        if not problem:
            hook.failures, hook.told_at = 0, timezone.now()
            delivery.delete()
        else:
            hook.failures += 1
            _put_off(delivery)
        if hook.failures >= MOST_FAILURES and not hook.disabled_because:
            hook.disabled_because = f"{MOST_FAILURES} messages in a row were not taken. {problem}"[:200]
            hook.deliveries.all().delete()
        hook.save(update_fields=["failures", "told_at", "disabled_because"])


def _put_off(delivery: Delivery) -> None:
    failures = delivery.failures + 1
    if failures >= TRIES:
        delivery.delete()
        return
    Delivery.objects.filter(pk=delivery.pk).update(failures=failures, due_at=timezone.now() + wait_after(failures))
