"""The outbox: a letter is kept with the deed that it tells of, and sent by the site worker once both are stored.

So no page waits for a mail server, a letter of a deed that was undone is not sent, and one that could not be sent is
tried again, ever more rarely. A letter that was sent is forgotten: it may hold a link that opens an account.
"""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from farfield_web.accounts.models import Letter
from farfield_web.celery import LETTERS, app

log = logging.getLogger(__name__)
FIRST_WAIT, TRIES, AT_ONCE = timedelta(seconds=30), 8, 50


def post(message: EmailMessage) -> None:
    """Keep a letter, and wake the site worker once the database has it."""
    headers = {name: str(value) for name, value in message.extra_headers.items()}
    for recipient in message.to:
        Letter.objects.create(
            recipient=recipient,
            subject=str(message.subject)[:300],
            text=str(message.body),
            headers=headers,
            due_at=timezone.now(),
        )
    transaction.on_commit(wake)


def wake() -> None:
    """Ask the site worker to send; a message that is lost costs seconds, for it comes by anyway. Never raises."""
    try:
        app.send_task(LETTERS, queue="site", expires=60, ignore_result=True, retry=False)
    except Exception:
        log.warning("letters wait for the next round", exc_info=True)


def send_due() -> int:
    """Send what is due; how many letters went out. Two at once never send the same letter."""
    return sum(_send(letter) for letter in _due())


def wait_after(failures: int) -> timedelta:
    """Until the next try: half a minute, doubled each time.

    >>> wait_after(3)
    datetime.timedelta(seconds=120)
    """
    return timedelta(seconds=FIRST_WAIT.total_seconds() * 2 ** (failures - 1))


def _due() -> Iterator[Letter]:
    """One after the other, each held by its row for as long as it is being sent."""
    for _ in range(AT_ONCE):
        with transaction.atomic():
            waiting = Letter.objects.select_for_update(skip_locked=True).filter(due_at__lte=timezone.now())
            letter = waiting.order_by("due_at").first()
            if letter is None:
                return
            yield letter


def _send(letter: Letter) -> bool:
    message = EmailMessage(letter.subject, letter.text, to=[letter.recipient], headers=letter.headers)
    try:
        message.connection = get_connection()
        message.send()
    except Exception as error:
        _keep_for_later(letter, error, timezone.now())
        return False
    letter.delete()
    return True


def _keep_for_later(letter: Letter, error: Exception, now: datetime) -> None:
    failures = letter.failures + 1
    log.warning("a letter was not sent, try %s of %s: %s", failures, TRIES, type(error).__name__)
    if failures >= TRIES:
        letter.delete()
        return
    Letter.objects.filter(pk=letter.pk).update(failures=F("failures") + 1, due_at=now + wait_after(failures))
