"""What operators said and did: every row tells who, when and why, and none of it is erased."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

OPEN = Q(ended_at=None)


class AuditLine(models.Model):
    """A deed of an operator, or of a benchmark's host. Rows are only added: a trigger of the database refuses all else.

    `actor` is a user name, or empty where it was done by a command on the site's machine. `what` names the thing that
    it was done to, `facts` the rest. No foreign keys: a line outlives all that it names.
    """

    at = models.DateTimeField(db_index=True)
    actor = models.CharField(max_length=150, blank=True)
    role = models.CharField(max_length=60)
    verb = models.CharField(max_length=40)
    what = models.CharField(max_length=300)
    reason = models.CharField(max_length=500, blank=True)
    facts = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.actor or 'command line'}: {self.verb} {self.what}"

    def save(self, *args: Any, **options: Any) -> None:
        if not self._state.adding:
            raise TypeError("a line of the audit log is never changed")
        super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("a line of the audit log is never deleted")


class Ban(models.Model):
    """An account that may neither sign in nor use its tokens; lifted when `ended_at` is set."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="bans")
    reason = models.CharField(max_length=500)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["person"], condition=OPEN, name="one_open_ban")]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.reason}"


class PersonalQuota(models.Model):
    """How many submissions one person has in the window, in place of the site's number; on all where empty."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="personal_quotas")
    benchmark = models.CharField(max_length=100, blank=True)
    limit = models.PositiveIntegerField()
    reason = models.CharField(max_length=500)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["person__username", "benchmark"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["person", "benchmark"], name="one_personal_quota")]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.limit} to {self.benchmark or 'every benchmark'}"


class Pause(models.Model):
    """A time in which the site takes nothing new; `sentence` stands on every form. What is queued goes on."""

    sentence = models.CharField(max_length=500)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(models.Value(1), condition=OPEN, name="one_open_pause"),
        ]

    def __str__(self) -> str:
        return self.sentence


class Drain(models.Model):
    """A worker that claims nothing until it is let go on; by its name, for it may not be there now."""

    worker = models.CharField(max_length=200)
    reason = models.CharField(max_length=500)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["worker"], condition=OPEN, name="one_open_drain")]

    def __str__(self) -> str:
        return self.worker


class Verdict(models.TextChoices):
    """What a finished entry's figures are, held against the accepted ones of the same key."""

    FIRST = "first"
    REPRODUCED = "reproduced"
    CHANGED = "changed"


class Decision(models.TextChoices):
    """What an operator made of a changed result."""

    KEEP = "keep"
    REPLACE = "replace"


class Result(models.Model):
    """A finished entry by what makes its figures: `key` is of method version, settings, tier and comparability key.

    `against` is the entry whose figures were the accepted ones when it finished; `changes` those of its figures that
    differ from them by more than chance explains: [{metric, domain, before, after, tolerance}]. Until an operator has
    decided, a changed result stands on no board; with `replace` it does, and the others of its key do not.
    """

    submission = models.OneToOneField("submissions.Submission", models.CASCADE, related_name="result")
    key = models.CharField(max_length=64, db_index=True)
    verdict = models.CharField(max_length=20, choices=Verdict.choices)
    against = models.ForeignKey("submissions.Submission", models.CASCADE, null=True, related_name="repeated_by")
    changes = models.JSONField(default=list)
    at = models.DateTimeField()
    decision = models.CharField(max_length=20, choices=Decision.choices, blank=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.submission_id}: {self.verdict} {self.decision}".strip()


class FrozenBoard(models.Model):
    """A board as it stood, for good: `content` is what its API gave, `name` is the last part of its address."""

    benchmark = models.CharField(max_length=100)
    tier = models.CharField(max_length=20, blank=True)
    name = models.CharField(max_length=80)
    key = models.CharField(max_length=64, blank=True)
    reason = models.CharField(max_length=500)
    content = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["benchmark", "name"], name="one_frozen_board_a_name")]

    def __str__(self) -> str:
        return f"{self.benchmark} at {self.name}"
