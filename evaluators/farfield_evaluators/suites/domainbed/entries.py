"""Whether records are what a submission must be: one method on one data set, whole for a tier."""

from collections.abc import Iterator, Sequence

from farfield_evaluators.suites.domainbed import sweep
from farfield_evaluators.suites.domainbed.completeness import SETTINGS, SHOWN_CELLS, protocol, settings
from farfield_evaluators.suites.domainbed.dataset import DataSet
from farfield_evaluators.suites.domainbed.datasets import find
from farfield_evaluators.suites.domainbed.problems import MIXED, WRONG_BENCHMARK, WRONG_TIER, Problem, RecordsError
from farfield_evaluators.suites.domainbed.records import Record, by_cell
from farfield_evaluators.suites.domainbed.sweep import Cell, Tier

SHOWN_ROWS = 4


def check_entry(records: Sequence[Record], dataset: DataSet, tier: Tier) -> None:
    """Raises RecordsError unless the records of a whole sweep are one method's, of this data set and this tier."""
    problems = [*_rows(records), *_of_another(records, dataset)] or list(_of_tier(records, dataset, tier))
    if problems:
        raise RecordsError(problems)


def whole_tiers(records: Sequence[Record]) -> tuple[str, ...]:
    """The tiers that the records of one method on one data set make up: the same runs, by the same protocol."""
    dataset = find(records[0].args["dataset"])
    return tuple(tier.name for tier in sweep.TIERS if not list(_of_tier(records, dataset, tier)))


def _rows(records: Sequence[Record]) -> Iterator[Problem]:
    rows = sorted({f"{r.args['algorithm']} on {r.args['dataset']}" for r in records})
    if len(rows) > 1:
        named = ", ".join(rows[:SHOWN_ROWS]) + (", ..." if len(rows) > SHOWN_ROWS else "")
        says = f"these are {len(rows)} sweeps ({named}); hand in one algorithm on one data set"
        yield Problem(code=MIXED, where="", says=says)


def _of_another(records: Sequence[Record], dataset: DataSet) -> Iterator[Problem]:
    other = next((r for r in records if r.args["dataset"] != dataset.name), None)
    if other is not None:
        says = f"these are records of {other.args['dataset']}, not of {dataset.name}"
        yield Problem(code=WRONG_BENCHMARK, where=other.where, says=says)


def _of_tier(records: Sequence[Record], dataset: DataSet, tier: Tier) -> Iterator[Problem]:
    wanted = protocol(dataset, tier)
    for record in records:
        if settings(record) != wanted:
            says = f"{SETTINGS} is {settings(record)}; the tier {tier.name} has {wanted}"
            yield Problem(code=WRONG_TIER, where=record.where, says=says)
            return
    found = set(by_cell(records))
    cells = sweep.cells(dataset, records[0].args["algorithm"], tier)
    yield from _cells("missing", [cell for cell in cells if cell not in found], tier)
    yield from _cells("too many", sorted(found - {*cells}, key=_place), tier)


def _cells(what: str, cells: Sequence[Cell], tier: Tier) -> Iterator[Problem]:
    if cells:
        named = "; ".join(
            f"test_envs {list(c.test_envs)} hparams_seed {c.hparams_seed} trial_seed {c.trial_seed}"
            for c in cells[:SHOWN_CELLS]
        )
        says = f"{len(cells)} runs are {what} for the tier {tier.name}: {named}"
        yield Problem(code=WRONG_TIER, where="", says=says + ("; ..." if len(cells) > SHOWN_CELLS else ""))


def _place(cell: Cell) -> tuple[int, tuple[int, ...], int]:
    return cell.trial_seed, cell.test_envs, cell.hparams_seed
