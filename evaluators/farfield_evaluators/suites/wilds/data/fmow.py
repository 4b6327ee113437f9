"""FMoW-wilds: what buildings and land are used for, from above; validation and test are of later years.

Christie et al., CVPR 2018; Koh et al., ICML 2021 (arXiv 2012.07421), section 4.2.2. A row's split is its own and its
time's together: test rows since 2016, val rows of 2013 to 2015, and of the years before that train, val and test rows
as train, id_val and id_test. All other rows are in no split. A picture is numbered by its row in the whole file, also
though the rows of `seq` are then dropped. Moments are compared in UTC. A country without a region is in "Other".
"""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from farfield_evaluators.data.tables import Table, first_seen, numbered
from farfield_evaluators.data.wilds_files import (
    CATEGORY_NAMES,
    TOLD,
    category_of_rows,
    picture_file,
    read_fmow,
    regions,
    split_of_rows,
)
from farfield_evaluators.suites.wilds.data.release import Ints, Release, with_source
from farfield_evaluators.suites.wilds.data.unlabeled import FMOW_UNLABELED
from farfield_evaluators.suites.wilds.datasets import FMOW, Dataset

FIRST_YEAR, YEARS = 2002, tuple(str(year) for year in range(2002, 2018))
VAL_SINCE, TEST_SINCE = 2013, 2016


def read(root: Path) -> Release:
    """The release in a folder. Raises PackError and ImportProblems."""
    table = read_fmow(root, "timestamp")
    told, years = _told(table)
    splits = np.full(len(table), -1)
    splits[told == TOLD["test"]] = _by_year(years[told == TOLD["test"]], "id_test", "", "test")
    splits[told == TOLD["val"]] = _by_year(years[told == TOLD["val"]], "id_val", "val", "")
    splits[told == TOLD["train"]] = _by_year(years[told == TOLD["train"]], "train", "", "")
    return _release(FMOW, root, table, splits, years, np.flatnonzero(told != TOLD["seq"]))


def read_unlabeled(root: Path) -> Release:
    """The unlabeled data of 2.0, in the same release: later rows of train and seq, early ones of seq. Raises as `read`.

    Labels are -1: WILDS hides them, too.
    """
    table = read_fmow(root, "timestamp")
    told, years = _told(table)
    numbers, others = FMOW_UNLABELED.splits, ~np.isin(told, [TOLD["val"], TOLD["test"]])
    splits = np.full(len(table), -1)
    splits[others & (years >= TEST_SINCE)] = numbers["test_unlabeled"]
    splits[others & (years >= VAL_SINCE) & (years < TEST_SINCE)] = numbers["val_unlabeled"]
    splits[(told == TOLD["seq"]) & (years < VAL_SINCE)] = numbers["train_unlabeled"]
    return _release(FMOW_UNLABELED, root, table, splits, years, np.flatnonzero(splits >= 0))


def _told(table: Table) -> tuple[Ints, Ints]:
    """Of each row [N] the split that it has of its own, by its place in TOLD, and its year in UTC."""
    told = split_of_rows(table)
    years = table.parsed("timestamp", "moment with a zone of time, such as 2016-05-01T10:00:00Z", year_of)
    return told, np.array(years, np.int64)


def year_of(text: str) -> int:
    """The year of a moment, in UTC. Raises ValueError for one without a zone.

    >>> year_of("2015-12-31T23:30:00-01:00")
    2016
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment.astimezone(UTC).year


def _by_year(years: Ints, before: str, between: str, after: str) -> Ints:
    """The number of the split of each row [N] by its year; "" is none."""
    numbers = {"": -1, **FMOW.splits}
    chosen = [years < VAL_SINCE, years < TEST_SINCE]
    return np.select(chosen, [numbers[before], numbers[between]], numbers[after])


def _release(dataset: Dataset, root: Path, table: Table, splits: Ints, years: Ints, rows: Ints) -> Release:
    """Of the whole file the rows at these places [n]."""
    labels = np.full(len(table), -1) if dataset is FMOW_UNLABELED else category_of_rows(table)
    known = (years >= FIRST_YEAR) & (years < FIRST_YEAR + len(YEARS))
    names = regions(root, table)
    values = first_seen(names)
    columns = {"region": numbered(names, values), "year": np.where(known, years - FIRST_YEAR, -1), "y": labels}
    metadata, fields = with_source(dataset, splits, columns)
    return Release(
        dataset=dataset,
        splits=splits[rows],
        labels=labels[rows],
        metadata=metadata[rows],
        fields=fields,
        values={"region": values, "year": YEARS, "y": CATEGORY_NAMES},
        files=[picture_file(row) for row in rows.tolist()],
    )
