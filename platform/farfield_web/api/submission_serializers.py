"""The JSON of submissions: what is sent to enter one, and what is told of it."""

from collections import Counter

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from farfield_evaluators.figure import Figure
from farfield_evaluators.run_plan import Chosen
from farfield_web import published
from farfield_web.api.claims import ClaimsForm, claims_in
from farfield_web.api.corrections import CorrectionBody, ResultBody, RulingBody, result_of
from farfield_web.api.figure_bodies import ChosenBody, SubmissionFigureBody, SweepBody, rounded_facts
from farfield_web.api.figures import StandingBody, with_spread
from farfield_web.api.links import PageField
from farfield_web.api.people_serializers import TeamField
from farfield_web.api.serializers import STATUSES, Json, RunBody, UploadBody
from farfield_web.api.strict import StrictSerializer
from farfield_web.entries.models import Change
from farfield_web.entries.names import shown_author
from farfield_web.entries.withdrawn import withdrawal_of
from farfield_web.gate import viewer_in
from farfield_web.leaderboards.labels import is_verified, labels_for
from farfield_web.leaderboards.progress import why_unranked
from farfield_web.leaderboards.standing import spread_at, standing_of
from farfield_web.runs.digests import chosen_of
from farfield_web.runs.figures import Key
from farfield_web.runs.status import overall
from farfield_web.submissions.kinds import Kind
from farfield_web.submissions.models import Submission
from farfield_web.submissions.request import Claims, Request


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
