"""What the runs of an entry gave together, as tables: figures by place, and what was chosen for them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.figure import Figure
from farfield_evaluators.plans.means import error_words, spread_of, spread_words
from farfield_evaluators.run_plan import Axis, Chosen, RunPlan, Spread
from farfield_web.pages.describe import domain_title
from farfield_web.pages.runs.groups import in_order
from farfield_web.pages.submissions.entry_groups import group_domains
from farfield_web.pages.templatetags.figures import shown, shown_error
from farfield_web.runs.figures import Figures, figures_of
from farfield_web.submissions.models import Submission


@dataclass(frozen=True, kw_only=True)
class Result:
    """A figure so far. `trials` says over how many of the trials, where they are not all there yet."""

    text: str
    error: str
    trials: str


@dataclass(frozen=True, kw_only=True)
class ResultRow:
    """What there is for one place: a domain, or an average."""

    title: str
    cells: tuple[Result, ...]
    average: bool


@dataclass(frozen=True, kw_only=True)
class Column:
    """A selection, or where there are none a metric."""

    title: str
    help: str
    metric: str
    unit: str


@dataclass(frozen=True, kw_only=True)
class Results:
    """Places by selections or metrics. `missing` says which selections this tier has no runs for.

    `note` says what stands after ± where it is not what the plan's prose says.
    """

    columns: tuple[Column, ...]
    rows: tuple[ResultRow, ...]
    missing: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Told:
    """A cell of the table of choices: its text, whether it is a number, and whether it names the row."""

    text: str
    number: bool = False
    head: bool = False


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What each selection chose, as a table."""

    titles: tuple[Told, ...]
    rows: tuple[tuple[Told, ...], ...]


def results_of(submission: Submission, benchmark: Benchmark) -> Results:
    """The figures there are so far, of each place; with selections, every place there may be."""
    figures, tier = figures_of(submission), submission.tier
    missing = [why for each in benchmark.plan.selections if (why := each.lacking.get(tier, ""))]
    columns = tuple(_columns(benchmark, tier, figures))
    trials, spread = _trials(submission, benchmark), benchmark.plan.spread
    rows = (
        ResultRow(
            title=_title(benchmark, name),
            cells=tuple(_result(figures.get((c.metric, name)), trials, c.unit, spread) for c in columns),
            average=name not in {domain.name for domain in benchmark.domains},
        )
        for name in _places(benchmark, figures)
    )
    words = spread_words(spread, trials)
    if benchmark.plan.stochastic:
        words = f"one standard error {error_words(benchmark.plan.stochastic, trials)}"
    note = f"Over the runs that are done. After ±, {words}; so far over those that are there." if words else ""
    return Results(columns=columns, rows=tuple(rows), missing=" ".join(missing), note=note)


def _trials(submission: Submission, benchmark: Benchmark) -> int:
    """Over how many trials its figures are in the end; where methods differ in that, as many as it has runs."""
    plan = benchmark.plan
    return len(submission.runs.all()) if plan.stochastic else plan.trials(submission.tier)


def _columns(benchmark: Benchmark, tier: str, figures: Figures) -> Iterable[Column]:
    units = {metric.name: metric.unit for metric in benchmark.metrics}
    for one in benchmark.plan.selections:
        if not one.lacking.get(tier, ""):
            yield Column(title=one.title, help=one.help, metric=one.metric, unit=units.get(one.metric, "%"))
    if benchmark.plan.selections:
        return
    present = {metric for metric, _ in figures}
    for metric in benchmark.metrics:
        if metric.name in present:
            yield Column(title=metric.title, help=metric.description, metric=metric.name, unit=metric.unit)


def _places(benchmark: Benchmark, figures: Figures) -> list[str]:
    """The domains in their order, then what is no domain; without selections only those that have a figure."""
    domains, present = [domain.name for domain in benchmark.domains], [domain for _, domain in figures]
    expected = [*domains, *benchmark.plan.prose.means] if benchmark.plan.selections else []
    others = [name for name in dict.fromkeys(present) if name not in domains]
    if others:
        tabled = group_domains(benchmark, others)
        others = [name for name in others if name not in tabled]
    known = [name for name in domains if name in present]
    return list(dict.fromkeys([*expected, *known, *others]))


def _title(benchmark: Benchmark, name: str) -> str:
    return benchmark.plan.prose.means.get(name) or domain_title(benchmark, name)


def _result(figure: Figure | None, trials: int, unit: str, spread: Spread) -> Result:
    if figure is None:
        return Result(text=shown(None), error="", trials="")
    part = f"{figure.trials} of {trials} trials" if figure.trials < trials else ""
    return Result(text=shown(figure.value, unit), error=shown_error(spread_of(figure, spread), unit), trials=part)


def choices_of(benchmark: Benchmark, chosen: Sequence[Chosen]) -> Choices | None:
    """What each selection chose, by selection, then by place; None where nothing was chosen yet."""
    if not chosen:
        return None
    plan = benchmark.plan
    axes = [axis for axis in plan.axes if any(axis.name in _said(each) for each in chosen)]
    numbers = {axis.name: all(_bare(axis, each).isdecimal() for each in chosen) for axis in axes}
    titles = (
        Told(text="Rule"),
        *(Told(text=axis.title, number=numbers[axis.name]) for axis in axes),
        *(Told(text=title, number=True) for title in plan.prose.facts.values()),
        Told(text=plan.prose.value, number=True),
    )
    rows = (_choice(plan, each, axes, numbers) for each in sorted(chosen, key=_order_of(benchmark, axes)))
    return Choices(titles=titles, rows=tuple(rows))


def _choice(plan: RunPlan, one: Chosen, axes: Sequence[Axis], numbers: Mapping[str, bool]) -> tuple[Told, ...]:
    rule = next(each.title for each in plan.selections if each.metric == one.metric)
    places = (Told(text=_bare(axis, one), number=numbers[axis.name], head=axis.name == plan.listed_by) for axis in axes)
    told = (Told(text=_fact(_said(one).get(name)), number=True) for name in plan.prose.facts)
    return (Told(text=rule), *places, *told, Told(text=shown(one.value), number=True))


def _order_of(benchmark: Benchmark, axes: Sequence[Axis]) -> Callable[[Chosen], Any]:
    rules = {selection.metric: number for number, selection in enumerate(benchmark.plan.selections)}
    domains = {domain.name: number for number, domain in enumerate(benchmark.domains)}
    return lambda one: (
        rules[one.metric],
        domains.get(one.domain, -1),
        in_order([_said(one).get(axis.name, -1) for axis in axes]),
    )


def _said(one: Chosen) -> dict[str, Any]:
    return {**one.at, **one.facts}


def _bare(axis: Axis, one: Chosen) -> str:
    """A value below its axis's title, which it need not repeat: `trial 1` is 1 below Trial."""
    value = _said(one).get(axis.name)
    return "" if value is None else axis.shown(value).removeprefix(f"{axis.title.lower()} ")


def _fact(value: Any) -> str:
    return shown(value) if value is None or isinstance(value, float) else str(value)
