"""The site worker's tasks for notifications. All are safe to run twice."""

from celery import shared_task

from farfield_web.celery import WEBHOOKS
from farfield_web.people import deliveries


@shared_task(name=WEBHOOKS, ignore_result=True)
def send_webhooks() -> None:
    """Send what webhooks are to be told.

    Before: messages wait, each with the time of its next try. After: those that were taken are gone, others wait
    longer, or are given up, and an address that takes nothing is told nothing any more. A second pass right after the
    first sends what was left over.
    """
    deliveries.send_due()
