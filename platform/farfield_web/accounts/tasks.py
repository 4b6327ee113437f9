"""The site worker's tasks for people. All are safe to run twice."""

from celery import shared_task

from farfield_web.accounts import letters
from farfield_web.celery import LETTERS


@shared_task(name=LETTERS, ignore_result=True)
def send_letters() -> None:
    """Send the letters that are due.

    Before: letters wait, each with the time of its next try. After: those that the mail server took are gone, others
    wait longer, or are given up. A second pass right after the first finds nothing to do.
    """
    letters.send_due()
