"""What workers say about the data that a benchmark is evaluated on, and what selection rules chose of sweeps."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from farfield_web.submissions.models import Submission


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


class Selected(models.Model):
    """What a selection rule chose among the runs of one trial of a sweep, for one environment held out.

    Written anew whenever a run of that trial has finished, so it is right for the runs there are. `validation` is what
    the rule went by and `test` the reported accuracy (0..1) on the environment's in-split of `n` examples, `n` null
    where that is not known. `test_env` is the environment's number.
    """

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="selected")
    rule = models.CharField(max_length=20)
    test_env = models.PositiveIntegerField()
    trial_seed = models.PositiveIntegerField()
    hparams_seed = models.PositiveIntegerField()
    step = models.PositiveIntegerField()
    validation = models.FloatField()
    test = models.FloatField()
    n = models.PositiveIntegerField(null=True)

    class Meta:
        ordering: ClassVar = ["rule", "test_env", "trial_seed"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["submission", "rule", "test_env", "trial_seed"], name="one_choice_per_rule_and_trial"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} on environment {self.test_env}, trial {self.trial_seed}: {self.test}"
