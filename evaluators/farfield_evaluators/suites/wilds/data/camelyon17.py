"""Camelyon17-wilds: patches of lymph nodes, from five hospitals; validation is on one of them and the test on another.

Bandi et al., IEEE TMI 2018; Koh et al., ICML 2021 (arXiv 2012.07421), section 4.1.2. The table's column `split` knows
only train and id_val: whatever it says of them, hospital 1 is val and hospital 2 is test. A patient's number is text:
as a number it would lose the zeros that stand in the names of files.
"""

from pathlib import Path

import numpy as np

from farfield_evaluators.suites.wilds.data.release import Ints, Release, with_source
from farfield_evaluators.suites.wilds.data.tables import Table, counted, read_table
from farfield_evaluators.suites.wilds.data.unlabeled import CAMELYON17_UNLABELED
from farfield_evaluators.suites.wilds.datasets import CAMELYON17, Dataset

CLASSES = ("normal", "tumor")
BY_HOSPITAL = {1: "val", 2: "test"}
NAMED = ("patient", "node", "x_coord", "y_coord")
COLUMNS = (*NAMED, "tumor", "slide", "center")


def read(root: Path) -> Release:
    """The release in a folder. Raises PackError and ImportProblems."""
    table = read_table(root / "metadata.csv", (*COLUMNS, "split"))
    told = table.mapped("split", "split; it is 0 or 1", {"0": 0, "1": 1, "0.0": 0, "1.0": 1})
    return _release(CAMELYON17, table, told, _labels(table))


def read_unlabeled(root: Path) -> Release:
    """The release of 2.0 that has no labels: all of hospitals 1 and 2 are for val and test. Raises as `read`."""
    table = read_table(root / "metadata.csv", COLUMNS)
    train = CAMELYON17_UNLABELED.splits["train_unlabeled"]
    return _release(CAMELYON17_UNLABELED, table, np.full(len(table), train), np.full(len(table), -1))


def _labels(table: Table) -> Ints:
    return table.mapped("tumor", "label; it is 0 or 1", {"0": 0, "1": 1})


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
        values={"hospital": counted(hospital), "slide": counted(slide), "y": CLASSES},
        files=[_file(*named) for named in zip(*(table.texts(name) for name in NAMED), strict=True)],
    )


def _file(patient: str, node: str, x: str, y: str) -> str:
    """
    >>> _file("004", "4", "3328", "21792")
    'patches/patient_004_node_4/patch_patient_004_node_4_x_3328_y_21792.png'
    """
    name = f"patient_{patient}_node_{node}"
    return f"patches/{name}/patch_{name}_x_{x}_y_{y}.png"
