"""Runs and what is kept about each: events, scores and logs."""

import uuid
from typing import ClassVar

from django.db import models
from django.urls import reverse

from farfield_web.runs.lines import Line
from farfield_web.runs.status import LEASED, OPEN, TERMINAL, Status
from farfield_web.submissions.models import Submission


class Run(models.Model):
    """One cell of a submission's plan: what a worker evaluates. Its `status` changes only through `status.move`.

    `token` is the fencing token of the current lease. `attempt` counts up and is never reused; `losses` counts
    the attempts lost by no fault of the method since the last time a person asked for the run. A higher `priority`
    is claimed first; only operators set it. `probes` is what the protocol probes found, empty when there were none.
    `line` is where it waits, by `lines.line_of`; it follows `resource`.
    `cell` is the run's place on each axis of the plan, such as {"trial": 0}; it is {} for the one run of what was
    handed in, which stands for all cells. `trial` is its number among the runs, in the plan's order.
    `memory` is what it held at most, {"peak_bytes", "limit_bytes", "counted"}, empty where nothing was seen.
    `usage` is what it used over time, as `farfield_evaluators.wire.Usage` has it; empty where nothing was seen.
    `curve` holds the figures of the same training at other points, in the form of the report: [{"point", "scores"}],
    points ascending; only a run that has succeeded may have one.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(Submission, models.CASCADE, related_name="runs")
    trial = models.PositiveIntegerField()
    seed = models.BigIntegerField()
    cell = models.JSONField(default=dict)
    resource = models.CharField(max_length=20)
    line = models.ForeignKey(Line, models.RESTRICT, related_name="runs", db_index=False)
    status = models.CharField(max_length=20, choices=[(s.value, s.value) for s in Status], default=Status.QUEUED.value)
    status_at = models.DateTimeField()
    attempt = models.PositiveIntegerField(default=1)
    losses = models.PositiveIntegerField(default=0)
    token = models.CharField(max_length=64, blank=True)
    worker = models.CharField(max_length=200, blank=True)
    lease_until = models.DateTimeField(null=True)
    queued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    progress = models.JSONField(null=True)
    failure_code = models.CharField(max_length=100, blank=True)
    failure_message = models.TextField(blank=True)
    comparability_key = models.CharField(max_length=64, blank=True)
    seconds = models.JSONField(default=dict)
    environment = models.JSONField(default=dict)
    method_version = models.CharField(max_length=100, blank=True)
    probes = models.JSONField(default=dict)
    memory = models.JSONField(default=dict)
    usage = models.JSONField(default=dict)
    cached = models.JSONField(default=dict)
    curve = models.JSONField(default=list)
    priority = models.IntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["trial"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["submission", "trial"], name="one_run_per_trial"),
            models.UniqueConstraint(fields=["submission", "cell"], name="one_run_per_cell"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["status", "resource", "queued_at"], name="runs_to_claim"),
            models.Index(
                fields=["priority", "line", "queued_at", "trial", "id"],
                condition=models.Q(status=Status.QUEUED.value),
                name="runs_in_line",
            ),
            models.Index(fields=["status", "lease_until"], name="runs_to_reap"),
            models.Index(  # how long runs of a method take is told from those that are done of its newest entries
                fields=["submission", "-finished_at"],
                condition=models.Q(status=Status.SUCCEEDED.value),
                name="runs_done_of_entry",
            ),
            models.Index(  # whether an entry is done is asked at the end of each of its runs
                fields=["submission"], condition=~models.Q(status=Status.SUCCEEDED.value), name="runs_not_done_of_entry"
            ),
            models.Index(
                fields=["-finished_at"], condition=models.Q(status=Status.SUCCEEDED.value), name="runs_newest_done"
            ),
        ]

    def __str__(self) -> str:
        return f"run {self.trial + 1} of {self.submission}"

    @property
    def state(self) -> Status:
        return Status(self.status)

    @property
    def is_open(self) -> bool:
        """Whether something may still happen to it by itself."""
        return self.state in OPEN

    @property
    def is_leased(self) -> bool:
        return self.state in LEASED

    @property
    def is_finished(self) -> bool:
        return self.state in TERMINAL


class RunEvent(models.Model):
    """A line of a run's timeline: `moved` from state to state, or something noteworthy that changed nothing."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="events")
    at = models.DateTimeField()
    kind = models.CharField(max_length=40)
    attempt = models.PositiveIntegerField()
    source = models.CharField(max_length=20, blank=True)
    target = models.CharField(max_length=20, blank=True)
    message = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.source} {self.target}".strip()


class Score(models.Model):
    """A figure at full precision. `domain` is a domain's name or an aggregate: id, shifts, near, far.

    `stderr` is over the `n` test examples.
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="scores")
    attempt = models.PositiveIntegerField()
    metric = models.CharField(max_length=60)
    domain = models.CharField(max_length=100)
    value = models.FloatField()
    stderr = models.FloatField(null=True)
    n = models.PositiveIntegerField(null=True)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "attempt", "metric", "domain"], name="one_score_per_figure"),
        ]

    def __str__(self) -> str:
        return f"{self.metric} on {self.domain}: {self.value}"


class SubmissionFigure(models.Model):
    """A figure of a submission at full precision, of what its runs have given so far: what boards, API and pages read.

    Written anew in the transaction that stores a run's report, so that no reader's cost grows with the runs. `domain`
    is a domain's name or an aggregate. `stderr` is over the `trials` where there are several, else over examples; `n`
    counts the test examples of all trials. Both are null where they are not known. Rows are in the order of the board.
    """

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="figures")
    metric = models.CharField(max_length=60)
    domain = models.CharField(max_length=100)
    value = models.FloatField()
    stderr = models.FloatField(null=True)
    n = models.PositiveBigIntegerField(null=True)
    trials = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["submission", "metric", "domain"], name="one_figure_per_submission"),
        ]

    def __str__(self) -> str:
        return f"{self.metric} on {self.domain}: {self.value}"


class RunEvidence(models.Model):
    """What a finished run gave beside figures: lines of text, each with its end, and facts, as its plan has them.

    Figures are made of it, by way of digests. That of the one run of what was handed in stands for all cells.
    """

    run = models.OneToOneField(Run, models.CASCADE, related_name="evidence")
    attempt = models.PositiveIntegerField()
    lines = models.TextField()
    facts = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"evidence of run {self.run_id}"


class Digest(models.Model):
    """What a group of a submission's runs gives, chosen anew whenever a run of the group has finished.

    Which runs are a group, and what is chosen of them, its plan says; `chosen` holds the evaluators' `Chosen` as JSON.
    Figures are made of digests, so that one more run never costs reading the evidence of all.
    """

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="digests")
    group = models.CharField(max_length=200)
    chosen = models.JSONField(default=list)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["submission", "group"], name="one_digest_per_group"),
        ]

    def __str__(self) -> str:
        return f"{self.group} of {self.submission_id}"


class RunOutcomes(models.Model):
    """The file of what an attempt said of each test example, called by its hash; see `runs/example_outcomes.py`."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="outcomes")
    attempt = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    size = models.PositiveBigIntegerField()
    rows = models.PositiveBigIntegerField()
    kept_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "attempt"], name="outcomes_once_per_attempt"),
        ]

    def __str__(self) -> str:
        return f"outcomes of attempt {self.attempt} of run {self.run_id}"


class RunLog(models.Model):
    """The log of one attempt: the first characters, the last ones, and how many there were in all."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="logs")
    attempt = models.PositiveIntegerField()
    head = models.TextField(blank=True)
    tail = models.TextField(blank=True)
    length = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "attempt"], name="one_log_per_attempt"),
        ]

    def __str__(self) -> str:
        return f"log of attempt {self.attempt} of run {self.run_id}"


class Picture(models.Model):
    """A picture as a worker drew it, by the hash of its content: test images are the same for all entries."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    content = models.BinaryField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.width} x {self.height} pixels, {self.sha256[:12]}"


class RunPicture(models.Model):
    """A layer of a picture of a run: the image, what was detected, or what is there; see `runs/pictures.py`.

    `about` is of an image: its domain, and what was said of it, as `farfield_evaluators.pictures.about` has it.
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="pictures")
    place = models.PositiveIntegerField()
    layer = models.CharField(max_length=10)
    words = models.CharField(max_length=1000)
    about = models.JSONField(default=dict)
    picture = models.ForeignKey(Picture, models.PROTECT)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "place", "layer"], name="one_layer_of_a_picture"),
        ]
        ordering: ClassVar = ["place", "layer"]

    def __str__(self) -> str:
        return f"{self.layer} of picture {self.place} of run {self.run_id}"

    @property
    def address(self) -> str:
        """Where it is; this changes with the content, so that a browser may keep it."""
        place = reverse("run-picture", args=[self.run_id, self.place, self.layer])
        return f"{place}?v={self.picture_id[:16]}"
