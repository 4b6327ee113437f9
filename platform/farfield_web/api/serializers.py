"""The JSON of people, methods, submissions and runs."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from farfield_web.accounts.models import ApiToken
from farfield_web.runs.failures import sentence
from farfield_web.runs.models import Run, RunEvent, Score
from farfield_web.runs.queue import outlook
from farfield_web.runs.status import Status, overall
from farfield_web.submissions.models import Method, Submission

STATUSES = [status.value for status in Status]
Json = dict[str, Any]


class ErrorDetail(serializers.Serializer[Any]):
    """What went wrong: `code` is stable, `message` is for reading, `hint` says what to do."""

    code = serializers.CharField()
    message = serializers.CharField()
    field = serializers.CharField(allow_null=True)
    hint = serializers.CharField(allow_null=True)


class ErrorBody(serializers.Serializer[Any]):
    """The one shape of errors."""

    error = ErrorDetail()


class NewAccount(serializers.Serializer[Any]):
    """A sign-up."""

    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=200, trim_whitespace=False)
    email = serializers.EmailField(required=False, allow_blank=True, default="")


class Person(serializers.Serializer[Any]):
    """A person, as others see them."""

    username = serializers.CharField()


class Me(Person):
    """The caller."""

    email = serializers.EmailField()
    date_joined = serializers.DateTimeField()


class NewToken(serializers.Serializer[Any]):
    """A request for a token."""

    name = serializers.CharField(max_length=100)


class Token(serializers.ModelSerializer[ApiToken]):
    """A token, without its text."""

    class Meta:
        model = ApiToken
        fields: tuple[str, ...] = ("id", "name", "prefix", "created_at", "last_used_at", "revoked_at")


class TokenWithText(Token):
    """A new token; its text is shown this once."""

    token = serializers.CharField()

    class Meta(Token.Meta):
        fields: tuple[str, ...] = (*Token.Meta.fields, "token")


class QuotaBody(serializers.Serializer[Any]):
    """What the caller may still submit to a benchmark."""

    benchmark = serializers.CharField()
    limit = serializers.IntegerField()
    used = serializers.IntegerField()
    remaining = serializers.IntegerField()
    window_hours = serializers.FloatField()
    next_at = serializers.DateTimeField(allow_null=True)


class MethodBody(serializers.ModelSerializer[Method]):
    """A method; `spec` is what its author declares, `spec.config_schema` the JSON Schema of its settings."""

    spec = serializers.DictField()
    summary = serializers.CharField()

    class Meta:
        model = Method
        fields = (
            "name",
            "family",
            "summary",
            "plugin",
            "distribution",
            "version",
            "available",
            "announced_at",
            "spec",
        )


class EventBody(serializers.ModelSerializer[RunEvent]):
    """A line of a run's timeline."""

    class Meta:
        model = RunEvent
        fields = ("at", "kind", "attempt", "source", "target", "message")


class ScoreBody(serializers.ModelSerializer[Score]):
    """A figure at full precision; `stderr` is over the `n` test examples."""

    class Meta:
        model = Score
        fields = ("metric", "domain", "value", "stderr", "n")


class FailureBody(serializers.Serializer[Any]):
    """Why a run failed: a stable code, what it means, and what the worker said."""

    code = serializers.CharField()
    sentence = serializers.CharField()
    message = serializers.CharField()


class OutlookBody(serializers.Serializer[Any]):
    """Place in the queue (1 is next), and what to expect in seconds; null while nothing was measured."""

    place = serializers.IntegerField(allow_null=True)
    of = serializers.IntegerField()
    run_seconds = serializers.FloatField(allow_null=True)
    wait_seconds = serializers.FloatField(allow_null=True)


class ProgressBody(serializers.Serializer[Any]):
    """How far the current phase is."""

    phase = serializers.CharField()
    done = serializers.FloatField()
    total = serializers.FloatField()


class RunBody(serializers.ModelSerializer[Run]):
    """A run: one trial of a submission."""

    submission = serializers.UUIDField(source="submission_id")
    status = serializers.ChoiceField(choices=STATUSES)
    progress = serializers.SerializerMethodField()
    failure = serializers.SerializerMethodField()
    outlook = serializers.SerializerMethodField()
    seconds = serializers.DictField()
    environment = serializers.DictField()
    scores = ScoreBody(many=True)

    class Meta:
        model = Run
        fields = (
            "id", "submission", "trial", "seed", "status", "status_at", "attempt", "resource", "queued_at",
            "started_at", "finished_at", "progress", "outlook", "failure", "seconds", "environment",
            "method_version", "comparability_key", "scores",
        )  # fmt: skip

    @extend_schema_field(ProgressBody(allow_null=True))
    def get_progress(self, run: Run) -> Json | None:
        return run.progress if run.is_leased else None

    @extend_schema_field(FailureBody(allow_null=True))
    def get_failure(self, run: Run) -> Json | None:
        if not run.failure_code:
            return None
        return {"code": run.failure_code, "sentence": sentence(run.failure_code), "message": run.failure_message}

    @extend_schema_field(OutlookBody(allow_null=True))
    def get_outlook(self, run: Run) -> Json | None:
        return vars(outlook(run)) if run.is_open else None


class NewSubmission(serializers.Serializer[Any]):
    """What to evaluate."""

    benchmark = serializers.CharField(max_length=100)
    method = serializers.CharField(max_length=60)
    track = serializers.CharField(max_length=60)
    config = serializers.DictField(required=False, default=dict, help_text="Settings; those left out take defaults.")
    title = serializers.CharField(required=False, allow_blank=True, default="", max_length=100)
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=2000)


class SubmissionSummary(serializers.ModelSerializer[Submission]):
    """A submission, as lists show it."""

    owner = serializers.CharField(source="owner.username")
    method = serializers.CharField(source="method.name")
    status = serializers.SerializerMethodField()
    config = serializers.DictField()
    quota_given_back = serializers.SerializerMethodField()

    class Meta:
        model = Submission
        fields: tuple[str, ...] = (
            "id", "owner", "title", "note", "benchmark", "benchmark_version", "method", "method_version", "track",
            "config", "status", "created_at", "quota_given_back", "quota_returned_because",
        )  # fmt: skip

    @extend_schema_field(serializers.ChoiceField(choices=STATUSES))
    def get_status(self, submission: Submission) -> str:
        return overall(run.status for run in submission.runs.all()).value

    def get_quota_given_back(self, submission: Submission) -> bool:
        return submission.quota_at is None


class SubmissionBody(SubmissionSummary):
    """A submission with its runs."""

    runs = RunBody(many=True)

    class Meta(SubmissionSummary.Meta):
        fields: tuple[str, ...] = (*SubmissionSummary.Meta.fields, "runs")


class LogBody(serializers.Serializer[Any]):
    """The log from `offset` on. Ask again with `length` as the next offset while `open`."""

    attempt = serializers.IntegerField()
    offset = serializers.IntegerField()
    text = serializers.CharField()
    length = serializers.IntegerField()
    left_out = serializers.IntegerField()
    open = serializers.BooleanField()
