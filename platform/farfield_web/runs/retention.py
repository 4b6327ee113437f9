"""Removing what a benchmark's hosts do not want kept for ever: logs, pictures and outcomes, never a score."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, Max, OuterRef

from farfield_web.hosting.models import Hosting
from farfield_web.runs.models import Run, RunEvent
from farfield_web.runs.status import OPEN
from farfield_web.submissions.models import Submission

KIND = "files_removed"
MOST_AT_ONCE = 500


def remove_old(now: datetime) -> int:
    """Of entries that ended longer ago than their benchmark keeps files. Returns how many runs lost theirs.

    Each run's timeline says what is gone and when. A second pass finds nothing to do.
    """
    limited = Hosting.objects.exclude(keep_days=None)
    return sum(_remove(row.benchmark, now - timedelta(days=row.keep_days or 0), now) for row in limited)


def _remove(benchmark: str, before: datetime, now: datetime) -> int:
    under_way = Run.objects.filter(submission=OuterRef("pk"), status__in=OPEN)
    entries = Submission.objects.filter(~Exists(under_way), benchmark=benchmark).alias(ended=Max("runs__finished_at"))
    removed = RunEvent.objects.filter(run=OuterRef("pk"), kind=KIND, attempt=OuterRef("attempt"))
    runs = Run.objects.filter(~Exists(removed), submission__in=entries.filter(ended__lt=before))
    return sum(_empty(run, now) for run in runs[:MOST_AT_ONCE])


@transaction.atomic
def _empty(run: Run, now: datetime) -> int:
    counts = {name: getattr(run, name).all().delete()[0] for name in ("logs", "pictures", "outcomes")}
    said = ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "nothing was there"
    message = f"The hosts of this benchmark keep files no longer. Removed: {said}. Scores stay."
    RunEvent.objects.create(run=run, at=now, kind=KIND, attempt=run.attempt, message=message)
    return 1
