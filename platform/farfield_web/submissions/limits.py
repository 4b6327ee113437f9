"""How much one person may have. Callers hold the lock of `submissions.quota.lock_person`."""

from django.conf import settings

from farfield_web.accounts.models import User
from farfield_web.errors import SubmissionError
from farfield_web.hosting.models import Phase
from farfield_web.submissions.models import Submission
from farfield_web.submissions.quota import quota_of

# The states that count, by name: this module lies below runs/, which holds the table.
OPEN = ("queued", "preparing", "running", "scoring")


def check_quota(person: User, benchmark: str, *, without: Submission | None = None) -> None:
    """Raises SubmissionError `quota.used_up`, saying when the next submission is possible."""
    quota = quota_of(person, benchmark, without=without)
    if not quota.remaining:
        when = f" The next is possible at {quota.next_at:%Y-%m-%d %H:%M} UTC." if quota.next_at else ""
        text = f"You have used your {quota.limit} submissions in {quota.window_hours:g} hours to {benchmark}.{when}"
        raise SubmissionError("quota.used_up", text)


def check_phase(person: User, phase: Phase | None) -> None:
    """Raises SubmissionError `quota.phase_used_up` where a person has as many entries in a phase as it allows.

    Those that gave their quota back do not count.
    """
    if phase is None or not phase.most:
        return
    if Submission.objects.filter(owner=person, phase=phase, quota_at__isnull=False).count() >= phase.most:
        text = f"You have the {phase.most} entries that {phase.title} allows to a person."
        raise SubmissionError("quota.phase_used_up", text, hint="A withdrawn entry counts as well.")


def check_open_runs(person: User, more: int) -> None:
    """Raises SubmissionError `runs.too_many_open` when `more` further runs would be too many at once.

    An entry counts as one, however many of its runs are open.
    """
    limit = settings.MAX_OPEN_RUNS
    count = open_runs(person)
    if count + more > limit:
        text = f"You have {count} submissions waiting or under way, and at most {limit} are possible at once."
        raise SubmissionError("runs.too_many_open", text, hint="Wait for some to finish, or cancel some.")


def open_runs(person: User) -> int:
    """How many entries a person has of which runs are waiting or under way."""
    under_way = Submission.objects.filter(owner=person, runs__status__in=OPEN)
    return under_way.order_by().values("pk").distinct().count()
