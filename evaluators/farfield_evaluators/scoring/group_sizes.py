"""How many test examples the groups have of which a benchmark gives a figure each: known of its data, before any run.

A group without an example has no figure and is named here all the same, so that a page can say so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.evaluate import as_tests
from farfield_evaluators.metric import Metric
from farfield_evaluators.plans.places import placed
from farfield_evaluators.run_plan import first_place
from farfield_evaluators.scoring.aggregates import worst
from farfield_evaluators.scoring.groups import Grouped, Grouping, Keep
from farfield_evaluators.scoring.test import Test

MOST_GROUPS = 1_000  # of a benchmark: a worker tells those of all its benchmarks in one message


@dataclass(frozen=True, kw_only=True)
class GroupSize:
    """A group of a test domain: `name` is as a figure's domain names it, `by` the columns that it is over.

    count: its examples, perhaps 0. smallest: of fewer there is no figure. counted: whether it may be the worst group,
    where the benchmark has the worst one over the same columns as a figure.
    """

    domain: str
    by: tuple[str, ...]
    name: str
    count: int
    smallest: int = 1
    counted: bool = True

    def as_json(self) -> dict[str, Any]:
        return {**vars(self), "by": list(self.by)}


def group_sizes(benchmark: Benchmark, pack: Pack) -> tuple[GroupSize, ...]:
    """The groups of all test domains, in metadata order; of the first run's sets, where they differ between runs.

    None where there are more than MOST_GROUPS, which are more than a table shows. Raises PackError for another pack.
    """
    from farfield_evaluators.staging import pooled, truth_of

    groupings = groupings_of(benchmark)
    if not groupings:
        return ()
    here = placed(benchmark, first_place(benchmark.plan, benchmark.name))
    tests = as_tests(here, truth_of(here, pack, *pooled(here, pack)), {})
    pairs = [(grouping, test) for grouping in groupings for test in tests]
    if sum(grouping.count(test) for grouping, test in pairs) > MOST_GROUPS:
        return ()
    return tuple(size for grouping, test in pairs for size in _sizes(benchmark, grouping, test))


def groupings_of(benchmark: Benchmark) -> tuple[Grouping, ...]:
    """The groupings of which a benchmark declares a figure for every group, each once."""
    declared = {metric.name for metric in benchmark.metrics}
    own = _per_group(benchmark)
    return tuple(dict.fromkeys(each.grouping for each in own if any(m.name in declared for m in each.gives)))


def metrics_by(benchmark: Benchmark, by: Sequence[str]) -> tuple[Metric, ...]:
    """The declared metrics of which there is a figure for every group over these columns."""
    given = {metric.name for each in _per_group(benchmark) if each.grouping.by == tuple(by) for metric in each.gives}
    return tuple(metric for metric in benchmark.metrics if metric.name in given)


def _per_group(benchmark: Benchmark) -> list[Grouped]:
    return [scorer for scorer in benchmark.scorers if isinstance(scorer, Grouped) and scorer.combine is None]


def _sizes(benchmark: Benchmark, grouping: Grouping, test: Test) -> Iterator[GroupSize]:
    keep = _keep_of_worst(benchmark, grouping.by)
    for number, count in grouping.examples(test):
        yield GroupSize(
            domain=test.domain,
            by=grouping.by,
            name=grouping.name(test, number),
            count=count,
            smallest=grouping.smallest,
            counted=keep is None or keep(grouping.values(test, number)),
        )


def _keep_of_worst(benchmark: Benchmark, by: tuple[str, ...]) -> Keep | None:
    """Which groups over these columns are compared for the worst; None where all are."""
    grouped = [each for each in benchmark.scorers if isinstance(each, Grouped) and each.combine is worst]
    return next((each.grouping.keep for each in grouped if each.grouping.by == by), None)
