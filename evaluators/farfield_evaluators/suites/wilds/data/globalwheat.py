"""GlobalWheat-wilds: heads of wheat in pictures of fields; whole sessions of pictures are held out.

David et al., Plant Phenomics 2020 and 2021 (arXiv 2105.07660); Koh et al., ICML 2021 (arXiv 2012.07421), section 4.2.1.
A table for each split has the boxes of each picture as text, or `no_box`. A session's number counts through WILDS' own
list, and not through the rows of `metadata_domain.csv`, which tells country, place and stage of growth by its name.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

import numpy as np

from farfield_evaluators.data.columns import PackColumn
from farfield_evaluators.data.packs import Example, PackClass, Source
from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.data.tables import Table, first_seen, numbered, read_table
from farfield_evaluators.suites.wilds.data.packing import (
    Layout,
    group_columns,
    groups_of,
    notes_of,
    set_of,
)
from farfield_evaluators.suites.wilds.data.release import Array, Ints, Release, with_source
from farfield_evaluators.suites.wilds.data.unlabeled import GLOBALWHEAT_UNLABELED
from farfield_evaluators.suites.wilds.data.wheat_sessions import SESSIONS, UNLABELED_SESSIONS
from farfield_evaluators.suites.wilds.datasets import GLOBALWHEAT, Dataset

TABLES: Mapping[str, str] = MappingProxyType(
    {
        "train": "official_train.csv",
        "val": "official_val.csv",
        "test": "official_test.csv",
        "id_val": "fixed_train_val.csv",
        "id_test": "fixed_train_test.csv",
    }
)
KEY = TABLES["train"]
UNLABELED_TABLES: Mapping[str, str] = MappingProxyType(
    {f"{name}_unlabeled": f"official_{name}_unlabeled.csv" for name in ("train", "val", "test", "extra")}
)
UNLABELED_KEY = UNLABELED_TABLES["train_unlabeled"]
SESSIONS_TABLE, UNLABELED_SESSIONS_TABLE = "metadata_domain.csv", "metadata_domain_unlabeled.csv"
NO_BOX = "no_box"
GROUPS = ("session", "country", "location", "stage")
BOXES = (
    PackColumn(name="boxes", kind="rows", width=4),  # x, y, width, height in pixels
    PackColumn(name="box-labels", kind="rows", dtype="int64"),
)


def read(root: Path) -> Release:
    """The release in a folder. Raises PackError and ImportProblems."""
    tables = {split: read_table(root / name, ("image_name", "BoxesString", "domain")) for split, name in TABLES.items()}
    boxes = [each for table in tables.values() for each in table.parsed("BoxesString", _WHAT, boxes_of)]
    return _release(GLOBALWHEAT, tables, boxes, Sessions(names=SESSIONS, path=root / SESSIONS_TABLE))


def read_unlabeled(root: Path) -> Release:
    """The release of 2.0 whose pictures have no boxes. Raises as `read`."""
    tables = {split: read_table(root / name, ("image_name", "domain")) for split, name in UNLABELED_TABLES.items()}
    boxes = [np.zeros((0, 4)) for table in tables.values() for _ in range(len(table))]
    sessions = Sessions(names=UNLABELED_SESSIONS, path=root / UNLABELED_SESSIONS_TABLE)
    return _release(GLOBALWHEAT_UNLABELED, tables, boxes, sessions)


def _release(dataset: Dataset, tables: Mapping[str, Table], boxes: Sequence[Array], told: "Sessions") -> Release:
    splits = np.repeat([dataset.splits[name] for name in tables], [len(table) for table in tables.values()])
    sessions = np.concatenate([told.numbers(table) for table in tables.values()])
    places = told.places(sessions)
    columns: dict[str, Array] = {"session": sessions}
    for field, by_session in places.items():
        named = [by_session[number] for number in sessions.tolist()]
        columns[field] = numbered(named, first_seen(by_session.values()))
    metadata, fields = with_source(dataset, splits, columns)
    return Release(
        dataset=dataset,
        splits=splits,
        labels=np.concatenate([np.zeros((0, 4)), *boxes]),
        rows=np.array([len(each) for each in boxes], np.int64),
        metadata=metadata,
        fields=fields,
        values={"session": told.names, **{field: first_seen(known.values()) for field, known in places.items()}},
        files=[f"images/{name}" for table in tables.values() for name in table.texts("image_name")],
    )


_WHAT = f"list of boxes; it is {NO_BOX}, or x1 y1 x2 y2 of each with ; between"


def boxes_of(text: str) -> Array:
    """Boxes float64 [n, 4] in whole pixels. Raises ValueError for another text.

    >>> boxes_of("1 2 3 4;0 0 9 9").tolist(), boxes_of("no_box").shape
    ([[1.0, 2.0, 3.0, 4.0], [0.0, 0.0, 9.0, 9.0]], (0, 4))
    """
    if text == NO_BOX:
        return np.zeros((0, 4))
    numbers = [[float(number) for number in box.split()] for box in text.split(";")]
    if any(len(box) != 4 or not all(map(math.isfinite, box)) for box in numbers):
        raise ValueError(text)
    boxes: Array = np.trunc(np.array(numbers))
    if (boxes[:, 2:] < boxes[:, :2]).any():
        raise ValueError(text)
    return boxes


@dataclass(frozen=True, kw_only=True)
class Sessions:
    """The names of sessions by their numbers, and the table that tells of each by its name."""

    names: tuple[str, ...]
    path: Path

    def numbers(self, table: Table) -> Ints:
        """That of each picture. Raises ImportProblems."""
        known = {str(number): number for number in range(len(self.names))}
        return table.mapped("domain", f"session; they are numbered 0 to {len(self.names) - 1}", known)

    def places(self, sessions: Ints) -> dict[str, dict[int, str]]:
        """Of each field its value in each session that occurs, by the session's number. Raises ImportProblems."""
        columns = {"country": "country", "location": "location", "stage": "development_stage"}
        table = read_table(self.path, ("name", *columns.values()), delimiter=";")
        rows = {name: row for row, name in enumerate(table.texts("name"))}
        occurring = np.unique(sessions).tolist()
        absent = [self.names[number] for number in occurring if self.names[number] not in rows]
        if absent:
            says = [f"{self.path.name}: has no row of the session {name}, which has images" for name in absent]
            raise ImportProblems(self.path.parent, "an official release", says)
        return {
            field: {number: table.texts(column)[rows[self.names[number]]] for number in occurring}
            for field, column in columns.items()
        }


def source_of(layout: Layout, release: Release, root: Path, chosen: Ints, *, official: bool) -> Source:
    """What the pack is made of: the pictures at these places [n], with their boxes."""
    return Source(
        name=layout.pack,
        title=f"{GLOBALWHEAT.title} (WILDS {GLOBALWHEAT.version})",
        licence=layout.licence,
        classes=(PackClass(name="wheat head"),),
        domains=release.values["session"],
        examples=Pictures(release=release, root=root, chosen=chosen, groups=layout.groups),
        ordered=True,
        release=GLOBALWHEAT.version if official else "subset",
        official=official,
        columns=(*group_columns(release, layout.groups), *BOXES),
        notes=notes_of(release, chosen),
    )


@dataclass(frozen=True, kw_only=True)
class Pictures:
    """The pictures of a pack at these places, each made when it is asked for."""

    release: Release
    root: Path
    chosen: Ints
    groups: Sequence[str]

    def __len__(self) -> int:
        return len(self.chosen)

    def __getitem__(self, index: int, /) -> Example:
        place, release = int(self.chosen[index]), self.release
        corners = self._boxes[place]
        sized = np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], axis=1)
        boxes = {"boxes": sized, "box-labels": np.zeros(len(sized), np.int64)}
        return Example(
            path=self.root / release.files[place],
            set=set_of(release, place),
            domain=int(release.column("session")[place]),
            order=place,
            more={**groups_of(release, place, self.groups), **boxes},
        )

    @cached_property
    def _boxes(self) -> list[Array]:
        """Those of each picture of the release."""
        rows = np.zeros(0, np.int64) if self.release.rows is None else self.release.rows
        return np.split(self.release.labels, np.cumsum(rows)[:-1])


LAYOUT = Layout(
    dataset=GLOBALWHEAT,
    pack="wilds-globalwheat",
    key=KEY,
    read=read,
    groups=GROUPS,
    licence="MIT",
    source=source_of,
)
