"""`farfield score wilds` without `--dataset`: a folder for each data set, as WILDS' evaluate takes all at once.

A data set without a folder is said to be missing, and the others are scored. What is wrong in any folder is told with
its data set, and then nothing is written. Beside each data set's results there is `all_results.json`.
"""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from farfield_evaluators.problems import Problem, shown
from farfield_evaluators.scoring.formats import NONE, aligned, tabular
from farfield_evaluators.suites.wilds.datasets import DATASETS, Dataset
from farfield_evaluators.suites.wilds.replicates import official_json
from farfield_evaluators.suites.wilds.scoring import scoring_of
from farfield_evaluators.suites.wilds.submission import EMPTY, EXTRA, FolderError, names_in, results_file
from farfield_evaluators.suites.wilds.tables import CSV_COLUMNS, Report, cell, csv_rows, plain, titled

ALL_RESULTS = "all_results.json"
SPLITS = ("val", "test", "id_val", "id_test")
_OF_RESULTS = frozenset({ALL_RESULTS, *(results_file(dataset) for dataset in DATASETS.values())})


@dataclass(frozen=True, kw_only=True)
class Reports:
    """Of each data set that has a folder its report; `missing` are the others."""

    reports: tuple[Report, ...]
    missing: tuple[Dataset, ...]


def report_all(predictions: Path, report: Callable[[Dataset, Path], Report]) -> Reports:
    """Every folder below `predictions`, reported on one after the other. Raises FolderError with all problems."""
    names = [name for name in names_in(predictions) if not name.startswith(".") and name not in _OF_RESULTS]
    given = [dataset for dataset in DATASETS.values() if (predictions / dataset.name).is_dir()]
    problems, reports = list(_strange(names, given)), list[Report]()
    for dataset in given:
        try:
            reports.append(report(dataset, predictions / dataset.name))
        except FolderError as error:
            problems += [replace(problem, where=f"{dataset.name}: {problem.where}") for problem in error.problems]
    if problems:
        raise FolderError(problems)
    return Reports(reports=tuple(reports), missing=tuple(each for each in DATASETS.values() if each not in given))


def _strange(names: Sequence[str], given: Sequence[Dataset]) -> list[Problem]:
    known = {dataset.name for dataset in given}
    fits = f"a folder for each data set: {', '.join(DATASETS)}"
    if not known:
        return [Problem(code=EMPTY, where="", says=f"none of the folders is there; without --dataset there is {fits}")]
    says = f"this is no folder of a data set; take it out. There is {fits}"
    return [Problem(code=EXTRA, where=shown(name)[1:-1], says=says) for name in sorted(names) if name not in known]


def files_of(found: Reports) -> dict[str, str]:
    """What is written, by name: each data set's results as WILDS writes them, and all in one file."""
    each = {results_file(report.dataset): official_json(report.official) for report in found.reports}
    return each | {ALL_RESULTS: json.dumps({r.dataset.name: r.official for r in found.reports}, indent=4)}


def text(found: Reports) -> str:
    """One table, and the data sets that are missing."""
    says = "WILDS: mean ± standard deviation (ddof 1) over the replicates of each data set"
    return f"{says}\n{aligned(_rows(found, '±'))}{_said_of_missing(found)}"


def _said_of_missing(found: Reports) -> str:
    names = ", ".join(dataset.name for dataset in found.missing)
    return f"missing, without a folder: {names}\n" if names else ""


def latex(found: Reports) -> str:
    """The same as a tabular for a document with the package booktabs."""
    return tabular(_rows(found, r"$\pm$"))


def as_json(found: Reports) -> str:
    """Of each data set what its own command gives; `missing` are the names of those without a folder."""
    datasets = {report.dataset.name: plain(report) for report in found.reports}
    return json.dumps({"datasets": datasets, "missing": [each.name for each in found.missing]}, indent=1) + "\n"


def as_csv(found: Reports) -> str:
    """A line for each figure, those of groups too."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(("dataset", *CSV_COLUMNS))
    writer.writerows((report.dataset.name, *row) for report in found.reports for row in csv_rows(report))
    return written.getvalue()


def _rows(found: Reports, plus_minus: str) -> list[list[str]]:
    """A line for each reported metric of a data set, a column for each split."""
    rows = [["", "", *SPLITS]]
    for report in found.reports:
        keys = scoring_of(report.dataset.name).keys
        reported = {keys.metric(key) for key in report.dataset.reported}
        for metric in scoring_of(report.dataset.name).metrics:
            if metric.name in reported:
                cells = (cell(report, metric, s, plus_minus) if s in report.dataset.evaluated else NONE for s in SPLITS)
                rows.append([report.dataset.name, titled(metric), *cells])
    return rows


FORMATS: Mapping[str, Callable[[Reports], str]] = {"text": text, "json": as_json, "csv": as_csv, "latex": latex}
