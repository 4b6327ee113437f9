"""What workers say about the data that a benchmark is evaluated on."""

from typing import ClassVar

from django.db import models
from django.db.models import Q


class BenchmarkData(models.Model):
    """One state of a benchmark's data. Results belong on one board exactly when their `key` is equal."""

    benchmark = models.CharField(max_length=100)
    version = models.CharField(max_length=40)
    fingerprint = models.CharField(max_length=128)
    key = models.CharField(max_length=64)
    counts = models.JSONField(default=dict)
    classes = models.JSONField(default=list)
    announced_at = models.DateTimeField()
    current = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["benchmark", "key"], name="one_row_per_key"),
            models.UniqueConstraint(fields=["benchmark"], condition=Q(current=True), name="one_current_key"),
        ]

    def __str__(self) -> str:
        return f"{self.benchmark} {self.key}"
