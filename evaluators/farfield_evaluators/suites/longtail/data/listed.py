"""The images of one set of a long-tailed release, made into examples when they are asked for, with their buckets."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from farfield_evaluators.data.contents import Item
from farfield_evaluators.data.packs import Example, PackColumn
from farfield_evaluators.suites.longtail.shots import Convention, Ints

SHOWN_LISTED = 1000


@dataclass(frozen=True, kw_only=True)
class Listed:
    """N images: files below `root`, a label each [N], and of each group column of the pack a number each [N]."""

    root: Path
    set: str
    files: tuple[str, ...]
    labels: Ints
    groups: Mapping[str, Ints] = field(default_factory=dict, hash=False)

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> Item:
        groups = {name: int(numbers[index]) for name, numbers in self.groups.items()}
        return Example(path=self.root / self.files[index], set=self.set, label=int(self.labels[index]), more=groups)


def twice(sets: Sequence[Listed]) -> Iterator[str]:
    """A sentence for each image that is listed twice, in one set or in two."""
    first: dict[str, str] = {}
    for each in sets:
        for file in each.files:
            where = first.setdefault(file, each.set)
            if where != each.set:
                yield f"{file}: is listed in {where} and in {each.set}"
        counted = len(each.files) - len(set(each.files))
        if counted:
            yield f"{each.set}: {counted} images are listed twice"


def shots_of(conventions: Sequence[Convention], counts: Ints, labels: Ints) -> dict[str, Ints]:
    """The bucket of each image's class, by column. counts: training images of each class [C]; labels [N]."""
    return {convention.column: convention.buckets(counts)[labels] for convention in conventions}


def empty_buckets(columns: Sequence[PackColumn], tested: Listed) -> Iterator[str]:
    """A sentence for each column with a bucket that no test image is of: a board's figure would be undefined."""
    for column in columns:
        present = set(np.unique(tested.groups[column.name]).tolist())
        missing = [value for number, value in enumerate(column.values) if number not in present]
        if missing:
            yield f"{tested.set}: no image of a class that is {' or '.join(missing)} by {column.name}"


def cut_short(problems: Sequence[str]) -> list[str]:
    """The first problems, and how many there are besides: a release whose images are elsewhere has one of each."""
    more = len(problems) - SHOWN_LISTED
    return [*problems[:SHOWN_LISTED], *([f"and {more:,} more of this kind"] if more > 0 else [])]
