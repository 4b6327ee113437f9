"""What was found of entries that somebody set beside one another, made by the site worker and kept."""

from typing import ClassVar

from django.db import models


class Contrast(models.Model):
    """A few entries of one board, compared example by example.

    key: a hash of the entries, their figures and their kept outcomes, so that it is made again exactly when one of them
    changed. content: what may be published of it, null until it is made; see `making`.
    """

    key = models.CharField(max_length=64, unique=True)
    entries = models.JSONField()
    content = models.JSONField(null=True)
    wanted_at = models.DateTimeField(db_index=True)
    made_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["wanted_at", "id"]

    def __str__(self) -> str:
        return f"{len(self.entries)} entries, {self.key[:12]}"
