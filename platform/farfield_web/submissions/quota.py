"""How much a person may submit to a benchmark: a number of submissions in a rolling window.

There is no counter that could drift: a submission counts while its `quota_at` lies within the window.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from farfield_web.accounts.models import User
from farfield_web.operations.allowances import limit_of
from farfield_web.submissions.models import Submission


@dataclass(frozen=True, kw_only=True)
class Quota:
    """What is left of it. `next_at` is when one more becomes free; None while there is one, or nothing was used."""

    benchmark: str
    limit: int
    used: int
    window_hours: float
    next_at: datetime | None

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)


def quota_of(owner: User, benchmark: str, *, without: Submission | None = None) -> Quota:
    """The quota as of now; `without` leaves a submission out of the count, which a retry needs."""
    counted = _counted(owner, benchmark)
    if without is not None:
        counted = counted.exclude(pk=without.pk)
    times = list(counted.order_by("quota_at").values_list("quota_at", flat=True))
    limit, used = limit_of(owner, benchmark, settings.QUOTA_SUBMISSIONS), len(times)
    frees = times[used - limit] if 0 < limit <= used else None
    return Quota(
        benchmark=benchmark,
        limit=limit,
        used=used,
        window_hours=settings.QUOTA_WINDOW.total_seconds() / 3600,
        next_at=frees + settings.QUOTA_WINDOW if frees else None,
    )


def lock_person(owner: User) -> None:
    """Until the transaction ends, nobody else decides about this person's quota and open runs."""
    User.objects.select_for_update(no_key=True).get(pk=owner.pk)


def give_back(submission: Submission, reason: str) -> bool:
    """Return the quota a submission used; False when it was returned before. Safe to repeat."""
    spent = Submission.objects.filter(pk=submission.pk, quota_at__isnull=False)
    return bool(spent.update(quota_at=None, quota_returned_because=reason))


def spend_again(submission: Submission) -> None:
    """A retry counts like a new submission, from now on."""
    Submission.objects.filter(pk=submission.pk).update(quota_at=timezone.now(), quota_returned_because="")


def _counted(owner: User, benchmark: str) -> QuerySet[Submission]:
    since = timezone.now() - settings.QUOTA_WINDOW
    return Submission.objects.filter(owner=owner, benchmark=benchmark, quota_at__gt=since)
