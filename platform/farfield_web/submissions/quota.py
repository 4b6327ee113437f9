"""How much a person may submit to a benchmark: a number of submissions in a rolling window.

There is no counter that could drift: a submission counts while its `quota_at` lies within the window.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from farfield_web.accounts.models import User
from farfield_web.operations.allowances import limits_of
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
    return quotas_of(owner, [benchmark], without=without)[0]


def quotas_of(owner: User, benchmarks: Sequence[str], *, without: Submission | None = None) -> list[Quota]:
    """The quota of each of these benchmarks as of now, in two queries for all of them."""
    counted = _counted(owner, benchmarks)
    if without is not None:
        counted = counted.exclude(pk=without.pk)
    times: dict[str, list[datetime]] = {name: [] for name in benchmarks}
    for name, at in counted.order_by("quota_at").values_list("benchmark", "quota_at"):
        if at is not None:  # as the filter has it
            times[name].append(at)
    limits = limits_of(owner, benchmarks, settings.QUOTA_SUBMISSIONS)
    return [_quota(name, limits[name], times[name]) for name in benchmarks]


def _quota(benchmark: str, limit: int, times: Sequence[datetime]) -> Quota:
    """`times` are those of the submissions that count, the oldest first."""
    used = len(times)
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


def _counted(owner: User, benchmarks: Sequence[str]) -> QuerySet[Submission]:
    since = timezone.now() - settings.QUOTA_WINDOW
    return Submission.objects.filter(owner=owner, benchmark__in=benchmarks, quota_at__gt=since)
