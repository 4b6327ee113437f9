"""Asking the site worker to compare chosen entries, and taking what it has made."""

import hashlib
import json
import logging
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from farfield_web.celery import CONTRAST, app
from farfield_web.contrasts.chosen import Choice
from farfield_web.contrasts.making import FORM, by_errors
from farfield_web.contrasts.models import Contrast
from farfield_web.contrasts.seen import hashes_of, runs_of

log = logging.getLogger(__name__)
MOST_WAITING = 50  # beyond, errors have to do until some are made
MOST_KEPT = 2000
KEPT_FOR = timedelta(days=30)
MADE, WAITING, ERRORS = "made", "waiting", "errors"


class Found:
    """What there is of a choice now. state: `made` from outcomes, `waiting` for the site worker, or by `errors`."""

    def __init__(self, state: str, content: dict[str, Any]) -> None:
        self.state, self.content = state, content


def found_for(choice: Choice) -> Found:
    """The comparison of these entries: as it was made, or by errors until it is, which is asked for here.

    Where nothing was kept of at least two of them, errors are all there is.
    """
    hashes = [hashes_of(runs_of(entry.submission)) for entry in choice.entries]
    if sum(bool(own) and all(own) for own in hashes) < 2:
        return Found(ERRORS, by_errors(choice))
    key = _key(choice, hashes)
    kept = Contrast.objects.filter(key=key).first()
    if kept is not None and kept.content is not None:
        return Found(MADE, kept.content)
    if kept is None and not _ask(choice, key):
        return Found(ERRORS, by_errors(choice))
    return Found(WAITING, by_errors(choice))


def prune() -> int:
    """Forget the oldest, which are made again when somebody asks; how many. Safe to run at any time."""
    old = list(Contrast.objects.order_by("-wanted_at").values_list("pk", flat=True)[MOST_KEPT:])
    gone = Contrast.objects.filter(pk__in=old).delete()[0]
    return gone + Contrast.objects.filter(wanted_at__lt=timezone.now() - KEPT_FOR).delete()[0]


def send(key: str) -> None:
    """Ask now; a message that is lost costs half a minute, for what waits is looked for. Never raises."""
    try:
        app.send_task(CONTRAST, kwargs={"key": key}, queue="site", expires=600, ignore_result=True, retry=False)
    except Exception:
        log.warning("a comparison waits for the site worker's next look", exc_info=True)


def _ask(choice: Choice, key: str) -> bool:
    """Whether it is asked for: not where too many wait."""
    if Contrast.objects.filter(made_at=None).count() >= MOST_WAITING:
        return False
    entries = [str(entry.submission.pk) for entry in choice.entries]
    _, is_new = Contrast.objects.get_or_create(key=key, defaults={"entries": entries, "wanted_at": timezone.now()})
    if is_new:
        transaction.on_commit(lambda: send(key))
    return True


def _key(choice: Choice, hashes: list[list[str]]) -> str:
    """Of all that it is made from, in the order in which the entries were named."""
    facts = [
        [str(entry.submission.pk), own, sorted((*key, f.value, f.stderr) for key, f in entry.figures.items())]
        for entry, own in zip(choice.entries, hashes, strict=True)
    ]
    public = choice.benchmark.public_labels
    return hashlib.sha256(json.dumps([FORM, public, facts], default=str).encode()).hexdigest()
