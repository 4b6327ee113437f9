"""What is kept of a benchmark's hosting. A benchmark without a row is open, has no phases and asks nothing."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class Hosting(models.Model):
    """A benchmark's rules of intake.

    `sentence` says why the intake is not open. `keep_days` is how long files of ended entries are kept; None is for
    ever. `questions` has `questions.Question` as JSON, in order. Until `hidden_until` scores are told to hosts and
    operators alone, and where `authors_see` says so to an entry's author: see `hosting.hidden`.
    """

    benchmark = models.CharField(max_length=100, unique=True)
    intake = models.CharField(max_length=10, default="open")
    sentence = models.CharField(max_length=500, blank=True)
    keep_days = models.PositiveIntegerField(null=True)
    questions = models.JSONField(default=list)
    hidden_until = models.DateTimeField(null=True)
    authors_see = models.BooleanField(default=True)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.benchmark}: {self.intake}"


class Phase(models.Model):
    """A time in which entries are taken. `closes_at` may be open; `most` bounds a person's entries in it; 0 does not.

    The name is part of addresses. Phases of one benchmark do not overlap, so that an entry's is known by its time.
    """

    benchmark = models.CharField(max_length=100)
    name = models.SlugField(max_length=40)
    title = models.CharField(max_length=100)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField(null=True)
    most = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["opens_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["benchmark", "name"], name="one_phase_of_a_name"),
            models.CheckConstraint(
                condition=Q(closes_at=None) | Q(closes_at__gt=F("opens_at")), name="a_phase_closes_after_it_opens"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} of {self.benchmark}"
