"""iWildCam2020-wilds: pictures of camera traps; the traps of validation and test are none of those of training.

Beery et al., arXiv 2004.10340; Koh et al., ICML 2021 (arXiv 2012.07421), section 4.1.1. There are 182 kinds of animals,
"empty" among them, though a comment in WILDS' own code says 186. Places and sequences come numbered.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import numpy as np

from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.data.tables import Table, counted, read_table
from farfield_evaluators.suites.wilds.data.release import Array, Ints, Release, with_source
from farfield_evaluators.suites.wilds.data.unlabeled import IWILDCAM_UNLABELED
from farfield_evaluators.suites.wilds.datasets import IWILDCAM, Dataset

MOMENT = "%Y-%m-%d %H:%M:%S.%f"
PARTS = ("year", "month", "day", "hour", "minute", "second")
COLUMNS = ("location_remapped", "sequence_remapped", "y", "datetime")
NO_LABELS = (-1, 99_999)  # of kinds that are not in the labeled data, and of unknown ones
NO_MOMENT = np.full(len(PARTS), -1, np.int64)


def read(root: Path) -> Release:
    """The release in a folder. Raises PackError and ImportProblems."""
    table = read_table(root / "metadata.csv", (*COLUMNS, "split", "filename"))
    splits = table.mapped("split", f"split; it is one of {', '.join(IWILDCAM.splits)}", IWILDCAM.splits)
    files = [f"train/{name}" for name in table.texts("filename")]
    return _release(IWILDCAM, root, table, splits, files, _moments(table, _moment))


def read_unlabeled(root: Path) -> Release:
    """The release of 2.0 that has no labels, one split of further places. Raises as `read`."""
    table = read_table(root / "metadata.csv", (*COLUMNS, "uid"))
    splits = np.full(len(table), IWILDCAM_UNLABELED.splits["extra_unlabeled"])
    files = [f"images/{uid}.jpg" for uid in table.texts("uid")]
    moments = _moments(table, lambda text: _moment(text) if text else NO_MOMENT)
    return _release(IWILDCAM_UNLABELED, root, table, splits, files, moments)


def _release(dataset: Dataset, root: Path, table: Table, splits: Ints, files: Sequence[str], moments: Ints) -> Release:
    labels, location = table.whole("y"), table.whole("location_remapped")
    labels = np.where(np.isin(labels, NO_LABELS), -1, labels)
    columns: dict[str, Array] = {"location": location, "sequence": table.whole("sequence_remapped")}
    columns |= {name: moments[:, place] for place, name in enumerate(PARTS)}
    metadata, fields = with_source(dataset, splits, {**columns, "y": labels})
    return Release(
        dataset=dataset,
        splits=splits,
        labels=labels,
        metadata=metadata,
        fields=fields,
        values={"location": _places(dataset, location), "y": _classes(root, labels)},
        files=files,
    )


def _places(dataset: Dataset, location: Ints) -> tuple[str, ...]:
    """The names of the places: those of the unlabeled release are numbered for themselves."""
    names = counted(location)
    return names if dataset is IWILDCAM else tuple(f"unlabeled {name}" for name in names)


def _moments(table: Table, parse: Callable[[str], Ints]) -> Ints:
    """Year to second [N, 6] of when each picture was taken."""
    rows = table.parsed("datetime", f"moment written as {MOMENT}", parse)
    return np.array(rows, np.int64).reshape(len(table), len(PARTS))


def _moment(text: str) -> Ints:
    """Raises ValueError for another form."""
    moment = datetime.strptime(text, MOMENT)  # noqa: DTZ007 - the release says no zone
    return np.array([getattr(moment, part) for part in PARTS], np.int64)


def _classes(root: Path, labels: Ints) -> tuple[str, ...]:
    """The names of the kinds by number, of categories.csv, where there is one; the unlabeled release has none."""
    if not (root / "categories.csv").exists():
        return counted(labels)
    table = read_table(root / "categories.csv", ("y", "name"))
    names = dict(zip(table.whole("y").tolist(), table.texts("name"), strict=True))
    absent = sorted({int(label) for label in np.unique(labels) if label >= 0} - names.keys())
    if absent:
        raise ImportProblems(root, "iWildCam", [f"categories.csv has no kind {number}" for number in absent])
    return _distinct([names.get(number, f"kind {number}") for number in range(max(names, default=-1) + 1)])


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    """Two kinds of one name keep their numbers apart.

    >>> _distinct(["empty", "deer", "deer"])
    ('empty', 'deer', 'deer (2)')
    """
    return tuple(f"{name} ({number})" if name in names[:number] else name for number, name in enumerate(names))
