"""Packs of WILDS 2.0: a labeled release and the unlabeled one beside it, for methods that learn from both.

The unlabeled splits keep their names, and the set `unlabeled` joins all of them. What the unlabeled release says of a
label is left out: nobody is given it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from farfield_evaluators.data.contents import Item, Items
from farfield_evaluators.data.joined import Joined
from farfield_evaluators.data.packs import Pack, Source, UnreadableFiles, build
from farfield_evaluators.data.problems import SUBSET_ADVICE, ImportProblems
from farfield_evaluators.suites.wilds.data.globalwheat import Pictures
from farfield_evaluators.suites.wilds.data.packing import (
    Examples,
    Layout,
    missing,
    notes_of,
    present,
    source_of,
    split_problems,
    told,
)
from farfield_evaluators.suites.wilds.data.places import locate
from farfield_evaluators.suites.wilds.data.release import Array, Ints, Release
from farfield_evaluators.suites.wilds.datasets import Dataset

UNLABELED = "unlabeled"


@dataclass(frozen=True, kw_only=True)
class Unlabeled:
    """The unlabeled data that belong to a layout: what they are, the file that says where they lie, what reads them.

    release: whose folder they lie in, where that is not one of their own: FMoW's are rows of the labeled release.
    """

    of: Layout
    dataset: Dataset
    key: str
    read: Callable[[Path], Release]
    release: Dataset | None = None

    @property
    def pack(self) -> str:
        return f"{self.of.pack}-{UNLABELED}"


@dataclass(frozen=True, kw_only=True)
class Part:
    """One of the two releases: where it lies, and the places [n] of the rows that are taken."""

    release: Release
    root: Path
    chosen: Ints


def import_with_unlabeled(spec: Unlabeled, path: Path, packs: Path, *, subset: bool = False) -> Pack:
    """Import both, whose folders lie in `path`. `subset`, and what is raised, as of `import_images`."""
    labeled = _part(locate(spec.of.dataset, path, spec.of.key), spec.of.read, subset=subset)
    further = _part(locate(spec.release or spec.dataset, path, spec.key), spec.read, subset=subset)
    problems = [problem for part in (labeled, further) for problem in _problems(part, subset=subset)]
    if problems:
        raise ImportProblems(path, spec.pack, problems, advice="" if subset else SUBSET_ADVICE)
    fields = (spec.of.dataset.group_field, *spec.of.groups)
    labeled, further = alike(labeled, further, fields)
    try:
        return build(_source(spec, labeled, further, official=not subset), packs)
    except UnreadableFiles as error:
        raise ImportProblems(path, spec.pack, [told(path, problem) for problem in error.problems]) from error


def _part(root: Path, read: Callable[[Path], Release], *, subset: bool) -> Part:
    release = read(root)
    chosen = present(release, root) if subset else np.flatnonzero(release.splits >= 0)
    return Part(release=release, root=root, chosen=chosen)


def _problems(part: Part, *, subset: bool) -> list[str]:
    name = part.release.dataset.name
    problems = list(split_problems(part.release, part.chosen, subset=subset))
    problems += [] if subset else missing(part.release, part.root, part.chosen)
    return [f"{name}: {problem}" for problem in problems]


def alike(one: Part, other: Part, fields: Sequence[str]) -> tuple[Part, Part]:
    """Both with one numbering of the values of these fields: the other's are looked up by name, and new ones added."""
    values = {name: tuple(dict.fromkeys((*one.release.values[name], *other.release.values[name]))) for name in fields}
    metadata = other.release.metadata.copy()
    for name in fields:
        metadata[:, other.release.fields.index(name)] = _renumbered(other.release, name, values[name])
    return (
        replace(one, release=replace(one.release, values={**one.release.values, **values})),
        replace(other, release=replace(other.release, values={**other.release.values, **values}, metadata=metadata)),
    )


def _renumbered(release: Release, name: str, values: Sequence[str]) -> Array:
    places: Mapping[str, int] = {value: number for number, value in enumerate(values)}
    numbers = np.array([places[value] for value in release.values[name]], np.int64)
    return numbers[release.column(name).astype(np.int64)]


def _source(spec: Unlabeled, labeled: Part, further: Part, *, official: bool) -> Source:
    make = spec.of.source or source_of
    own = make(spec.of, labeled.release, labeled.root, labeled.chosen, official=official)
    one, other = (_examples(spec.of, part) for part in (labeled, further))
    return replace(
        own,
        name=spec.pack,
        title=f"{own.title}, with unlabeled data",
        examples=Joined([one, Further(items=other, first=len(labeled.release))]),
        joined=((UNLABELED, tuple(sorted(spec.dataset.splits))),),
        notes=(*own.notes, *notes_of(further.release, further.chosen)),
    )


def _examples(layout: Layout, part: Part) -> Items:
    kind = Examples if layout.source is None else Pictures
    return kind(release=part.release, root=part.root, chosen=part.chosen, groups=layout.groups)


@dataclass(frozen=True, kw_only=True)
class Further:
    """The unlabeled examples: their order starts at `first`, after the labeled ones, and they have no label."""

    items: Items
    first: int

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int, /) -> Item:
        example: Any = self.items[index]
        given: Item = replace(example, label=-1, order=example.order + self.first)
        return given
