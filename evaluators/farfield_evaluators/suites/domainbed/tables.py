"""The report: a table for each selection rule and data set, and averages over data sets, as DomainBed makes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from farfield_evaluators.suites.domainbed.datasets import DATASETS, find
from farfield_evaluators.suites.domainbed.records import Record
from farfield_evaluators.suites.domainbed.registry import ALGORITHMS
from farfield_evaluators.suites.domainbed.selection import Choice, SelectionRule

MISSING = "X"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A figure over trials, in per cent: mean and standard error (std with ddof 0, over sqrt n); None for no trial."""

    mean: float | None
    stderr: float | None
    trials: int


@dataclass(frozen=True, kw_only=True)
class Row:
    """One algorithm: a cell for each column, and the mean of the unrounded cells, None where one is missing."""

    algorithm: str
    cells: tuple[Cell, ...]
    average: float | None


@dataclass(frozen=True, kw_only=True)
class Table:
    """`title` is what stands above it; columns are environments, or data sets where `dataset` is None."""

    rule: str
    rule_title: str
    dataset: str | None
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def title(self) -> str:
        return f"Dataset: {self.dataset}" if self.dataset else "Averages"


Group = tuple[str, str, int, int]  # data set, algorithm, test environment, trial
Selected = Mapping[Group, Choice]


def select(records: Sequence[Record], rule: SelectionRule) -> dict[Group, Choice]:
    """What a rule chooses in each group of records; groups without a choice are left out."""
    groups: dict[Group, list[Record]] = {}
    for record in records:
        args = record.args
        for test_env in args["test_envs"]:
            group = (args["dataset"], args["algorithm"], test_env, args["trial_seed"])
            groups.setdefault(group, []).append(record)
    chosen = {group: rule.choose(members, group[2]) for group, members in groups.items()}
    return {group: choice for group, choice in sorted(chosen.items()) if choice is not None}


def report(records: Sequence[Record], rules: Sequence[SelectionRule]) -> tuple[Table, ...]:
    """For each rule: a table for every data set, then the averages."""
    algorithms = _in_order({r.args["algorithm"] for r in records}, ALGORITHMS)
    datasets = _in_order({r.args["dataset"] for r in records}, [d.name for d in DATASETS])
    tables: list[Table] = []
    for rule in rules:
        selected = select(records, rule)
        tables += [dataset_table(selected, rule, name, algorithms) for name in datasets]
        tables.append(averages_table(selected, rule, datasets, algorithms))
    return tuple(tables)


def dataset_table(selected: Selected, rule: SelectionRule, dataset: str, algorithms: Sequence[str]) -> Table:
    """Rows are algorithms, columns test environments; a cell is over trials."""
    environments = find(dataset).environments
    rows = [row(a, [cell(_trials(selected, dataset, a, e)) for e in range(len(environments))]) for a in algorithms]
    return Table(rule=rule.name, rule_title=rule.title, dataset=dataset, columns=environments, rows=tuple(rows))


def averages_table(
    selected: Selected, rule: SelectionRule, datasets: Sequence[str], algorithms: Sequence[str]
) -> Table:
    """Columns are data sets; a cell is over trials, of each trial's mean over the test environments it has."""
    rows = [row(a, [cell(_trial_means(selected, d, a)) for d in datasets]) for a in algorithms]
    return Table(rule=rule.name, rule_title=rule.title, dataset=None, columns=tuple(datasets), rows=tuple(rows))


def cell(values: Sequence[float]) -> Cell:
    """Mean and standard error in per cent of accuracies (0..1), one a trial.

    >>> cell([0.25, 0.75])
    Cell(mean=50.0, stderr=17.677669529663685, trials=2)
    """
    if not values:
        return Cell(mean=None, stderr=None, trials=0)
    accuracies = np.array(values, np.float64)
    error = np.std(accuracies / np.sqrt(len(values)))
    return Cell(mean=float(100 * np.mean(accuracies)), stderr=float(100 * error), trials=len(values))


def row(algorithm: str, cells: Sequence[Cell]) -> Row:
    """A row with its average."""
    means = [c.mean for c in cells if c.mean is not None]
    whole = len(means) == len(cells) > 0
    return Row(algorithm=algorithm, cells=tuple(cells), average=sum(means) / len(means) if whole else None)


def _trials(selected: Selected, dataset: str, algorithm: str, test_env: int) -> list[float]:
    return [choice.test for group, choice in selected.items() if group[:3] == (dataset, algorithm, test_env)]


def _trial_means(selected: Selected, dataset: str, algorithm: str) -> list[float]:
    trials: dict[int, list[float]] = {}
    for (name, of, _, trial), choice in selected.items():
        if (name, of) == (dataset, algorithm):
            trials.setdefault(trial, []).append(choice.test)
    return [float(np.mean(trials[trial])) for trial in sorted(trials)]


def _in_order(names: set[str], known: Sequence[str]) -> list[str]:
    """Known names first, in their order; the others by name."""
    return [*(n for n in known if n in names), *sorted(names - {*known})]
