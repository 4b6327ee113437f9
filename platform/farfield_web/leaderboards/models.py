"""What is kept of boards: who was found better than whom, so that no page has to read outcomes of examples."""

from typing import ClassVar

from django.db import models


class Comparison(models.Model):
    """All pairs of a board's entries in one column, tested at once.

    entries: keys of submissions. better: a row of bits for each, padded to whole bytes: whether it is better than the
    entry of that place beyond chance. paired: of each entry whether it was compared example by example. inputs: a hash
    of all that it was made from, so that it is made again exactly when something of that changed.
    """

    benchmark = models.CharField(max_length=100)
    tier = models.CharField(max_length=100, blank=True)
    key = models.CharField(max_length=64)
    metric = models.CharField(max_length=100)
    domain = models.CharField(max_length=200)
    inputs = models.CharField(max_length=64)
    entries = models.JSONField()
    paired = models.JSONField()
    better = models.BinaryField()
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["benchmark", "tier", "key", "metric", "domain"], name="one_comparison_of_a_column"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.benchmark} {self.tier} by {self.metric} on {self.domain}"


class BoardState(models.Model):
    """Where a board is: how many of its changes its lines have taken in. Its revision is that and what still waits."""

    benchmark = models.CharField(max_length=100)
    tier = models.CharField(max_length=100, blank=True)
    revision = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["benchmark", "tier"], name="one_state_of_a_board")]

    def __str__(self) -> str:
        return f"{self.benchmark} {self.tier} at {self.revision}"


class BoardChange(models.Model):
    """That something changed what a board shows: of one submission, or, where that is null, perhaps of all.

    A row for each change, in its transaction, instead of a number that is counted up: no two writers wait for each
    other, and none can be missed, whatever the order in which they commit. Whoever reads the board next takes them in.
    """

    benchmark = models.CharField(max_length=100)
    tier = models.CharField(max_length=100, blank=True)
    submission = models.UUIDField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["benchmark", "tier"], name="changes_of_a_board")]

    def __str__(self) -> str:
        return f"a change of {self.benchmark} {self.tier}".strip()
