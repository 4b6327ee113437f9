"""The pack `coco-2017`: COCO's training and validation images of 2017 with boxes and outlines, of COCO's own layout.

    annotations/instances_train2017.json, annotations/instances_val2017.json, train2017/*.jpg, val2017/*.jpg

Lin et al., ECCV 2014 (arXiv 1405.0312). Images without an object are kept: what is found in them is wrong.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from farfield_evaluators.data.explained import build_or_explain
from farfield_evaluators.data.pack import Pack
from farfield_evaluators.data.problems import SUBSET_ADVICE, ImportProblems
from farfield_evaluators.data.source import PackClass, Source
from farfield_evaluators.own.coco import COLUMNS, read_coco
from farfield_evaluators.own.rows import Row, Rows
from farfield_evaluators.own.spec import Data

NAME = "coco-2017"
IMAGES: Mapping[str, int] = MappingProxyType({"train": 118_287, "val": 5_000})
CLASSES = 80


@dataclass(frozen=True, kw_only=True)
class CocoImage:
    """An image of a split."""

    row: Row
    split: str

    @property
    def columns(self) -> Mapping[str, Any]:
        return {"set": self.split, "label": -1, "domain": 0, **self.row.boxes}

    def stored(self) -> bytes:
        return self.row.load()

    def where(self) -> str:
        return f"{self.split}2017/{self.row.where}"


def import_coco(path: Path, packs: Path, *, subset: bool = False) -> Pack:
    """Import the release in a folder; with `subset` also one of fewer images, or of other images in its layout.

    Raises PackError for what is no COCO, and ImportProblems naming all that is wrong.
    """
    splits = {split: _read(path, split) for split in IMAGES}
    problems = [problem for rows in splits.values() for problem in rows.problems]
    classes = splits["val"].classes
    if splits["train"].classes != classes:
        problems.append("the categories of train2017 and val2017 are not the same")
    short = [*_counts(splits), *([] if len(classes) == CLASSES else [f"{len(classes)} categories, not {CLASSES}"])]
    if problems or (short and not subset):
        raise ImportProblems(path, NAME, [*problems, *short], advice="" if subset else SUBSET_ADVICE)
    return build_or_explain(_source(splits, classes, official=not short), packs, path)


def _read(path: Path, split: str) -> Rows:
    file = path / "annotations" / f"instances_{split}2017.json"
    return read_coco(file, Data(kind="coco", images=f"../{split}2017"))


def _counts(splits: Mapping[str, Rows]) -> list[str]:
    return [
        f"{split}2017 has {len(rows.rows):,} images, not {IMAGES[split]:,}"
        for split, rows in splits.items()
        if len(rows.rows) != IMAGES[split]
    ]


def _source(splits: Mapping[str, Rows], classes: tuple[str, ...], *, official: bool) -> Source:
    return Source(
        name=NAME,
        title="COCO 2017: training and validation images with boxes and outlines",
        licence="CC BY 4.0 for the annotations; the images under Flickr's terms, each its owner's",
        classes=tuple(PackClass(name=name) for name in classes),
        domains=("coco",),
        examples=[CocoImage(row=row, split=split) for split, rows in splits.items() for row in rows.rows],
        columns=COLUMNS,
        release="2017" if official else "subset",
        official=official,
    )
