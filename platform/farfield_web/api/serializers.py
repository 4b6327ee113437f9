"""The JSON of people, methods, submissions and runs."""

from collections import Counter
from typing import Any

from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from farfield_evaluators.figure import Figure
from farfield_evaluators.run_plan import Chosen, cell_title
from farfield_web import published
from farfield_web.api.claims import ClaimsForm, claims_in
from farfield_web.api.corrections import CorrectionBody, ResultBody, RulingBody, result_of
from farfield_web.api.figure_bodies import ChosenBody, SubmissionFigureBody, SweepBody, rounded_facts
from farfield_web.api.figures import AskedLabelsBody, ErrorField, FigureField, StandingBody, with_spread
from farfield_web.api.links import PageField
from farfield_web.api.people_serializers import TeamField
from farfield_web.api.strict import StrictSerializer
from farfield_web.entries.models import Change
from farfield_web.entries.names import hidden_methods, shown_author, shown_holder
from farfield_web.entries.withdrawn import withdrawal_of
from farfield_web.gate import viewer_in
from farfield_web.leaderboards.labels import is_verified, labels_for
from farfield_web.leaderboards.progress import why_unranked
from farfield_web.leaderboards.standing import spread_at, standing_of
from farfield_web.runs.asked_labels import labels_of
from farfield_web.runs.digests import chosen_of
from farfield_web.runs.failures import sentence
from farfield_web.runs.figures import Key
from farfield_web.runs.models import Run, RunEvent, Score
from farfield_web.runs.queue import outlook
from farfield_web.runs.status import Status, overall
from farfield_web.submissions.handed_in import forms
from farfield_web.submissions.kinds import Kind
from farfield_web.submissions.models import Method, Submission, Upload
from farfield_web.submissions.offered import offered_methods
from farfield_web.submissions.request import Claims, Request

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
        help_text="Shares (0..1) of the `features` and `pixels` that it took which its worker had in a cache: "
        "0 is cold, 1 warm. Empty where it took nothing that is kept.",
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


class NewSubmission(StrictSerializer):
    """What to evaluate: a configuration, an uploaded package or predictions, or a container image."""

    kind = serializers.ChoiceField(
        choices=[kind.value for kind in Kind], required=False, default=Kind.CONFIGURATION.value
    )
    benchmark = serializers.CharField(max_length=100)
    method = serializers.CharField(
        max_length=60,
        required=False,
        allow_blank=True,
        default="",
        help_text="Needed for a configuration and for predictions; else only when the content brings several methods.",
    )
    track = serializers.CharField(max_length=60)
    tier = serializers.CharField(
        max_length=20,
        required=False,
        allow_blank=True,
        default="",
        help_text="How much of its plan to run, for benchmarks with `tiers`; their first when it is left out.",
    )
    config = serializers.DictField(required=False, default=dict, help_text="Settings; those left out take defaults.")
    upload = serializers.RegexField(
        "^([0-9a-f]{64})?$", required=False, allow_blank=True, default="", help_text="SHA-256 of a file sent before."
    )
    image = serializers.CharField(
        max_length=300, required=False, allow_blank=True, default="", help_text="name@sha256:... or sha256:..."
    )
    claims = ClaimsForm(required=False, allow_null=True, default=None, help_text="For predictions only.")
    summary = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=200, help_text="For predictions only: one line."
    )
    title = serializers.CharField(required=False, allow_blank=True, default="", max_length=100)
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=2000)
    team = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=60, help_text="One that you are in; shown on boards."
    )

    answers = serializers.DictField(
        required=False, default=dict, help_text="To what the benchmark asks, by the keys of its `questions`."
    )
    again = serializers.BooleanField(
        required=False,
        default=False,
        help_text="Run it although you submitted the same before; without it that is refused as submission.repeated.",
    )

    def wanted(self) -> Request:
        """The request, once the form is valid."""
        values = dict(self.validated_data)
        claims = values.pop("claims")
        return Request(**values, claims=claims_in(claims) if claims else Claims())


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


class WithdrawalBody(serializers.ModelSerializer[Change]):
    """Why its author took an entry off the boards, and since when."""

    class Meta:
        model = Change
        fields = ("reason", "at")


OWNER_HELP = "`anonymous` where its author hides their name for now, and you are neither its owner nor an operator."
INPUT_HELP = "Which of its inputs the method took; empty for its first, or its only one."


class SubmissionSummary(serializers.ModelSerializer[Submission]):
    """A submission, as lists show it. `method` is as entered, perhaps empty, until `introduced`."""

    page = PageField("submission", "pk")
    owner = serializers.SerializerMethodField(help_text=OWNER_HELP)
    team = TeamField(help_text="For which team it was made; empty for none.")
    method = serializers.CharField(source="method_name")
    input = serializers.CharField(allow_blank=True, help_text=INPUT_HELP)
    display_name = serializers.CharField(help_text="What pages call the method: with its input, or by what was sent.")
    introduced = serializers.BooleanField(source="is_introduced")
    upload = serializers.SerializerMethodField()
    verified = serializers.SerializerMethodField(help_text="Run here; else only scored here.")
    labels = serializers.SerializerMethodField()
    status = serializers.SerializerMethodField()
    config = serializers.DictField()
    answers = serializers.DictField(help_text="What its author answered to the benchmark's questions.")
    phase = serializers.CharField(
        source="phase.name",
        default=None,
        allow_null=True,
        help_text="In which phase of the benchmark it was entered, by its name.",
    )
    quota_given_back = serializers.SerializerMethodField()
    taken_off = RulingBody(allow_null=True)
    anonymous = serializers.SerializerMethodField(help_text="Whether its owner is told to nobody else but operators.")
    withdrawn = serializers.SerializerMethodField(help_text="Since when and why its author took it off the boards.")

    class Meta:
        model = Submission
        fields: tuple[str, ...] = (
            "id", "page", "kind", "owner", "team", "title", "note", "benchmark", "benchmark_version", "method",
            "input", "display_name",
            "method_version", "introduced", "upload", "image", "verified", "labels", "track", "tier", "config",
            "answers", "phase",
            "status", "created_at", "quota_given_back", "quota_returned_because", "taken_off",
            "anonymous", "withdrawn",
        )  # fmt: skip

    @extend_schema_field(serializers.ChoiceField(choices=STATUSES))
    def get_status(self, submission: Submission) -> str:
        return overall(run.status for run in submission.runs.all()).value

    @extend_schema_field(UploadBody(allow_null=True))
    def get_upload(self, submission: Submission) -> Json | None:
        return dict(UploadBody(submission.upload).data) if submission.upload else None

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_labels(self, submission: Submission) -> list[str]:
        probes = [run.probes for run in submission.runs.all()]
        return list(labels_for(submission, probes, noted=submission.is_noted))

    def get_owner(self, submission: Submission) -> str:
        return shown_author(submission, viewer_in(self.context))

    def get_anonymous(self, submission: Submission) -> bool:
        return submission.anonymous_since is not None

    @extend_schema_field(WithdrawalBody(allow_null=True))
    def get_withdrawn(self, submission: Submission) -> Json | None:
        change = withdrawal_of(submission)
        return dict(WithdrawalBody(change).data) if change else None

    def get_verified(self, submission: Submission) -> bool:
        return is_verified(submission.kind)

    def get_quota_given_back(self, submission: Submission) -> bool:
        return submission.quota_at is None


MANY_RUNS = 50


class SubmissionBody(SubmissionSummary):
    """A submission with its figures and runs.

    `chosen` is what the groups of runs gave, of which the figures are made; `progress` counts the runs by state.
    `sweep` is all of this once more, in an older form, where the plan selects among runs; elsewhere it is null.
    """

    progress = serializers.SerializerMethodField()
    chosen = serializers.SerializerMethodField()
    figures = serializers.SerializerMethodField(help_text="Over those of its runs that have succeeded.")
    unranked = serializers.SerializerMethodField(help_text="Why it has no rank; empty where nothing keeps it from one.")
    standing = serializers.SerializerMethodField(help_text="Null where the benchmark has no such rules.")
    corrections = CorrectionBody(source="rulings", many=True, help_text="All that operators said of it, in order.")
    result = serializers.SerializerMethodField(help_text="Null until all of its runs have succeeded.")
    runs = serializers.SerializerMethodField()
    sweep = serializers.SerializerMethodField()

    class Meta(SubmissionSummary.Meta):
        said: tuple[str, ...] = ("progress", "unranked", "corrections", "result", "standing")
        own: tuple[str, ...] = (*said, "figures", "chosen", "sweep", "runs")
        fields: tuple[str, ...] = (*SubmissionSummary.Meta.fields, *own)

    @extend_schema_field(RunBody(many=True))
    def get_runs(self, submission: Submission) -> list[Json]:
        runs = list(submission.runs.all())
        return list(RunBody(runs, many=True, context={"light": len(runs) > MANY_RUNS}).data)

    @extend_schema_field(SubmissionFigureBody(many=True))
    def get_figures(self, submission: Submission) -> list[Json]:
        spread = spread_at(submission)
        rounded = (published.rounded(each, spread) for each in _figures(submission).values())
        return [dict(SubmissionFigureBody(with_spread(each, spread)).data) for each in rounded]

    @extend_schema_field(ResultBody(allow_null=True))
    def get_result(self, submission: Submission) -> Json | None:
        return result_of(submission)

    def get_unranked(self, submission: Submission) -> str:
        return why_unranked(submission)

    @extend_schema_field(StandingBody(allow_null=True))
    def get_standing(self, submission: Submission) -> Json | None:
        benchmark = submission.known_benchmark
        probes = [run.probes for run in submission.runs.all()]
        standing = standing_of(benchmark, submission, _figures(submission), probes) if benchmark else None
        return dict(StandingBody(standing).data) if standing else None

    @extend_schema_field(serializers.DictField(child=serializers.IntegerField()))
    def get_progress(self, submission: Submission) -> dict[str, int]:
        states = Counter(run.status for run in submission.runs.all())
        return {"total": states.total(), **{status: states[status] for status in STATUSES}}

    @extend_schema_field(ChosenBody(many=True))
    def get_chosen(self, submission: Submission) -> list[Json]:
        return list(ChosenBody(chosen_of(submission), many=True).data)

    @extend_schema_field(SweepBody(allow_null=True))
    def get_sweep(self, submission: Submission) -> Json | None:
        benchmark = submission.known_benchmark
        rules = {each.metric: each.name for each in benchmark.plan.selections} if benchmark else {}
        if not rules:
            return None
        selected = [_selected(rules[each.metric], each) for each in chosen_of(submission)]
        values = {"tier": submission.tier, "runs": self.get_progress(submission), "selected": selected}
        return dict(SweepBody({**values, "scores": submission.figures.all()}).data)


def _figures(submission: Submission) -> dict[Key, Figure]:
    """Its figures, of the rows that were read with it."""
    rows = [{name: getattr(row, name) for name in Figure.__dataclass_fields__} for row in submission.figures.all()]
    return {(row["metric"], row["domain"]): Figure(**row) for row in rows}


def _selected(rule: str, chosen: Chosen) -> Json:
    told = {**{name: value for name, value in chosen.at.items() if not isinstance(value, list)}, **chosen.facts}
    return {"rule": rule, **rounded_facts(told), "test": published.figure(chosen.value), "n": chosen.n}


class LogBody(serializers.Serializer[Any]):
    """The log from `offset` on. Ask again with `length` as the next offset while `open`."""

    attempt = serializers.IntegerField()
    offset = serializers.IntegerField()
    text = serializers.CharField()
    length = serializers.IntegerField()
    left_out = serializers.IntegerField()
    open = serializers.BooleanField()
