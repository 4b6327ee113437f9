"""What OOD accuracy is read against: the other aggregate of a headline, and the axes of accuracy on the line."""

from dataclasses import dataclass, replace

from farfield import families
from farfield_evaluators.benchmark import Benchmark, Column
from farfield_evaluators.metrics.catalog import EFFECTIVE_ROBUSTNESS, ID_SUBSET_ACCURACY
from farfield_web.leaderboards.queries import Board
from farfield_web.runs.figures import Key

ROBUSTNESS, ID_SUBSET = EFFECTIVE_ROBUSTNESS.name, ID_SUBSET_ACCURACY.name


@dataclass(frozen=True, kw_only=True)
class Axes:
    """What the plot of OOD against ID accuracy has on its axes, and the figure that tells its baseline."""

    id: Key
    ood: Key
    id_title: str
    ood_title: str

    @property
    def robustness(self) -> Key:
        return ROBUSTNESS, self.ood[1]


def reference_of(benchmark: Benchmark, headline: Column | None = None) -> Column | None:
    """What the headline is read against: another aggregate of the same metric, as ID beside the mean of shifts."""
    headline = headline or benchmark.columns[0]
    names = {aggregate.name for aggregate in benchmark.aggregates}
    same = (c for c in benchmark.columns if c.metric == headline.metric and c.domain in names and c != headline)
    return next(same, None)


def drawn_beside(benchmark: Benchmark, headline: Column) -> list[Column]:
    """What plots of a board draw beside its columns: the headline on each domain, and what accuracy is held against."""
    names = [*(domain.name for domain in benchmark.domains), *(aggregate.name for aggregate in benchmark.aggregates)]
    metrics = (headline.metric, ROBUSTNESS, ID_SUBSET)
    declared = [column for plot in benchmark.plots for column in (plot.x, plot.y)]
    return [*declared, *(Column(metric=metric, domain=name, title="") for metric in metrics for name in names)]


def axes_of(found: Board) -> Axes | None:
    """The shift that ranks, else the headline, against ID accuracy: on the shift's own classes where that is known."""
    benchmark, ranks = found.benchmark, found.columns[found.ranked_by]
    axes, headline = headline_axes(benchmark), benchmark.columns[0]
    if axes is None:
        return None
    shifts = {domain.name for domain in benchmark.domains if domain.role == "shift"}
    ood = ranks if ranks.metric == headline.metric and ranks.domain in shifts else headline
    axes, subset = replace(axes, ood=(ood.metric, ood.domain), ood_title=ood.title), (ID_SUBSET, ood.domain)
    known = ood.domain in shifts and any(subset in row.entry.figures for row in found.rows)
    return replace(axes, id=subset, id_title=benchmark.metric(ID_SUBSET).title) if known else axes


def headline_axes(benchmark: Benchmark) -> Axes | None:
    """The headline against ID accuracy; None where these are not the accuracies of a classifier."""
    headline, reference = benchmark.columns[0], reference_of(benchmark)
    if not families.of(benchmark.family).curves or reference is None or reference.domain != "id":
        return None
    return Axes(
        id=(reference.metric, reference.domain),
        ood=(headline.metric, headline.domain),
        id_title=reference.title,
        ood_title=headline.title,
    )
