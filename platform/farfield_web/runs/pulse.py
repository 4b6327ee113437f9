"""What of an entry or a run changes while it is open, in one short text: cheap enough to be asked every second."""

import hashlib
import json
import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, QuerySet, Sum

from farfield_web.runs.models import Run, RunEvent, RunLog
from farfield_web.runs.status import LEASED, OPEN


@dataclass(frozen=True, kw_only=True)
class Pulse:
    """`news` differs whenever a page would show something else, `log` whenever a log grew; `open` while both may."""

    news: str
    log: str
    open: bool

    @property
    def mark(self) -> str:
        """Both, as the id of an event."""
        return f"{self.news}.{self.log}"


def pulse_of_submission(key: uuid.UUID) -> Pulse:
    """Of all runs of an entry, in three queries however many these are."""
    return _pulse(Run.objects.filter(submission=key))


def pulse_of_run(key: uuid.UUID) -> Pulse:
    """Of one run."""
    return _pulse(Run.objects.filter(pk=key))


def _pulse(runs: QuerySet[Run]) -> Pulse:
    by_status = runs.order_by("status").values_list("status")
    counted = list(by_status.annotate(Count("pk"), Sum("attempt"), Max("status_at")))
    progress = list(runs.filter(status__in=LEASED).order_by("pk").values_list("pk", "progress"))
    events = RunEvent.objects.filter(run__in=runs.order_by()).aggregate(last=Max("pk"))
    of_now = RunLog.objects.filter(run__in=runs.order_by().filter(status__in=OPEN))
    log = of_now.aggregate(characters=Sum("length"), attempts=Sum("attempt"))
    is_open = any(status in OPEN for status, *_ in counted)
    return Pulse(news=_short([counted, progress, events]), log=_short(log), open=is_open)


def _short(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, default=str).encode()).hexdigest()[:12]
