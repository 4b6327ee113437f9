"""A run's records as evidence: they must be of the very run, data set and tier, or nothing of them is believed."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from farfield_evaluators.run_plan import Evidence
from farfield_evaluators.suites.domainbed.completeness import contradictions, protocol, settings
from farfield_evaluators.suites.domainbed.dataset import DataSet
from farfield_evaluators.suites.domainbed.entries import check_entry
from farfield_evaluators.suites.domainbed.lines import records_in
from farfield_evaluators.suites.domainbed.problems import RecordsError
from farfield_evaluators.suites.domainbed.records import Record, by_cell
from farfield_evaluators.suites.domainbed.sweep import Cell, Tier

SIZES = "sizes"
SHOWN = 5
MOST_SIZE = 2**31


def evidence_problems(evidence: Evidence, cell: Cell | None, dataset: DataSet, tier: Tier) -> Iterator[str]:
    """Why this is not the evidence of the run `cell`, or of a whole tier where that is None."""
    yield from _sizes(evidence, dataset)
    if evidence.figures:
        yield "figures came with a run that gives records alone"
    records, wrong = records_in(evidence.lines)
    if wrong:
        yield from map(str, wrong[:SHOWN])
        return
    yield from _whole(records, dataset, tier) if cell is None else _of_cell(records, cell)
    yield from _by_protocol(records, dataset, tier)


def sizes_of(evidence: Evidence) -> list[int]:
    """Examples of each environment's in-split; none where they are not known."""
    return list(evidence.facts.get(SIZES) or [])


def _sizes(evidence: Evidence, dataset: DataSet) -> Iterator[str]:
    sizes: Any = evidence.facts.get(SIZES) or []
    if set(evidence.facts) - {SIZES} or not isinstance(sizes, list):
        yield f"a run of {dataset.name} has no facts but {SIZES}, a list"
        return
    if not all(isinstance(size, int) and not isinstance(size, bool) and 0 < size < MOST_SIZE for size in sizes):
        yield "expected numbers of examples among the sizes"
    if sizes and len(sizes) != len(dataset.environments):
        yield f"{len(sizes)} sizes came for {len(dataset.environments)} environments"


def _whole(records: Sequence[Record], dataset: DataSet, tier: Tier) -> Iterator[str]:
    """That they are one algorithm's, and all of the tier: its name there need not be its name here."""
    if not records:
        yield "no records came of the upload"
        return
    try:
        check_entry(records, dataset, tier)
    except RecordsError as error:
        yield str(error)


def _of_cell(records: Sequence[Record], cell: Cell) -> Iterator[str]:
    """That they are of this run and no other."""
    present = set(by_cell(records))
    if present != {cell}:
        named = "; ".join(sorted(str(other) for other in present)[:SHOWN]) or "nothing"
        yield f"records came of {named}, and not of {cell}"


def _by_protocol(records: Iterable[Record], dataset: DataSet, tier: Tier) -> Iterator[str]:
    """That every run was made by the tier's protocol, and has all of its checkpoints, each once."""
    runs, expected = by_cell(records), tier.checkpoints_of(dataset)
    wanted = protocol(dataset, tier)
    for of_run in runs.values():
        if settings(of_run[0]) != wanted or tuple(record.step for record in of_run) != expected:
            yield f"{of_run[0].cell}: not by the tier's protocol, {wanted}, or not at all its checkpoints"
            return
    yield from (str(problem) for problem in list(contradictions(runs))[:SHOWN])
