"""The site worker's task for chosen entries. It is safe to run twice."""

import logging
from typing import Any

from celery import shared_task
from django.db import DatabaseError
from django.utils import timezone

from farfield_web.celery import CONTRAST
from farfield_web.contrasts.asking import prune
from farfield_web.contrasts.chosen import Choice, ChoiceError, comparable
from farfield_web.contrasts.making import by_errors, by_examples
from farfield_web.contrasts.models import Contrast
from farfield_web.submissions.models import Submission

log = logging.getLogger(__name__)
AT_ONCE = 20


@shared_task(name=CONTRAST, ignore_result=True)
def contrast(key: str = "") -> None:
    """Make what was asked for under this key, or all that waits where none is named.

    Before: a row without content. After: it has content; or it is gone, because its entries cannot be compared any
    more, and who asks again is told why.
    """
    waiting = Contrast.objects.filter(made_at=None)
    for one in waiting.filter(key=key) if key else waiting[:AT_ONCE]:
        _make(one)
    if not key:
        prune()


def _make(one: Contrast) -> None:
    """Whoever asked was allowed to see all of these; who asks again is looked at again."""
    known = {str(each.pk): each for each in Submission.objects.filter(pk__in=one.entries)}
    try:
        wanted = comparable([known[key] for key in one.entries])
    except (ChoiceError, KeyError) as error:
        log.info("a comparison is not made: %s", error)
        one.delete()
        return
    Contrast.objects.filter(pk=one.pk).update(content=_content(wanted), made_at=timezone.now())


def _content(wanted: Choice) -> dict[str, Any]:
    """By examples; a file that breaks this must not be looked at again every half a minute."""
    try:
        return by_examples(wanted)
    except DatabaseError:
        raise
    except Exception:
        log.exception("entries of %s are compared by their errors", wanted.benchmark.name)
        return by_errors(wanted)
