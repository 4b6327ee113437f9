"""What authors did with their entries after they were sent."""

from enum import StrEnum
from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from farfield_web.runs.models import Run
from farfield_web.submissions.models import Submission


class Verb(StrEnum):
    """What can be done; of WITHDRAW and TAKE_BACK the last one holds."""

    EDIT = "edit"
    WITHDRAW = "withdraw"
    TAKE_BACK = "take-back"
    HIDE_AUTHOR = "hide-author"
    SHOW_AUTHOR = "show-author"


class Change(models.Model):
    """A change of an entry by its author. Rows are only ever added.

    `before` holds what an edit replaced, by its name: it is for the author and the operators, since it may say whose an
    anonymous entry is. `reason` is public.
    """

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="changes")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.RESTRICT, related_name="+")
    verb = models.CharField(max_length=20, choices=[(verb.value, verb.value) for verb in Verb])
    reason = models.CharField(max_length=500, blank=True)
    before = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.verb} of {self.submission_id}"

    def save(self, *args: Any, **options: Any) -> None:
        if not self._state.adding:
            raise TypeError("a change is never changed; add another")
        super().save(*args, **options)


class RunConfusion(models.Model):
    """Which classes an attempt took for which on one test domain, as the evaluators' `Confusion` has it as JSON.

    Exact counts, for the operator alone: what may be told of them is `entries.confusions`' to say.
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="confusions")
    attempt = models.PositiveIntegerField()
    domain = models.CharField(max_length=100)
    counts = models.JSONField()

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "attempt", "domain"], name="one_confusion_of_a_domain"),
        ]

    def __str__(self) -> str:
        return f"{self.domain} of run {self.run_id}"
