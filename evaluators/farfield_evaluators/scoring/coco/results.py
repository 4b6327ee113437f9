"""COCO's results JSON read strictly: detections as arrays, or everything that is wrong, each by its place in the list.

A list of {image_id, category_id, bbox [x, y, width, height], score}; where masks are compared with `segmentation`
{size, counts} in place of the box or beside it (cocodataset.org, results format). It is read in portions: what stays of
a detection is its row of numbers, and of a mask its text.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain, islice
from operator import itemgetter
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from farfield.errors import reason
from farfield.packaging.files import open_regular
from farfield_evaluators.data.columns import Ints
from farfield_evaluators.problems import Problem
from farfield_evaluators.scoring.coco.annotations import LARGEST, Truth
from farfield_evaluators.scoring.coco.id_spaces import id_space_problems
from farfield_evaluators.scoring.coco.json_list import NotAList, elements
from farfield_evaluators.scoring.coco.matching import Detections, Masks
from farfield_evaluators.scoring.coco.problems import (
    BAD_VALUE,
    MOST_PROBLEMS,
    NOT_A_LIST,
    TOO_LARGE,
    CocoRefused,
)
from farfield_evaluators.scoring.coco.records import Record, problems_of
from farfield_evaluators.scoring.coco.rle import checked

Floats = npt.NDArray[np.float64]
PORTION = 512
MOST_DETECTIONS = 5_000_000
IMAGE, CATEGORY, SCORE, BOX = 0, 1, 2, slice(3, 7)
NAMES = ("image_id", "category_id", "score")  # of the first columns


@dataclass(frozen=True, kw_only=True, eq=False)
class _ReadMasks:
    """Of each image in turn, from texts of run lengths in the order of images [D], with areas; sizes [N, 2]."""

    images: Ints
    texts: Sequence[str]
    areas: Ints
    sizes: Ints

    def __iter__(self) -> Iterator[Masks]:
        ends = np.searchsorted(self.images, np.arange(len(self.sizes) + 1)).tolist()
        for image, size in enumerate(self.sizes.tolist()):
            own = slice(ends[image], ends[image + 1])
            coded = [{"size": size, "counts": text} for text in self.texts[own]]
            yield Masks(areas=self.areas[own], coded=coded)


@dataclass(kw_only=True)
class _Reading:
    """What is read of a file so far: tables [n, 3 or 7] of numbers, masks, and what is wrong."""

    truth: Truth
    masks: bool
    count: int = 0
    tables: list[Floats] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    areas: list[Ints] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    categories: set[int] = field(default_factory=set)
    images: set[int] = field(default_factory=set)

    def add(self, portion: list[Any]) -> None:
        """Take a portion of the list, or what is wrong with its records."""
        if not self._taken(portion):
            self.problems += islice(self._problems(portion), MOST_PROBLEMS - len(self.problems))
            self._note(portion)
        self.count += len(portion)

    def _problems(self, portion: list[Any]) -> Iterator[Problem]:
        """What is wrong with each record; of records that cannot be taken something always is."""
        fine = True
        for number, record in enumerate(portion, self.count):
            for problem in problems_of(record, f"results[{number}]", self.truth, masks=self.masks):
                yield problem
                fine = False
        if fine:
            where = f"results[{self.count}] to results[{self.count + len(portion) - 1}]"
            yield Problem(code=BAD_VALUE, where=where, says="these records cannot be read as one table of numbers")

    def _note(self, portion: list[Any]) -> None:
        """The ids that occur, which say together what is wrong with them; of strange ones a bounded number."""
        for known, name in ((self.categories, "category_id"), (self.images, "image_id")):
            if len(known) < len(self.truth.images) + len(self.truth.categories) + MOST_PROBLEMS:
                known.update(r[name] for r in portion if isinstance(r, dict) and type(r.get(name)) is int)

    def _taken(self, portion: list[Any]) -> bool:
        """Whether all of it is as it should be; then it is kept. What is not for certain is looked at one by one."""
        table = _table(portion, boxes=not self.masks)
        if table is None or not _is_fine(table, self.truth):
            return False
        if self.masks and not self._masks_taken(portion, table):
            return False
        self.tables.append(table)
        for known, place in ((self.categories, CATEGORY), (self.images, IMAGE)):  # all of them are the truth's
            known.update(np.unique(table[:, place]).astype(np.int64).tolist())
        return True

    def _masks_taken(self, portion: list[Any], table: Floats) -> bool:
        sizes = self.truth.sizes[np.searchsorted(self.truth.images, table[:, IMAGE])]
        try:
            coded = list(map(itemgetter("segmentation"), portion))
            fits = list(map(itemgetter("size"), coded)) == sizes.tolist()
            texts = list(map(itemgetter("counts"), coded))
            found = checked([text.encode("ascii") for text in texts], sizes.prod(axis=1))
        except (KeyError, TypeError, AttributeError, UnicodeError):
            return False
        if fits and found.fine.all():
            self.texts += texts
            self.areas.append(found.areas)
        return bool(fits and found.fine.all())

    def detections(self) -> Detections:
        """All of them, in the order of images; those of an image in that of the file."""
        table = np.concatenate([*self.tables, np.zeros((0, 3 if self.masks else 7))])
        table = table[order := np.argsort(table[:, IMAGE], kind="stable")]
        images = np.searchsorted(self.truth.images, table[:, IMAGE])
        return Detections(
            images=images,
            classes=np.searchsorted(self.truth.categories, table[:, CATEGORY]),
            boxes=np.zeros((len(table), 0)) if self.masks else table[:, BOX],
            scores=table[:, SCORE],
            masks=self._own_masks(images, order) if self.masks else None,
        )

    def _own_masks(self, images: Ints, order: Ints) -> _ReadMasks:
        areas = np.concatenate([*self.areas, np.zeros(0, np.int64)])[order]
        texts = [self.texts[place] for place in order.tolist()]
        return _ReadMasks(images=images, texts=texts, areas=areas, sizes=self.truth.sizes)


def read_results(path: Path, truth: Truth, *, masks: bool) -> Detections:
    """The detections of a file. Raises CocoRefused with what is wrong, at most `MOST_PROBLEMS`."""
    reading = _Reading(truth=truth, masks=masks)
    try:
        with open_regular(path) as stream:
            _read(stream, reading)
    except OSError as error:
        says = f"it cannot be read: {reason(error)}"
        raise CocoRefused([Problem(code=NOT_A_LIST, where=path.name, says=says)]) from error
    if reading.problems:
        raise CocoRefused([*id_space_problems(truth, reading.categories, reading.images), *reading.problems])
    return reading.detections()


def _read(stream: BinaryIO, reading: _Reading) -> None:
    try:
        for portion in _ahead(_portions(elements(stream))):
            reading.add(portion)
            if len(reading.problems) >= MOST_PROBLEMS:
                says = f"it is read no further after {MOST_PROBLEMS:,} problems"
                reading.problems.append(Problem(code=reading.problems[-1].code, where="", says=says))
                return
            if reading.count > MOST_DETECTIONS:
                says = f"it has more than {MOST_DETECTIONS:,} detections; keep the 100 best of each image"
                reading.problems.append(Problem(code=TOO_LARGE, where="", says=says))
                return
    except NotAList as error:
        reading.problems.append(Problem(code=NOT_A_LIST, where=f"results[{error.index}]", says=str(error)))


def _ahead(portions: Iterator[list[Any]]) -> Iterator[list[Any]]:
    """The same, each read while the one before it is looked at: numpy leaves the interpreter to the reader."""
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, portions, None)
        while (portion := coming.result()) is not None:
            coming = reader.submit(next, portions, None)
            yield portion


def _portions(values: Iterator[list[Any]]) -> Iterator[list[Any]]:
    """All values, some hundreds at a time; also those before one that cannot be read."""
    portion: list[Any] = []
    try:
        for several in values:
            portion += several
            if len(portion) >= PORTION:
                yield portion
                portion = []
    except NotAList:
        yield portion
        raise
    yield portion


def _table(portion: list[Record], *, boxes: bool) -> Floats | None:
    """Of records image, category, score and box [n, 3 or 7]; None where one may be something else."""
    try:
        columns = [list(map(itemgetter(name), portion)) for name in NAMES]
        framed = list(map(itemgetter("bbox"), portion)) if boxes else []
        kinds = [set(map(type, column)) for column in (*columns, chain.from_iterable(framed))]
        whole, numbers = kinds[IMAGE] | kinds[CATEGORY] <= {int}, set().union(*kinds) <= {int, float}
        table = np.array(columns, np.float64).T
        if boxes:
            table = np.concatenate([table, np.array(framed, np.float64).reshape(len(portion), 4)], axis=1)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return table if whole and numbers else None


def _is_fine(table: Floats, truth: Truth) -> bool:
    known = _are_known(table[:, IMAGE], truth.images) and _are_known(table[:, CATEGORY], truth.categories)
    sizes = np.all(table[:, 5:] >= 0) and np.all(table[:, SCORE] >= 0)
    return bool(known and sizes and np.all(np.abs(table[:, SCORE:]) <= LARGEST))


def _are_known(ids: Floats, known: Ints) -> bool:
    """Whether all are among those, which ascend."""
    places = np.minimum(np.searchsorted(known, ids), len(known) - 1)
    return bool((known[places] == ids).all())
