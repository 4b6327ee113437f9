"""On a worker: the figures of a zip of predictions, against the labels of a pack, as lines of evidence.

The plan makes means of the replicates' figures, as of runs.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.data.packs import Ints, Pack
from farfield_evaluators.evaluate import Truth, as_tests, figures_of
from farfield_evaluators.plans.places import placed
from farfield_evaluators.run_plan import Evidence
from farfield_evaluators.scoring.remarks import Remark, empty_groups
from farfield_evaluators.scoring.test import Array
from farfield_evaluators.staging import truth_of
from farfield_evaluators.suites.wilds.archive import numbers_of
from farfield_evaluators.suites.wilds.box_files import WIDTH, detected
from farfield_evaluators.suites.wilds.box_files import outputs_of as boxes_of
from farfield_evaluators.suites.wilds.datasets import Dataset, Replicate
from farfield_evaluators.suites.wilds.handed_in import dataset_of
from farfield_evaluators.suites.wilds.lines import Line, lines_of
from farfield_evaluators.suites.wilds.number_files import Floats, Wanted
from farfield_evaluators.suites.wilds.replicates import outputs_of
from farfield_evaluators.suites.wilds.scoring.keys import column_of
from farfield_evaluators.suites.wilds.scoring.tasks import TASKS
from farfield_evaluators.suites.wilds.scoring.tokens import TOKENS
from farfield_evaluators.suites.wilds.submission import CellName, FolderError


def evidence_of(path: Path, benchmark: Benchmark, pack: Pack, folder: Path) -> Evidence:
    """What a zip gives, all replicates of it; `folder` holds its numbers meanwhile. Raises FolderError."""
    dataset = dataset_of(benchmark)
    places = {each: placed(benchmark, {each.kind: each.value}) for each in dataset.replicates}
    wanted = {cell: w for each, here in places.items() for cell, w in _wanted(dataset, here, pack, each).items()}
    numbers = numbers_of(path, dataset, wanted, folder)
    lines, remarks = list[Line](), dict[str, Remark]()
    for each, here in places.items():
        truth = _truth(here, pack)
        images = np.bincount(truth.domains, minlength=len(here.domains)).tolist()
        tests = as_tests(here, truth, _outputs(dataset, here, each, numbers, images))
        lines += [Line(replicate=str(each), figure=figure) for figure in figures_of(here, tests)]
        remarks |= {remark.says: remark for remark in empty_groups(here.scorers, tests)}
    return Evidence(lines=lines_of(lines), remarks=tuple(remarks.values()))


def _wanted(dataset: Dataset, here: Benchmark, pack: Pack, replicate: Replicate) -> dict[CellName, Wanted]:
    """What the file of each cell must hold: of splits that are no domain of the benchmark only that it is numbers."""
    cells = {split: CellName(split, str(replicate)) for split in dataset.evaluated}
    known = {domain.name: pack.members(domain.set) for domain in here.domains}
    whole = dataset.task in ("classification", "tokens")
    return {
        cells[split]: Wanted(width=WIDTH)
        if dataset.task == "detection"
        else Wanted(rows=len(known[name]), width=_width(here, pack, known[name]), whole=whole)
        for split in dataset.evaluated
        if (name := column_of(split)) in known
    }


def _width(here: Benchmark, pack: Pack, members: Ints) -> int:
    """How many numbers a line has: of tokens and tasks as many as the pack has of an example."""
    rows = {column.name for column in pack.columns} & {TASKS, TOKENS}
    return sum(pack.column(name).of(int(members[0])).size for name in rows) or 1


def _positions(here: Benchmark, pack: Pack) -> list[Ints]:
    """Of each domain its examples, in the data set's own order."""
    return [pack.in_source_order(pack.members(domain.set)) for domain in here.domains]


def _truth(here: Benchmark, pack: Pack) -> Truth:
    positions = _positions(here, pack)
    domains = np.repeat(np.arange(len(positions)), [len(part) for part in positions])
    return truth_of(here, pack, np.concatenate(positions), domains)


def _outputs(
    dataset: Dataset,
    here: Benchmark,
    replicate: Replicate,
    numbers: Mapping[CellName, Floats],
    images: Sequence[int],
) -> dict[str, Array]:
    """What is predicted of all domains, one after the other."""
    splits = {column_of(split): split for split in dataset.evaluated}
    cells = [CellName(splits[domain.name], str(replicate)) for domain in here.domains]
    if dataset.task == "detection":
        return _boxes({cell: numbers[cell] for cell in cells}, images)
    return dict(outputs_of(dataset, np.concatenate([numbers[cell] for cell in cells])))


def _boxes(tables: Mapping[CellName, Floats], images: Sequence[int]) -> dict[str, Array]:
    """Detections of all domains, which have so many images each. Raises FolderError."""
    looked_at = [detected(table, count, str(cell)) for (cell, table), count in zip(tables.items(), images, strict=True)]
    problems = [problem for _, wrong in looked_at for problem in wrong]
    if problems:
        raise FolderError(problems)
    return boxes_of([found for found, _ in looked_at if found is not None])
