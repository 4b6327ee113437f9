"""Packs of text and graphs, for predictions that were made elsewhere: labels, groups and targets, and no input at all.

What a pack stores of an example is its number in the data set. No method is run on such a pack.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from farfield_evaluators.data.packs import Pack, PackClass, PackColumn, Placed, Source, build
from farfield_evaluators.data.problems import SUBSET_ADVICE, ImportProblems
from farfield_evaluators.data.tables import counted
from farfield_evaluators.suites.wilds.data.packing import (
    Layout,
    group_columns,
    groups_of,
    notes_of,
    set_of,
    split_problems,
)
from farfield_evaluators.suites.wilds.data.places import locate
from farfield_evaluators.suites.wilds.data.release import Array, Ints, Release

Targets = Mapping[str, Array]
TOKENS, TOKEN_TYPES, TASKS = "tokens", "token-types", "tasks"
NOTHING = -1  # a label where there is none: padding, and a property that was not measured


@dataclass(frozen=True, kw_only=True)
class Unseen(Placed):
    """One example, of which only its number is stored."""

    set: str
    label: int
    domain: int
    order: int
    more: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def columns(self) -> Mapping[str, Any]:
        return {**super().columns, **self.more}

    def stored(self) -> bytes:
        return str(self.order).encode()

    def where(self) -> str:
        return f"row {self.order + 1}"


def no_targets(release: Release) -> Targets:
    """Of a classification: its labels are all there is to tell."""
    return {}


def tokens_of(release: Release) -> Targets:
    """Py150's tokens and their types, int64 [N, positions] each."""
    types = release.metadata[:, 1:-1]
    tokens = np.where(np.isnan(release.labels), NOTHING, release.labels).astype(np.int64)
    return {TOKENS: tokens, TOKEN_TYPES: np.where(types < 0, NOTHING, types).astype(np.int64)}


def tasks_of(release: Release) -> Targets:
    """MolPCBA's properties, int64 [N, 128]."""
    return {TASKS: np.where(np.isnan(release.labels), NOTHING, release.labels).astype(np.int64)}


def import_unseen(
    layout: Layout, targets: Callable[[Release], Targets], path: Path, packs: Path, *, subset: bool = False
) -> Pack:
    """Import the labels of the release at `path`. `subset` as of `import_images`, and it raises what that does."""
    root = locate(layout.dataset, path, layout.key)
    release = layout.read(root)
    chosen = np.flatnonzero(release.splits >= 0)
    problems = list(split_problems(release, chosen, subset=subset))
    if problems:
        raise ImportProblems(root, layout.pack, problems, advice="" if subset else SUBSET_ADVICE)
    return build(_source(layout, release, targets(release), chosen, official=not subset), packs)


def importer_of(layout: Layout, targets: Callable[[Release], Targets]) -> Callable[..., Pack]:
    """What imports that data set."""
    return partial(import_unseen, layout, targets)


def _source(layout: Layout, release: Release, targets: Targets, chosen: Ints, *, official: bool) -> Source:
    dataset = layout.dataset
    rows = [PackColumn(name=name, kind="rows", dtype="int64") for name in targets]
    return Source(
        name=layout.pack,
        title=f"{dataset.title} (WILDS {dataset.version}), labels only",
        licence=layout.licence,
        classes=tuple(PackClass(name=name) for name in release.values.get("y", ())),
        domains=domains_of(release),
        examples=Rows(release=release, chosen=chosen, groups=layout.groups, targets=targets),
        ordered=True,
        release=dataset.version if official else "subset",
        official=official,
        columns=(*group_columns(release, layout.groups), *rows),
        notes=notes_of(release, chosen),
    )


def domains_of(release: Release) -> tuple[str, ...]:
    """The names of the group field's values; their numbers where they have none."""
    name = release.dataset.group_field
    return release.values.get(name) or counted(release.column(name))


@dataclass(frozen=True, kw_only=True)
class Rows:
    """The examples of the pack, each made when it is asked for."""

    release: Release
    chosen: Ints
    groups: tuple[str, ...]
    targets: Targets

    def __len__(self) -> int:
        return len(self.chosen)

    def __getitem__(self, index: int, /) -> Unseen:
        release, place = self.release, int(self.chosen[index])
        return Unseen(
            set=set_of(release, place),
            label=NOTHING if self.targets else int(release.labels[place]),
            domain=int(release.column(release.dataset.group_field)[place]),
            order=place,
            more={
                **groups_of(release, place, self.groups),
                **{name: values[place].reshape(-1, 1) for name, values in self.targets.items()},
            },
        )
