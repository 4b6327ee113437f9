"""Camelyon17 by hospital and FMoW by region, from WILDS' releases: every labelled image, whatever WILDS' splits are."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from farfield_evaluators.data.packs import Pack, PackError
from farfield_evaluators.data.problems import difference
from farfield_evaluators.data.tables import first_seen, numbered, read_table
from farfield_evaluators.data.wilds_files import (
    CAMELYON17_TABLE,
    CATEGORY_NAMES,
    FMOW_TABLE,
    PATCH_COLUMNS,
    TOLD,
    TUMOR_CLASSES,
    category_of_rows,
    patch_files,
    picture_file,
    read_fmow,
    regions,
    split_of_rows,
    tumor_of_rows,
)
from farfield_evaluators.suite import Importer
from farfield_evaluators.suites.domainbed.data.itemised import Item, Itemised, import_items
from farfield_evaluators.suites.domainbed.further import WILDS_CAMELYON, WILDS_FMOW

CAMELYON17_IMAGES = 455_954  # over the splits of WILDS' paper, which leave no image out


def read_camelyon(root: Path) -> Itemised:
    """What WILDS' folder of Camelyon17 holds. Raises PackError, and ImportProblems for a hospital that there is not."""
    table = read_table(root / CAMELYON17_TABLE, (*PATCH_COLUMNS, "tumor", "center"))
    names = WILDS_CAMELYON.environments
    hospitals = table.mapped("center", f"hospital; they are 0 to {len(names) - 1}", _numbers(len(names)))
    rows = zip(patch_files(table), tumor_of_rows(table).tolist(), hospitals.tolist(), strict=True)
    return Itemised(
        name=WILDS_CAMELYON.benchmark,
        title="WILDSCamelyon: patches of lymph nodes, by hospital",
        licence="CC0",
        classes=TUMOR_CLASSES,
        environments=names,
        items=[Item(*row) for row in rows],
    )


def read_fmow_regions(root: Path) -> Itemised:
    """What WILDS' folder of FMoW holds. Raises PackError and ImportProblems.

    Regions are numbered as they first occur in the whole table, and the sequestered rows are then left out.
    """
    table = read_fmow(root)
    names, labels = regions(root, table), category_of_rows(table)
    seen = first_seen(names)
    numbers = numbered(names, seen)
    kept = np.flatnonzero(split_of_rows(table) != TOLD["seq"]).tolist()
    return Itemised(
        name=WILDS_FMOW.benchmark,
        title="WILDSFMoW: what buildings and land are used for, by region",
        licence="Functional Map of the World Challenge Public License",
        classes=CATEGORY_NAMES,
        environments=seen,
        items=[Item(picture_file(row), int(labels[row]), int(numbers[row])) for row in kept],
    )


@dataclass(frozen=True, kw_only=True)
class Release:
    """A release of WILDS: its folder's name, the table in it, how it is read, and its images where that is known."""

    folder: str
    table: str
    read: Callable[[Path], Itemised]
    images: int | None = None


CAMELYON = Release(folder="camelyon17_v1.0", table=CAMELYON17_TABLE, read=read_camelyon, images=CAMELYON17_IMAGES)
FMOW = Release(folder="fmow_v1.1", table=FMOW_TABLE, read=read_fmow_regions)


def import_release(release: Release, path: Path, packs: Path, *, subset: bool = False) -> Pack:
    """Import WILDS' folder, or the one that holds it. Raises PackError and ImportProblems."""
    root = next((p for p in (path, path / release.folder) if (p / release.table).is_file()), None)
    if root is None:
        where = f"the folder {release.folder} of WILDS, or the one that holds it"
        raise PackError(f"{path} has no {release.table}; give {where}")
    data = release.read(root)
    count, problems = len(data.items), []
    if not subset and release.images not in {None, count}:
        far = difference(count, [release.images or 0])
        problems.append(f"{release.table} has {count:,} images, not {release.images:,}; {far}")
    return import_items(data, root, packs, subset=subset, problems=problems)


def _numbers(count: int) -> dict[str, int]:
    return {str(number): number for number in range(count)}


IMPORTERS = tuple(
    Importer(name=dataset.benchmark, build=partial(import_release, release))
    for dataset, release in ((WILDS_CAMELYON, CAMELYON), (WILDS_FMOW, FMOW))
)
