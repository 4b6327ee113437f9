"""OGB-MolPCBA: 128 properties of molecules; the scaffolds of validation and test are none of those of training.

Hu et al., OGB, NeurIPS 2020; Koh et al., ICML 2021 (arXiv 2012.07421), section 4.1.4. Labels and scaffolds only, no
graph, from the folder that OGB's own package makes. A property that was not measured has no label.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from farfield.errors import reason
from farfield_evaluators.data.errors import PackError
from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.data.tables import read_rows
from farfield_evaluators.suites.wilds.data.release import Ints, Release, with_source
from farfield_evaluators.suites.wilds.datasets import MOLPCBA

LABELS, SCAFFOLDS = Path("raw") / "graph-label.csv.gz", Path("raw") / "scaffold_group.npy"
FILES = {"train": "train", "val": "valid", "test": "test"}
KEY = str(LABELS)
VALUES = {"": np.nan, "nan": np.nan, "0": 0.0, "1": 1.0, "0.0": 0.0, "1.0": 1.0}


def read(root: Path) -> Release:
    """The release in a folder. Raises PackError and ImportProblems."""
    labels = _labels(root)
    splits, scaffolds = _splits(root, len(labels)), _scaffolds(root, len(labels))
    metadata, fields = with_source(MOLPCBA, splits, {"scaffold": scaffolds})
    return Release(dataset=MOLPCBA, splits=splits, labels=labels, metadata=metadata, fields=fields)


def _labels(root: Path) -> npt.NDArray[np.float64]:
    """[N, 128] of 0, 1 and NaN."""
    rows, width = read_rows(root / LABELS), MOLPCBA.classes
    bad = [n for n, row in enumerate(rows, 1) if len(row) != width or any(text not in VALUES for text in row)]
    if bad:
        says = f"{LABELS}, row {{}}: does not hold {width} labels, each of 0, 1 or nothing"
        raise ImportProblems(root, MOLPCBA.title, [says.format(number) for number in bad])
    return np.array([[VALUES[text] for text in row] for row in rows], np.float64).reshape(len(rows), width)


def _splits(root: Path, count: int) -> Ints:
    """The number of each molecule's split [N], of three files with the rows of one each."""
    splits = np.full(count, -1)
    for split, name in FILES.items():
        path = Path("split") / "scaffold" / f"{name}.csv.gz"
        rows = np.array([_row(path, row, count) for row in read_rows(root / path)], np.int64)
        if (splits[rows] >= 0).any() or len(np.unique(rows)) < len(rows):
            raise PackError(f"{root / path} names a molecule that is in a split already")
        splits[rows] = MOLPCBA.splits[split]
    return splits


def _row(path: Path, row: list[str], count: int) -> int:
    if len(row) != 1 or not row[0].isdecimal() or int(row[0]) >= count:
        raise PackError(f"{path}: {','.join(row)[:40]!r} is no row of {count:,} molecules")
    return int(row[0])


def _scaffolds(root: Path, count: int) -> Ints:
    try:
        groups: Ints = np.load(root / SCAFFOLDS, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise PackError(f"{root / SCAFFOLDS} cannot be read: {reason(error)}") from error
    if groups.size != count or not np.issubdtype(groups.dtype, np.integer):
        raise PackError(f"{root / SCAFFOLDS} does not hold a whole number for each of {count:,} molecules")
    return groups.reshape(count).astype(np.int64)
