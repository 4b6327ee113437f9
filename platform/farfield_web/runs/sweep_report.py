"""The records in a worker's report: they must be of the very run, benchmark and tier, or nothing of them is kept."""

from collections.abc import Sequence

from farfield_evaluators.suites.domainbed import datasets, sweep
from farfield_evaluators.suites.domainbed.completeness import contradictions, settings
from farfield_evaluators.suites.domainbed.datasets import HOLDOUT_FRACTION, DataSet
from farfield_evaluators.suites.domainbed.entries import check_entry
from farfield_evaluators.suites.domainbed.problems import Problem, RecordsError
from farfield_evaluators.suites.domainbed.records import DOMAIN_GENERALIZATION, Record, by_cell
from farfield_evaluators.suites.domainbed.sweep import Cell, Tier
from farfield_web.runs.lines import records_in
from farfield_web.runs.models import Run
from farfield_web.runs.report import Report
from farfield_web.runs.reported import BadReport
from farfield_web.submissions.plan import from_json

SHOWN = 5


def read_records(run: Run, report: Report) -> list[Record]:
    """The records of a run of a sweep; none for a run of anything else. Raises BadReport."""
    submission = run.submission
    if report.outcome != "succeeded":
        return []
    if not submission.tier:
        if report.records:
            raise BadReport("records came with a run that is no sweep's")
        return []
    dataset = datasets.find(submission.benchmark)
    if report.sizes and len(report.sizes) != len(dataset.environments):
        raise BadReport(f"{len(report.sizes)} sizes came for {len(dataset.environments)} environments")
    records, problems = records_in(report.records)
    _refuse(problems)
    tier = sweep.tier(submission.tier)
    if run.cell is None:
        _check_upload(records, dataset, tier)
    else:
        _check_cell(records, from_json(submission.benchmark, submission.method_name, run.cell))
    _check_steps(records, dataset, tier)
    return records


def _check_upload(records: Sequence[Record], dataset: DataSet, tier: Tier) -> None:
    """That they are one algorithm's, and all of the tier: its name there need not be its name here."""
    if not records:
        raise BadReport("no records came of the upload")
    try:
        check_entry(records, dataset, tier)
    except RecordsError as error:
        raise BadReport(str(error)) from error


def _check_cell(records: Sequence[Record], cell: Cell) -> None:
    """That they are of this run and no other."""
    found = set(by_cell(records))
    if found != {cell}:
        named = "; ".join(sorted(str(other) for other in found)[:SHOWN]) or "nothing"
        raise BadReport(f"records came of {named}, and not of {cell}")


def _check_steps(records: Sequence[Record], dataset: DataSet, tier: Tier) -> None:
    """That every run was made by the tier's protocol, and has all of its checkpoints, each once."""
    found, expected = by_cell(records), tier.checkpoints_of(dataset)
    wanted = (tier.steps_of(dataset), tier.every_of(dataset), HOLDOUT_FRACTION, DOMAIN_GENERALIZATION)
    for of_run in found.values():
        if settings(of_run[0]) != wanted or tuple(record.step for record in of_run) != expected:
            raise BadReport(f"{of_run[0].cell}: not by the tier's protocol, {wanted}, or not at all its checkpoints")
    _refuse(list(contradictions(found)))


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise BadReport("; ".join(str(problem) for problem in problems[:SHOWN]))
