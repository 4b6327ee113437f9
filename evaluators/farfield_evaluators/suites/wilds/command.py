"""`farfield score wilds --dataset NAME --root DIR --predictions DIR`: a folder of predictions, as WILDS' evaluate does.

All files are read, and every problem of all of them is told at once, each with the split and the replicate that it is
in; then nothing is written or printed. What is written is the official file of results. Without `--dataset` there is
a folder for each data set, see `all_datasets`.
"""

import argparse
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from farfield.errors import UnknownName, reason
from farfield.packaging.files import read_regular
from farfield.terminal import publish
from farfield_evaluators.problems import Problem
from farfield_evaluators.suites.wilds import all_datasets
from farfield_evaluators.suites.wilds.box_files import Floats, detected, tables_of
from farfield_evaluators.suites.wilds.box_files import outputs_of as boxes_of
from farfield_evaluators.suites.wilds.data.release import Release
from farfield_evaluators.suites.wilds.data.truth import truth
from farfield_evaluators.suites.wilds.datasets import DATASETS, Dataset, Replicate
from farfield_evaluators.suites.wilds.number_files import read_numbers
from farfield_evaluators.suites.wilds.replicates import (
    CellScores,
    Outputs,
    official,
    official_json,
    outputs_of,
    scores_of,
    wanted_of,
)
from farfield_evaluators.suites.wilds.submission import (
    UNREADABLE,
    CellName,
    FolderError,
    Listed,
    folder_of,
    listed,
    names_in,
    place_of,
    results_file,
)
from farfield_evaluators.suites.wilds.tables import FORMATS, Report, report_of

NAME = "wilds"


class Command:
    """The suite's part of `farfield score`, see `suite.ScoreCommand`."""

    NAME = NAME

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        group = parser.add_argument_group(f"for `farfield score {NAME}`, which takes no file; --format as above")
        group.add_argument(
            "--dataset", metavar="NAME", help=f"one of {', '.join(DATASETS)} (default: each that has a folder)"
        )
        group.add_argument("--root", type=Path, metavar="DIR", help="where its release lies, whose labels are read")
        group.add_argument(
            "--predictions", type=Path, metavar="DIR", help="a folder of prediction files under their official names"
        )

    def is_used(self, args: argparse.Namespace) -> bool:
        return any(value is not None for value in (args.dataset, args.root, args.predictions))

    def score(self, args: argparse.Namespace) -> int:
        """Raises SystemExit by the parser's usage where something needed is not given."""
        if None in (args.root, args.predictions) or args.file is not None:
            args.usage_error(f"score {NAME} takes --root DIR, --predictions DIR and maybe --dataset NAME, and no file")
        if args.dataset is None:
            return score_all(args.root, args.predictions, args.results or Path(), args.format)
        if args.dataset not in DATASETS:
            raise UnknownName("data set", args.dataset, list(DATASETS))
        return score(DATASETS[args.dataset], args.root, args.predictions, args.results or Path(), args.format)


@dataclass(kw_only=True)
class Truths:
    """The release as each replicate has it, read once where all have the same."""

    dataset: Dataset
    root: Path
    known: dict[str, Release] = field(default_factory=dict)

    def of(self, replicate: Replicate) -> Release:
        fold = replicate.value if replicate.kind == "fold" else ""
        if fold not in self.known:
            self.known = {fold: truth(self.dataset.name, self.root, fold)}  # a release may be large: one at a time
        return self.known[fold]


def score(dataset: Dataset, root: Path, predictions: Path, results: Path, form: str) -> int:
    """Print the table and write the results. Raises FolderError with every problem, PackError for the release."""
    report = reported(dataset, root, folder_of(dataset, predictions))
    _write(results / results_file(dataset), official_json(report.official))
    publish(FORMATS[form](report))
    return 0


def score_all(root: Path, predictions: Path, results: Path, form: str) -> int:
    """The same for all data sets that have a folder. Raises FolderError and PackError; then nothing is written."""
    found = all_datasets.report_all(predictions, lambda dataset, folder: reported(dataset, root, folder))
    for name, content in all_datasets.files_of(found).items():
        _write(results / name, content)
    publish(all_datasets.FORMATS[form](found))
    return 0


def reported(dataset: Dataset, root: Path, folder: Path) -> Report:
    """All figures of the files in a folder. Raises FolderError with every problem, PackError for the release."""
    scores = scored(dataset, folder, listed(dataset, names_in(folder)), Truths(dataset=dataset, root=root))
    return report_of(dataset, official(dataset, scores), scores)


def scored(dataset: Dataset, folder: Path, found: Listed, truths: Truths) -> dict[CellName, CellScores]:
    """The scores of all cells. Raises FolderError with the problems of all files."""
    paths = {cell: folder / file for cell, file in sorted(found.files.items())}
    tables, wrong = _tables(dataset, paths)
    problems, scores = [*found.problems, *wrong], dict[CellName, CellScores]()
    for replicate in dataset.replicates:
        release = truths.of(replicate)
        for cell, path in paths.items():
            if cell.replicate == str(replicate):
                read = read_outputs(release, cell, path) if tables is None else _detections(release, cell, path, tables)
                outputs, wrong = read
                problems += wrong
                if outputs is not None and not problems:
                    scores[cell] = scores_of(release, cell, outputs)
    if problems:
        raise FolderError(problems)
    return scores


def read_outputs(release: Release, cell: CellName, path: Path) -> tuple[Outputs | None, list[Problem]]:
    """What a file says of its cell, or what is wrong with it."""
    wanted, where = wanted_of(release, cell.split), place_of(cell, path)
    try:
        data = read_regular(path, wanted.most_bytes)
    except OSError as error:
        return None, [Problem(code=UNREADABLE, where=where, says=f"it cannot be read: {reason(error)}")]
    numbers, problems = read_numbers(data, wanted, where)
    return (None if numbers is None else outputs_of(release.dataset, numbers)), problems


def _tables(dataset: Dataset, paths: Mapping[CellName, Path]) -> tuple[dict[str, Floats] | None, list[Problem]]:
    """The detections in all files, by their places; None where the data set's files are numbers."""
    if dataset.task != "detection":
        return None, []
    return tables_of({place_of(cell, path): path for cell, path in paths.items()})


def _detections(
    release: Release, cell: CellName, path: Path, tables: Mapping[str, Floats]
) -> tuple[Outputs | None, list[Problem]]:
    """What a file of boxes says of its cell, or what is wrong with it."""
    where = place_of(cell, path)
    if where not in tables:
        return None, []
    found, wrong = detected(tables[where], len(release.at(cell.split)), where)
    return (None if found is None else boxes_of([found])), wrong


def _write(path: Path, content: str) -> None:
    """Whole or not at all. Raises FolderError."""
    try:
        handle, draft = tempfile.mkstemp(prefix=".results-", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as opened:
                opened.write(content)
            Path(draft).chmod(0o644)
            Path(draft).replace(path)
        finally:
            Path(draft).unlink(missing_ok=True)
    except OSError as error:
        raise FolderError(
            [Problem(code=UNREADABLE, where=str(path), says=f"cannot be written: {reason(error)}")]
        ) from error
