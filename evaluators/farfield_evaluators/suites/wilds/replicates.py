"""What a whole folder of predictions gives: the figures of each cell, and of each split their mean over replicates.

Mean and standard deviation are WILDS': over all replicates that the data set requires, with ddof 1, in double
precision. It is the spread of replicates and no error of their mean.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from farfield_evaluators.figure import Figure
from farfield_evaluators.problems import Problem
from farfield_evaluators.scoring.test import Array
from farfield_evaluators.suites.wilds.data.release import Release
from farfield_evaluators.suites.wilds.datasets import Dataset
from farfield_evaluators.suites.wilds.number_files import Floats, Wanted
from farfield_evaluators.suites.wilds.scoring import scoring_of
from farfield_evaluators.suites.wilds.scoring.classes import PREDICTED
from farfield_evaluators.suites.wilds.scoring.official import figures_of, test_of
from farfield_evaluators.suites.wilds.scoring.tasks import VALUES
from farfield_evaluators.suites.wilds.submission import UNDEFINED, CellName, FolderError, cells_of

Outputs = Mapping[str, Array]
Releases = Callable[[str], Release]
"""The release as a replicate has it: PovertyMap's folds have other splits each."""
Place = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Spread:
    """Mean and standard deviation (ddof 1) of values over replicates."""

    mean: float
    std: float
    values: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class CellScores:
    """The figures of one split and replicate, WILDS' results of it by its own keys, and which key each figure has.

    empty: the names of groups without examples, which have no figure.
    """

    figures: tuple[Figure, ...]
    results: Mapping[str, float | None]
    keys: Mapping[Place, str] = field(default_factory=dict)
    empty: tuple[str, ...] = ()


def spread(values: Sequence[float]) -> Spread:
    """Over at least two replicates.

    >>> spread([1.0, 2.0, 6.0]).mean, round(spread([1.0, 2.0, 6.0]).std, 6)
    (3.0, 2.645751)
    """
    return Spread(mean=float(np.mean(values)), std=float(np.std(values, ddof=1)), values=tuple(values))


def wanted_of(release: Release, split: str) -> Wanted:
    """What a file of numbers must hold of a split."""
    task = release.dataset.task
    width = release.labels.shape[1] if release.labels.ndim > 1 else 1
    return Wanted(rows=len(release.at(split)), width=width, whole=task in ("classification", "tokens"))


def outputs_of(dataset: Dataset, numbers: Floats) -> Outputs:
    """The numbers [rows, width] of a file as scorers look at them."""
    if dataset.task == "classification":
        return {PREDICTED: numbers[:, 0].astype(np.int64)}
    return {PREDICTED: numbers.astype(np.int64)} if dataset.task == "tokens" else {VALUES: numbers}


def scores_of(release: Release, cell: CellName, outputs: Outputs) -> CellScores:
    """The figures of one file's predictions."""
    scoring, test = scoring_of(release.dataset.name), test_of(release, cell.split, outputs)
    figures = figures_of(scoring, test)
    groupings = {group.grouping for group in scoring.keys.groups}
    return CellScores(
        figures=figures,
        results=scoring.keys.results(test, figures),
        keys=scoring.keys.of(test),
        empty=tuple(sorted({name for grouping in groupings for name in grouping.empty(test)})),
    )


def official(dataset: Dataset, scores: Mapping[CellName, CellScores]) -> dict[str, dict[str, float]]:
    """What WILDS' own evaluation writes: of each split its reported figures, and their spread.

    Raises FolderError that names every cell in which such a figure is undefined.
    """
    undefined = [
        Problem(code=UNDEFINED, where=str(cell), says=f"{key} is undefined, so there is no mean over replicates")
        for cell in cells_of(dataset)
        for key in dataset.reported
        if scores[cell].results[key] is None
    ]
    if undefined:
        raise FolderError(undefined)
    return {split: dict(_reported(dataset, scores, split)) for split in dataset.evaluated}


def _reported(dataset: Dataset, scores: Mapping[CellName, CellScores], split: str) -> Iterator[tuple[str, float]]:
    for key in dataset.reported:
        values = [scores[CellName(split, str(each))].results[key] for each in dataset.replicates]
        found = spread([value for value in values if value is not None])
        yield f"{key}_std", found.std
        yield key, found.mean


def official_json(results: Mapping[str, Mapping[str, float]]) -> str:
    """As WILDS writes its file of results."""
    return json.dumps(results, indent=4)


def spreads(dataset: Dataset, scores: Mapping[CellName, CellScores]) -> dict[Place, Spread]:
    """Of every metric and domain, groups as well, that is defined in all replicates."""
    found: dict[Place, list[float]] = {}
    for cell in cells_of(dataset):
        for figure in scores[cell].figures:
            found.setdefault(figure.key, []).append(figure.value)
    return {place: spread(values) for place, values in found.items() if len(values) == len(dataset.replicates)}
