"""Camelyon17-wilds: patches of lymph nodes, from five hospitals; validation is on one of them and the test on another.

Bandi et al., IEEE TMI 2018; Koh et al., ICML 2021 (arXiv 2012.07421), section 4.1.2. The table's column `split` knows
only train and id_val: whatever it says of them, hospital 1 is val and hospital 2 is test.
"""

from pathlib import Path

import numpy as np

from farfield_evaluators.data.tables import Table, counted, read_table
from farfield_evaluators.data.wilds_files import (
    CAMELYON17_TABLE,
    PATCH_COLUMNS,
    TUMOR_CLASSES,
    patch_files,
    tumor_of_rows,
)
from farfield_evaluators.suites.wilds.data.release import Ints, Release, with_source
from farfield_evaluators.suites.wilds.data.unlabeled import CAMELYON17_UNLABELED
from farfield_evaluators.suites.wilds.datasets import CAMELYON17, Dataset

BY_HOSPITAL = {1: "val", 2: "test"}
COLUMNS = (*PATCH_COLUMNS, "tumor", "slide", "center")


def read(root: Path) -> Release:
    """The release in a folder. Raises PackError and ImportProblems."""
    table = read_table(root / CAMELYON17_TABLE, (*COLUMNS, "split"))
    told = table.mapped("split", "split; it is 0 or 1", {"0": 0, "1": 1, "0.0": 0, "1.0": 1})
    return _release(CAMELYON17, table, told, tumor_of_rows(table))


def read_unlabeled(root: Path) -> Release:
    """The release of 2.0 that has no labels: all of hospitals 1 and 2 are for val and test. Raises as `read`."""
    table = read_table(root / CAMELYON17_TABLE, COLUMNS)
    train = CAMELYON17_UNLABELED.splits["train_unlabeled"]
    return _release(CAMELYON17_UNLABELED, table, np.full(len(table), train), np.full(len(table), -1))


def _release(dataset: Dataset, table: Table, splits: Ints, labels: Ints) -> Release:
    hospital, slide = table.whole("center"), table.whole("slide")
    suffix = "_unlabeled" if dataset is CAMELYON17_UNLABELED else ""
    for center, name in BY_HOSPITAL.items():
        splits = np.where(hospital == center, dataset.splits[name + suffix], splits)
    metadata, fields = with_source(dataset, splits, {"hospital": hospital, "slide": slide, "y": labels})
    return Release(
        dataset=dataset,
        splits=splits,
        labels=labels,
        metadata=metadata,
        fields=fields,
        values={"hospital": counted(hospital), "slide": counted(slide), "y": TUMOR_CLASSES},
        files=patch_files(table),
    )
