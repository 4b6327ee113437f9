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
from farfield_evaluators.suites.wilds.data.packing import (
    Layout,
    group_columns,
    groups_of,
    notes_of,
    set_of,
)
from farfield_evaluators.suites.wilds.data.release import Array, Ints, Release, with_source
from farfield_evaluators.suites.wilds.data.tables import Table, first_seen, numbered, read_table
from farfield_evaluators.suites.wilds.datasets import GLOBALWHEAT

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
SESSIONS_TABLE = "metadata_domain.csv"
NO_BOX = "no_box"
GROUPS = ("session", "country", "location", "stage")
_OF_INSTITUTE = (
    ("Arvalis", 12),
    ("ETHZ", 1),
    ("Inrae", 1),
    ("NMBU", 2),
    ("Rres", 1),
    ("ULiège-GxABT", 1),
    ("Utokyo", 3),
    ("Ukyoto", 1),
    ("NAU", 3),
    ("ARC", 1),
    ("UQ", 11),
    ("Terraref", 2),
    ("KSU", 4),
    ("CIMMYT", 3),
    ("Usask", 1),
)
SESSIONS = tuple(f"{name}_{number}" for name, count in _OF_INSTITUTE for number in range(1, count + 1))
"""The 47 sessions by their numbers."""
BOXES = (
    PackColumn(name="boxes", kind="rows", width=4),  # x, y, width, height in pixels
    PackColumn(name="box-labels", kind="rows", dtype="int64"),
)


def read(root: Path) -> Release:
    """The release in a folder. Raises PackError and ImportProblems."""
    tables = [read_table(root / name, ("image_name", "BoxesString", "domain")) for name in TABLES.values()]
    counts = [len(table) for table in tables]
    splits = np.repeat([GLOBALWHEAT.splits[name] for name in TABLES], counts)
    sessions = np.concatenate([_sessions(table) for table in tables])
    boxes = [each for table in tables for each in table.parsed("BoxesString", _WHAT, boxes_of)]
    places = _places(root, sessions)
    columns: dict[str, Array] = {"session": sessions}
    for field, told in places.items():
        columns[field] = numbered([told[number] for number in sessions.tolist()], first_seen(told.values()))
    metadata, fields = with_source(GLOBALWHEAT, splits, columns)
    return Release(
        dataset=GLOBALWHEAT,
        splits=splits,
        labels=np.concatenate([np.zeros((0, 4)), *boxes]),
        rows=np.array([len(each) for each in boxes], np.int64),
        metadata=metadata,
        fields=fields,
        values={"session": SESSIONS, **{field: first_seen(told.values()) for field, told in places.items()}},
        files=[f"images/{name}" for table in tables for name in table.texts("image_name")],
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


def _sessions(table: Table) -> Ints:
    known = {str(number): number for number in range(len(SESSIONS))}
    numbers: Ints = table.mapped("domain", f"session; they are numbered 0 to {len(SESSIONS) - 1}", known)
    return numbers


def _places(root: Path, sessions: Ints) -> dict[str, dict[int, str]]:
    """Of each field its value in each session that occurs, by the session's number. Raises ImportProblems."""
    columns = {"country": "country", "location": "location", "stage": "development_stage"}
    table = read_table(root / SESSIONS_TABLE, ("name", *columns.values()), delimiter=";")
    rows = {name: row for row, name in enumerate(table.texts("name"))}
    occurring = np.unique(sessions).tolist()
    absent = [SESSIONS[number] for number in occurring if SESSIONS[number] not in rows]
    if absent:
        says = [f"{SESSIONS_TABLE}: has no row of the session {name}, which has images" for name in absent]
        raise ImportProblems(root, "an official release", says)
    return {
        field: {number: table.texts(column)[rows[SESSIONS[number]]] for number in occurring}
        for field, column in columns.items()
    }


def source_of(layout: Layout, release: Release, root: Path, chosen: Ints, *, official: bool) -> Source:
    """What the pack is made of: the pictures at these places [n], with their boxes."""
    return Source(
        name=layout.pack,
        title=f"{GLOBALWHEAT.title} (WILDS {GLOBALWHEAT.version})",
        licence=layout.licence,
        classes=(PackClass(name="wheat head"),),
        domains=SESSIONS,
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
