"""The JSON of benchmarks and boards."""

from typing import Any

from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from farfield_evaluators.benchmark import Benchmark, Column
from farfield_evaluators.plans.means import BESIDES
from farfield_evaluators.seen import Seen
from farfield_web.api.figures import ErrorField, FigureField, StandingBody, with_spread
from farfield_web.api.links import PageField
from farfield_web.api.serializers import Json
from farfield_web.api.submission_serializers import INPUT_HELP, OWNER_HELP
from farfield_web.entries.names import shown_author, shown_team
from farfield_web.leaderboards.queries import Row, current_data, with_data
from farfield_web.leaderboards.standing import spread_at
from farfield_web.submissions.models import BenchmarkData


def name_of(column: Column) -> str:
    """What a column is called in queries and answers."""
    return f"{column.metric}:{column.domain}"


class DataBody(serializers.ModelSerializer[BenchmarkData]):
    """The data that workers evaluate on now."""

    classes = serializers.ListField(child=serializers.CharField())
    counts = serializers.DictField(
        child=serializers.IntegerField(), help_text="Of test domains and of what is learned."
    )
    groups = serializers.ListField(
        child=serializers.DictField(),
        help_text="Groups of test examples of which there is a figure each; count may be 0.",
    )

    class Meta:
        model = BenchmarkData
        fields = ("version", "fingerprint", "key", "counts", "classes", "groups", "announced_at")


class DomainBody(serializers.Serializer[Any]):
    """A test domain and its part in the protocol."""

    name = serializers.CharField()
    title = serializers.CharField()
    role = serializers.CharField()


class MetricBody(serializers.Serializer[Any]):
    """A metric and its direction. A unit of % means: shown times 100."""

    name = serializers.CharField()
    title = serializers.CharField()
    higher_is_better = serializers.BooleanField()
    description = serializers.CharField()
    unit = serializers.CharField(allow_blank=True)


class ColumnBody(serializers.Serializer[Any]):
    """A column of the board; the first is the headline. `name` is what `ranked_by` takes."""

    name = serializers.SerializerMethodField()
    metric = serializers.CharField()
    domain = serializers.CharField()
    title = serializers.CharField()

    def get_name(self, column: Column) -> str:
        return name_of(column)


class TrackBody(serializers.Serializer[Any]):
    """What a method may have learned from. A null `pretraining` allows any, if it is named."""

    name = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    pretraining = serializers.ListField(child=serializers.CharField(), allow_null=True)
    extra_data = serializers.BooleanField()


class TierBody(serializers.Serializer[Any]):
    """How much of a plan is run: a board of its own. `protocol` decides what is comparable."""

    name = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    protocol = serializers.DictField()


class RulesBody(serializers.Serializer[Any]):
    """The rules by which a benchmark's authors tell standard entries from others."""

    of = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment] # a field, not the argument of this name
    replicates = serializers.IntegerField()
    extra_data = serializers.BooleanField()
    forbids = serializers.ListField(child=serializers.CharField(), help_text="Departures of what is not standard.")
    refuses = serializers.ListField(child=serializers.CharField(), help_text="Departures of what may not be entered.")


class PlotBody(serializers.Serializer[Any]):
    """Two figures of an entry that the board shows against each other."""

    title = serializers.CharField()
    x = ColumnBody()
    y = ColumnBody()


class BenchmarkSummary(serializers.Serializer[Any]):
    """A benchmark, as lists show it."""

    name = serializers.CharField()
    page = PageField("benchmark", "name")
    board = PageField("board", "name")
    version = serializers.CharField()
    family = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    has_data = serializers.SerializerMethodField(
        help_text="Whether a worker of this site has its data; else an entry would wait without end."
    )

    def get_has_data(self, benchmark: Benchmark) -> bool:
        return benchmark.name in self._with_data

    @cached_property
    def _with_data(self) -> frozenset[str]:
        return with_data()


class TrialsField(serializers.IntegerField):
    """Over how many trials figures are where there is no tier to choose; 1 where there is."""

    def get_attribute(self, instance: Benchmark) -> int:
        return 1 if instance.plan.tiers else instance.plan.trials("")


class BenchmarkBody(BenchmarkSummary):
    """A benchmark: its protocol, and the data that workers evaluate on now."""

    description = serializers.CharField()
    trials = TrialsField()
    stochastic_trials = serializers.IntegerField(
        source="plan.stochastic",
        help_text="How many trials a method has that is declared stochastic, where it has more than others; else 0. "
        "`stderr` of a mean over them is over trials and test examples both; elsewhere it is over trials alone.",
    )
    spread = serializers.ChoiceField(
        choices=["stderr", *BESIDES],
        source="plan.spread",
        help_text="What pages show after ± of a mean over trials: its standard error, their standard deviation, "
        "or the 95% interval of 1.96 standard deviations (ddof 0) over the root of their number.",
    )
    runs_methods = serializers.BooleanField(help_text="Whether methods are run on it; else it takes predictions only.")
    standing = RulesBody(allow_null=True, help_text="The rules by which an entry is standard, where there are some.")
    plots = PlotBody(many=True)
    licence = serializers.CharField()
    citations = serializers.ListField(child=serializers.CharField())
    domains = DomainBody(many=True)
    metrics = serializers.SerializerMethodField(help_text="All that a run stores; columns use some of them.")
    columns = ColumnBody(many=True)
    tracks = TrackBody(many=True)
    tiers = TierBody(
        many=True, source="plan.tiers", help_text="The first is the default; empty where there is nothing to choose."
    )
    data = serializers.SerializerMethodField()  # type: ignore[assignment] # a field, not the property of this name

    @extend_schema_field(MetricBody(many=True))
    def get_metrics(self, benchmark: Benchmark) -> list[Json]:
        return list(MetricBody(benchmark.metrics, many=True).data)

    @extend_schema_field(DataBody(allow_null=True))
    def get_data(self, benchmark: Benchmark) -> Json | None:
        data = current_data(benchmark.name)
        return dict(DataBody(data).data) if data else None


class FigureBody(serializers.Serializer[Any]):
    """A mean over trials, rounded to about four significant digits; ranks are made before rounding.

    `stderr` is over trials when there are several, else over examples. `std` is the standard deviation over trials
    (ddof 1) of a benchmark whose `spread` is that, else null; `ci95` likewise the 95% interval.
    """

    value = FigureField()
    stderr = ErrorField(allow_null=True)
    std = ErrorField(allow_null=True)
    ci95 = ErrorField(allow_null=True)
    trials = serializers.IntegerField()


# One for each column, null where an entry lacks it; drf-spectacular does not write that the child may be null.
FIGURES = {"type": "array", "items": {"oneOf": [{"$ref": "#/components/schemas/FigureBody"}, {"type": "null"}]}}


class PlaceBody(serializers.Serializer[Any]):
    """What an entry's rank may be beyond chance: all intervals of a board hold at once in 95 of 100 boards."""

    low = serializers.IntegerField(help_text="The best rank it may hold.")
    high = serializers.IntegerField(help_text="The worst.")
    tie_tier = serializers.IntegerField(
        source="tier", help_text="Of tier 1 none is told apart from the best; and so on."
    )
    paired = serializers.BooleanField(help_text="Compared example by example; else by its standard error.")


class RowBody(serializers.Serializer[Any]):
    """A line of a board; `figures` are in the order of the columns. A null rank has its reason."""

    rank = serializers.IntegerField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)
    tied_with_best = serializers.BooleanField()
    place = PlaceBody(allow_null=True, help_text="Null until the entry was compared with the others, in minutes.")
    submission = serializers.UUIDField(source="entry.submission.id")
    page = PageField("submission", "entry.submission.pk")
    title = serializers.CharField(source="entry.submission.title", allow_blank=True)
    owner = serializers.SerializerMethodField(help_text=OWNER_HELP)
    team = serializers.SerializerMethodField(help_text="For which team it was made; empty for none.")
    method = serializers.CharField(source="entry.submission.method_name")
    input = serializers.CharField(source="entry.submission.input", allow_blank=True, help_text=INPUT_HELP)
    display_name = serializers.CharField(source="entry.submission.display_name")
    kind = serializers.CharField(source="entry.submission.kind")
    verified = serializers.BooleanField(source="entry.verified", help_text="Run here; else only scored here.")
    reproduced = serializers.IntegerField(
        source="entry.reproduced", help_text="How many other entries gave the same figures within chance."
    )
    seen = serializers.ChoiceField(
        source="entry.seen",
        choices=[each.value for each in Seen],
        help_text="What of the test data its training data has, as its author declares; unknown is not none.",
    )
    labels = serializers.ListField(source="entry.labels", child=serializers.CharField())
    phase = serializers.CharField(
        source="entry.submission.phase.name",
        default=None,
        allow_null=True,
        help_text="In which phase of the benchmark it was entered, by its name.",
    )
    answers = serializers.DictField(
        source="entry.submission.answers", help_text="What its author answered to the benchmark's questions."
    )
    standing = StandingBody(source="entry.standing", allow_null=True, help_text="Null where there are no such rules.")
    method_version = serializers.CharField(source="entry.submission.method_version")
    track = serializers.CharField(source="entry.submission.track")
    tier = serializers.CharField(source="entry.submission.tier", allow_blank=True)
    config = serializers.DictField(source="entry.submission.config")
    created_at = serializers.DateTimeField(source="entry.submission.created_at")
    figures = serializers.SerializerMethodField()

    def get_owner(self, row: Row) -> str:
        return shown_author(row.entry.submission)

    def get_team(self, row: Row) -> str:
        return shown_team(row.entry.submission)

    @extend_schema_field(FIGURES)
    def get_figures(self, row: Row) -> list[Json | None]:
        spread, body = spread_at(row.entry.submission), self._figure_body
        return [body.to_representation(with_spread(figure, spread)) if figure else None for figure in row.figures]

    @cached_property
    def _figure_body(self) -> FigureBody:
        """One for all figures of all rows: to make one takes longer than to use it."""
        return FigureBody()


class BoardBody(serializers.Serializer[Any]):
    """A page of a board in the order of one column. `apart` holds results that are not comparable with it.

    Ranks are of the whole board, whatever was asked for. Of `apart` the first are here; `?apart=true` has its pages.
    """

    benchmark = serializers.CharField(source="benchmark.name")
    page = PageField("board", "benchmark.name")
    version = serializers.CharField(source="benchmark.version")
    track = serializers.CharField(allow_null=True)
    tier = serializers.CharField(allow_blank=True, help_text="Empty for benchmarks without tiers.")
    verified_only = serializers.BooleanField()
    key = serializers.CharField(allow_null=True)
    columns = ColumnBody(many=True)
    ranked_by = serializers.CharField(help_text="The name of the column that ranks.")
    entries = serializers.IntegerField(help_text="Rows of the whole board.")
    revision = serializers.IntegerField(help_text="It grows with every change of the board.")
    count = serializers.IntegerField(help_text="Rows that were asked for, on all pages.")
    page_number = serializers.IntegerField()
    pages = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    rows = RowBody(many=True)
    apart = RowBody(many=True)
    apart_count = serializers.IntegerField(help_text="How many results are not comparable.")
