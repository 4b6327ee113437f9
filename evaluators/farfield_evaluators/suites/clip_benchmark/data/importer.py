"""The pack of a data set: its test split, and its training split cut into the steps of few-shot sets."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from farfield_evaluators.data.columns import PackColumn
from farfield_evaluators.data.explained import build_or_explain
from farfield_evaluators.data.packs import Pack, PackClass, PackError, Source
from farfield_evaluators.data.problems import SUBSET_ADVICE, ImportProblems, not_official
from farfield_evaluators.suites.clip_benchmark.benchmarks import TEST
from farfield_evaluators.suites.clip_benchmark.data import folders, names, webdataset
from farfield_evaluators.suites.clip_benchmark.datasets import DataSet
from farfield_evaluators.suites.clip_benchmark.scoring import PRESENT
from farfield_evaluators.suites.clip_benchmark.shots import joins, step_sets

TRAIN = "train"
NO_CLASS = -1
COLUMN = PackColumn(name=PRESENT, kind="rows", dtype="int64")


class Sample(Protocol):
    """An image of a split."""

    @property
    def classes(self) -> tuple[int, ...]: ...
    def stored(self) -> bytes: ...
    def where(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class _Example:
    """A sample in its set."""

    sample: Sample
    set: str
    order: int
    multilabel: bool

    @property
    def columns(self) -> Mapping[str, Any]:
        own = {"set": self.set, "domain": 0, "order": self.order}
        if self.multilabel:
            return {**own, "label": NO_CLASS, PRESENT: self.sample.classes}
        return {**own, "label": self.sample.classes[0]}

    def stored(self) -> bytes:
        return self.sample.stored()

    def where(self) -> str:
        return self.sample.where()


def import_data_set(dataset: DataSet, path: Path, packs: Path, *, subset: bool = False) -> Pack:
    """Import the folder with `test` in it, and with `train` where shots are to be had.

    subset: take another number of test images than the data set has; its pack says that it is not the official data.
    Raises PackError for a folder of another layout, ImportProblems naming all that is wrong otherwise.
    """
    tested = read_split(dataset, path / TEST)
    trained = read_split(dataset, path / TRAIN) if (path / TRAIN).is_dir() and not dataset.multilabel else []
    official = len(tested) in dataset.tested
    problems = [] if official or subset else [not_official(f"{TEST}: {{}} images", len(tested), dataset.tested)]
    named = names.class_names(path, dataset.short)
    problems += _label_problems((*tested, *trained), len(named))
    if problems or not tested:
        raise ImportProblems(path, dataset.name, problems or ["no test image"], advice="" if subset else SUBSET_ADVICE)
    return build_or_explain(_source(dataset, path, named, tested, trained, official=official), packs, path)


def read_split(dataset: DataSet, folder: Path) -> Sequence[Sample]:
    """The images of a split, in either layout. Raises PackError for another."""
    if (folder / webdataset.SHARDS).is_file():
        return webdataset.read_split(folder)
    if dataset.folders and folder.is_dir():
        return folders.read_split(folder)
    layouts = f"{webdataset.SHARDS} and tar files{' or a folder for each class' if dataset.folders else ''}"
    raise PackError(
        f"{folder}: expected {layouts}; export {dataset.key} with CLIP_benchmark's clip_benchmark_export_wds"
    )


def _label_problems(samples: Sequence[Sample], count: int) -> Iterator[str]:
    for sample in samples:
        beyond = [number for number in sample.classes if not 0 <= number < count]
        if beyond:
            yield f"{sample.where()}: the class {beyond[0]}, of {count} that are named"


def _source(
    dataset: DataSet,
    path: Path,
    named: tuple[str, ...],
    tested: Sequence[Sample],
    trained: Sequence[Sample],
    *,
    official: bool,
) -> Source:
    labels = np.array([sample.classes[0] for sample in trained], np.int64)
    placed = [*((sample, TEST) for sample in tested), *zip(trained, step_sets(labels), strict=True)]
    return Source(
        name=dataset.name,
        title=dataset.title,
        licence="the data set's own terms",
        classes=tuple(PackClass(name=name) for name in named),
        domains=(dataset.short,),
        examples=tuple(
            _Example(sample=sample, set=name, order=order, multilabel=dataset.multilabel)
            for order, (sample, name) in enumerate(placed)
        ),
        release="official" if official else "subset",
        official=official,
        columns=(COLUMN,) if dataset.multilabel else (),
        joined=joins(labels),
        prompts=names.prompts(path, dataset.short),
    )
