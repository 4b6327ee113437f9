"""What is kept of boards: who was found better than whom, so that no page has to read outcomes of examples."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from farfield_web.submissions.models import Submission


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
    """Where a board is: how many of its changes its lines have taken in. Its revision is that and what still waits.

    made_by: a hash of the code and the benchmark by which the lines were made: by others they are made again.
    facets: what its rows can be filtered by, with counts. differing: of each method the settings that tell its entries
    apart, for the board and for what is not comparable with it.
    """

    benchmark = models.CharField(max_length=100)
    tier = models.CharField(max_length=100, blank=True)
    revision = models.BigIntegerField(default=0)
    made_by = models.CharField(max_length=64, blank=True)
    facets = models.JSONField(default=dict)
    differing = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["benchmark", "tier"], name="one_state_of_a_board")]

    def __str__(self) -> str:
        return f"{self.benchmark} {self.tier} at {self.revision}"


class BoardChange(models.Model):
    """That something changed what a board shows: of one submission, or, where that is null, perhaps of all.

    Without `lines` the lines are as they were, and only what is between them has changed, such as who is better.

    A row for each change, in its transaction, instead of a number that is counted up: no two writers wait for each
    other, and none can be missed, whatever the order in which they commit. Whoever reads the board next takes them in.
    """

    benchmark = models.CharField(max_length=100)
    tier = models.CharField(max_length=100, blank=True)
    submission = models.UUIDField(null=True)
    lines = models.BooleanField(default=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["benchmark", "tier"], name="changes_of_a_board")]

    def __str__(self) -> str:
        return f"a change of {self.benchmark} {self.tier}".strip()


class BoardLine(models.Model):
    """An entry as boards choose it: what can be asked of it without reading its runs, made anew when it changes.

    A submission has one once it has a figure. done: all its runs have succeeded. keys: the comparability keys of those
    that have. struck: an operator took it off. badges: its labels, and what `selection` names. phase: the name of the
    one that it was entered in. settings: its configuration as `name:value`. text: in lower case, what a search looks
    through. values, errors: its figures of the board's columns and their standard errors, at full precision; null where
    it has none.
    """

    submission = models.OneToOneField(Submission, models.CASCADE, primary_key=True, related_name="board_line")
    benchmark = models.CharField(max_length=100)
    tier = models.CharField(max_length=100, blank=True)
    owner = models.BigIntegerField()
    identity = models.CharField(max_length=64)
    entered_at = models.DateTimeField()
    done = models.BooleanField()
    struck = models.BooleanField()
    keys = ArrayField(models.CharField(max_length=64))
    method = models.CharField(max_length=400)
    version = models.CharField(max_length=100, blank=True)
    content = models.CharField(max_length=300, blank=True)
    author = models.CharField(max_length=150)
    kind = models.CharField(max_length=20)
    track = models.CharField(max_length=60)
    backbone = models.TextField(blank=True)
    phase = models.CharField(max_length=100, blank=True)
    badges = ArrayField(models.TextField())
    config = models.JSONField()
    settings = ArrayField(models.TextField(), default=list)
    text = models.TextField()
    values = ArrayField(models.FloatField(null=True), default=list)
    errors = ArrayField(models.FloatField(null=True), default=list)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["benchmark", "tier", "-entered_at"], name="lines_of_a_board")]

    def __str__(self) -> str:
        return f"{self.method} on {self.benchmark}"


class ColumnStanding(models.Model):
    """A board in the order of one column, as it was at a revision. It is never changed: a later revision has another.

    entries: how many rows the board has, ranked: those of them with a rank, apart: those that are not comparable with
    it, which come last. paired: whether any was compared example by example. bests: of each column of the board the
    best figure of those with a rank, null where none has one.
    """

    state = models.ForeignKey(BoardState, models.CASCADE, related_name="standings")
    metric = models.CharField(max_length=100)
    domain = models.CharField(max_length=200)
    revision = models.BigIntegerField()
    key = models.CharField(max_length=64, null=True)
    entries = models.PositiveIntegerField()
    ranked = models.PositiveIntegerField()
    apart = models.PositiveIntegerField()
    has_unverified = models.BooleanField()
    paired = models.BooleanField()
    bests = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["state", "metric", "domain", "revision"], name="one_standing_of_a_column_and_revision"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric} on {self.domain} at {self.revision}"


class StandingPlace(models.Model):
    """A row of a standing: `position` counts from 0 in the order of the board. A null rank has its reason in `part`.

    low, high, tie_tier: what its rank may be beyond chance, null where it was not compared yet.
    """

    class Part(models.IntegerChoices):
        """Why a row is where it is, in the order of the board."""

        RANKED = 0
        WITHOUT_FIGURE = 1
        UNFINISHED = 2
        STRUCK = 3
        APART = 4

    standing = models.ForeignKey(ColumnStanding, models.CASCADE, related_name="places", db_index=False)
    position = models.PositiveIntegerField()
    line = models.ForeignKey(BoardLine, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="places")
    part = models.SmallIntegerField(choices=Part.choices)
    rank = models.PositiveIntegerField(null=True)
    tied_with_best = models.BooleanField()
    low = models.PositiveIntegerField(null=True)
    high = models.PositiveIntegerField(null=True)
    tie_tier = models.PositiveIntegerField(null=True)
    paired = models.BooleanField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["standing", "position"], name="one_row_at_a_position"),
            models.UniqueConstraint(fields=["standing", "line"], name="one_row_of_a_line"),
        ]

    def __str__(self) -> str:
        return f"{self.rank or '-'}: {self.line_id}"
