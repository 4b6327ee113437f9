"""Folders of predictions as WILDS' own training writes them, on the tiny releases of `data/trees.py`."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from tests.suites.wilds.data import trees

from farfield_evaluators.suites.wilds.data.release import Release
from farfield_evaluators.suites.wilds.data.truth import truth
from farfield_evaluators.suites.wilds.datasets import DATASETS, Replicate
from farfield_evaluators.suites.wilds.submission import CellName, cells_of

Rows = Callable[[Release, str, int], np.ndarray]
"""What is predicted of a split [n, width], by the number of the replicate."""


def grown(name: str, root: Path, *, images: bool = False) -> Path:
    """A tiny release in which every reported figure of every split is defined.

    images: write those of PovertyMap too, of which there are thousands.
    """
    if name == "poverty":  # large enough that its folds can be drawn
        return trees.poverty(root, each=170, images=images)
    folder = trees.GROW[name](root)
    if name == "fmow":  # a split is of this country alone, which else has no region
        with (folder / "country_code_mapping.csv").open("a") as opened:
            opened.write("Kosovo,XKX,Europe\n")
    if name == "ogb-molpcba":  # a split of several molecules, so that properties have both classes
        trees.zipped(folder / "raw" / "graph-label.csv.gz", [",".join(["1", "0"] * 64), ",".join(["0", "1"] * 64)] * 3)
        for number, part in enumerate(("train", "valid", "test")):
            rows = [str(row) for row in (2 * number, 2 * number + 1)]
            trees.zipped(folder / "split" / "scaffold" / f"{part}.csv.gz", rows)
        np.save(folder / "raw" / "scaffold_group.npy", np.arange(6)[:, None])
    return folder


def seeded(release: Release, split: str, replicate: int) -> np.ndarray:
    """Predictions that are right half of the time, other ones in each replicate."""
    rng, labels = np.random.default_rng((replicate, release.dataset.splits[split])), release.labels[release.at(split)]
    labels = np.nan_to_num(labels.reshape(len(labels), -1).astype(np.float64))
    if release.dataset.task in ("regression", "multi-label"):
        return labels + rng.normal(size=labels.shape)
    return np.where(rng.random(labels.shape) < 0.5, labels, rng.integers(0, 3, labels.shape)).astype(np.int64)


def jittered(release: Release, split: str, replicate: int) -> list[dict[str, torch.Tensor]]:
    """Of each image its boxes, some moved or of low score, in each replicate others."""
    rng = np.random.default_rng((replicate, release.dataset.splits[split]))
    rows = release.rows if release.rows is not None else np.zeros(len(release), np.int64)
    boxes = np.split(release.labels, np.cumsum(rows)[:-1])
    moved = [boxes[at] + rng.choice([0.0, 1e3], size=(len(boxes[at]), 1)) for at in release.at(split).tolist()]
    return [
        {
            "boxes": torch.from_numpy(each).float(),
            "scores": torch.from_numpy(rng.choice([0.4, 0.9], size=len(each))).float(),
            "labels": torch.ones(len(each), dtype=torch.long),
        }
        for each in moved
    ]


def written(name: str, root: Path, folder: Path, rows: Rows = seeded, suffix: str = "") -> Path:
    """A whole submission of a data set whose release lies in `root`."""
    dataset = DATASETS[name]
    folder.mkdir(parents=True)
    for number, replicate in enumerate(dataset.replicates):
        release = truth(name, root, _fold(replicate))
        for split in dataset.evaluated:
            cell = CellName(split, str(replicate))
            if dataset.task == "detection":
                torch.save(jittered(release, split, number), folder / cell.file(dataset, f"{suffix}.pth"))
                continue
            lines = [",".join(map(repr, row)) for row in rows(release, split, number).tolist()]
            path = folder / cell.file(dataset).replace(".csv", f"{suffix}.csv")
            path.write_text("".join(f"{line}\n" for line in lines))
    assert len(list(folder.iterdir())) == len(cells_of(dataset))
    return folder


def _fold(replicate: Replicate) -> str:
    return replicate.value if replicate.kind == "fold" else ""
