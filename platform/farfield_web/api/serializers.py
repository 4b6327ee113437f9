"""The JSON of methods, runs, uploads and environments, and of errors."""

from typing import Any

from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from farfield_evaluators.run_plan import cell_title
from farfield_web.api.figures import AskedLabelsBody, ErrorField, FigureField
from farfield_web.api.links import PageField
from farfield_web.api.strict import StrictSerializer
from farfield_web.entries.names import hidden_methods, shown_holder
from farfield_web.gate import viewer_in
from farfield_web.runs.asked_labels import labels_of
from farfield_web.runs.failures import sentence
from farfield_web.runs.models import Run, RunEvent, Score
from farfield_web.runs.queue import outlook
from farfield_web.runs.status import Status
from farfield_web.submissions.handed_in import forms
from farfield_web.submissions.models import Method, Upload
from farfield_web.submissions.offered import offered_methods

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


class QuotaBody(serializers.Serializer[Any]):
    """What the caller may still submit to a benchmark."""

    benchmark = serializers.CharField()
    limit = serializers.IntegerField()
    used = serializers.IntegerField()
    remaining = serializers.IntegerField()
    window_hours = serializers.FloatField()
    next_at = serializers.DateTimeField(allow_null=True)


class MethodSummary(serializers.ModelSerializer[Method]):
    """A method, as lists show it; its own answer has what its author declares, with its settings.

    `owner` is null for the operator's methods. `available` says whether it can be submitted now.
    """

    page = PageField("method", "name")
    summary = serializers.CharField()
    owner = serializers.SerializerMethodField()
    available = serializers.SerializerMethodField()

    class Meta:
        model = Method
        fields: tuple[str, ...] = (
            "name", "page", "family", "summary", "plugin", "distribution", "version", "origin", "owner", "available",
            "announced_at",
        )  # fmt: skip

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_owner(self, method: Method) -> str | None:
        return shown_holder(method, viewer_in(self.context), self._hidden)

    @cached_property
    def _hidden(self) -> frozenset[int]:
        return hidden_methods(viewer_in(self.context))

    def get_available(self, method: Method) -> bool:
        return method.pk in self._offered

    @cached_property
    def _offered(self) -> frozenset[int]:
        return frozenset(offered_methods().values_list("pk", flat=True))


class MethodBody(MethodSummary):
    """A method; `spec` is what its author declares, `spec.config_schema` the JSON Schema of its settings."""

    spec = serializers.DictField()

    class Meta(MethodSummary.Meta):
        fields: tuple[str, ...] = (*MethodSummary.Meta.fields, "spec")


class EventBody(serializers.ModelSerializer[RunEvent]):
    """A line of a run's timeline."""

    class Meta:
        model = RunEvent
        fields = ("at", "kind", "attempt", "source", "target", "message")


class ScoreBody(serializers.ModelSerializer[Score]):
    """A figure, rounded to about four significant digits; `stderr` is over the `n` test examples."""

    value = FigureField()
    stderr = ErrorField(allow_null=True)

    class Meta:
        model = Score
        fields = ("metric", "domain", "value", "stderr", "n")


class CurvePointBody(serializers.Serializer[Any]):
    """The figures of the same training at another point, such as another weight of an interpolation; never ranked."""

    point = serializers.FloatField()
    scores = ScoreBody(many=True)


class FailureBody(serializers.Serializer[Any]):
    """Why a run failed: a stable code, what it means, and what the worker said."""

    code = serializers.CharField()
    sentence = serializers.CharField()
    message = serializers.CharField()


class OutlookBody(serializers.Serializer[Any]):
    """Place in the queue (1 is next), and what to expect in seconds; null while nothing was measured.

    Of a run that waits `place` is null where more than 1,000 come first, and `of` where more than 10,000 wait.
    """

    place = serializers.IntegerField(allow_null=True)
    of = serializers.IntegerField(allow_null=True)
    run_seconds = serializers.FloatField(allow_null=True)
    wait_seconds = serializers.FloatField(allow_null=True)


class ProgressBody(serializers.Serializer[Any]):
    """How far the current phase is."""

    phase = serializers.CharField()
    done = serializers.FloatField()
    total = serializers.FloatField()


class RunBody(serializers.ModelSerializer[Run]):
    """A run: one cell of a submission's plan. `at` is its place on each axis; {} for what was handed in at once.

    `cell` is the same, and null for runs that differ by their trial alone. `title` says it in words.

    Among more than 50 runs of a submission `outlook` and `labels` are null and `environment` is empty: ask for the run
    itself.
    """

    page = PageField("run", "pk")
    submission = serializers.UUIDField(source="submission_id")
    status = serializers.ChoiceField(choices=STATUSES)
    progress = serializers.SerializerMethodField()
    failure = serializers.SerializerMethodField()
    outlook = serializers.SerializerMethodField()
    seconds = serializers.DictField()
    environment = serializers.SerializerMethodField()
    at = serializers.DictField(source="cell", help_text='Such as {"shots": 5, "seed": 2}.')
    cell = serializers.SerializerMethodField()
    title = serializers.SerializerMethodField()
    probes = serializers.DictField(help_text="What the protocol probes found; empty when there were none.")
    memory = serializers.DictField(
        help_text="The most that it held, `peak_bytes` of `limit_bytes`, and by what it was `counted`; empty if unseen."
    )
    usage = serializers.DictField(
        help_text="A point for each `every` seconds: bytes of `memory` at most, busy processors (`cpu`) in the mean. "
        "`gpu`, where the worker reads one, has bytes of `memory`, and for which share of the time it was `busy`."
    )
    cached = serializers.DictField(
        child=serializers.FloatField(),
        help_text="Shares (0..1) of the `base`, `features`, `texts` and `pixels` that it took which its worker had in "
        "a cache: 0 is cold, 1 warm. Empty where it took nothing that is kept.",
    )
    labels = serializers.SerializerMethodField()
    scores = ScoreBody(many=True)
    curve = CurvePointBody(many=True, help_text="Points in ascending order; empty for a method without a curve.")

    class Meta:
        model = Run
        fields = (
            "id", "page", "submission", "trial", "seed", "at", "cell", "title", "status", "status_at", "attempt",
            "resource", "queued_at", "started_at", "finished_at", "progress", "outlook", "failure", "seconds",
            "environment", "method_version", "probes", "memory", "usage", "cached", "labels", "comparability_key",
            "scores", "curve",
        )  # fmt: skip

    @extend_schema_field(serializers.DictField(allow_null=True))
    def get_cell(self, run: Run) -> Json | None:
        return run.cell if set(run.cell) - {"trial"} else None

    def get_title(self, run: Run) -> str:
        benchmark = run.submission.known_benchmark
        return cell_title(benchmark.plan, run.cell) if benchmark else ""

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
        return vars(outlook(run)) if run.is_open and not self._is_light else None

    def get_environment(self, run: Run) -> Json:
        return {} if self._is_light else run.environment

    @extend_schema_field(AskedLabelsBody(allow_null=True))
    def get_labels(self, run: Run) -> Json | None:
        return None if self._is_light else labels_of(run.environment)

    @property
    def _is_light(self) -> bool:
        """Whether it stands among so many that what costs a look-up each is left out."""
        return bool(self.context.get("light"))


FILE_KINDS = ["package", *forms()]


class NewUpload(StrictSerializer):
    """A file: a wheel, a source distribution, or results in a form in which a benchmark takes them."""

    file = serializers.FileField(allow_empty_file=True)
    kind = serializers.ChoiceField(
        choices=FILE_KINDS,
        required=False,
        help_text="What it is; when it is left out, its name tells: .npz, .zip for records, else a package.",
    )


class UploadBody(serializers.ModelSerializer[Upload]):
    """A file that was taken; `plugins` are the entry points found, empty when building has to tell."""

    sha256 = serializers.CharField()
    size = serializers.IntegerField()
    distribution = serializers.CharField(allow_blank=True)
    version = serializers.CharField(allow_blank=True)
    plugins = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Upload
        fields = ("sha256", "kind", "filename", "size", "distribution", "version", "plugins")


class EnvironmentBody(serializers.Serializer[Any]):
    """What a package finds installed. `fetches` says whether what is missing is fetched from an index."""

    format = serializers.IntegerField()
    fingerprint = serializers.CharField()
    python = serializers.CharField()
    markers = serializers.DictField(child=serializers.CharField(allow_blank=True))
    platforms = serializers.ListField(child=serializers.CharField(), help_text="Platform tags of wheels, best first.")
    fetches = serializers.BooleanField()
    distributions = serializers.DictField(child=serializers.CharField(), help_text="Name and version of each.")
    workers = serializers.IntegerField(help_text="How many have it at present.")


class EnvironmentsBody(serializers.Serializer[Any]):
    """The base environments that packages run on; a package must fit all of them."""

    environments = EnvironmentBody(many=True)


class LogBody(serializers.Serializer[Any]):
    """The log from `offset` on. Ask again with `length` as the next offset while `open`."""

    attempt = serializers.IntegerField()
    offset = serializers.IntegerField()
    text = serializers.CharField()
    length = serializers.IntegerField()
    left_out = serializers.IntegerField()
    open = serializers.BooleanField()
