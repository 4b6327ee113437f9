"""`farfield data import fsdet-coco`: COCO 2014 with FsDet's split and shot files becomes one pack.

    coco/trainval2014/, coco/val2014/             images; train2014/ will do for the first, with val2014/
    cocosplit/datasplit/trainvalno5k.json, 5k.json
    cocosplit/[seed{1-9}/]full_box_{k}shot_{class}_trainval.json

In the base set are the annotations of base classes alone, and no image without one of a single object: what FsDet's
loader and detectron2's, which drops such images, leave of trainvalno5k.json. Every image of 5k.json is tested on.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from farfield_evaluators.data.contents import Item
from farfield_evaluators.data.errors import PackError
from farfield_evaluators.data.joined import Joined
from farfield_evaluators.data.packs import Example, Pack, PackClass, Source, build
from farfield_evaluators.data.problems import SUBSET_ADVICE, ImportProblems
from farfield_evaluators.suites.fsdet import coco_classes
from farfield_evaluators.suites.fsdet.data.document import Document, Ints, read_document
from farfield_evaluators.suites.fsdet.data.shots import ShotFiles, ShotSets, read_shots
from farfield_evaluators.suites.fsdet.plan import COCO_SHOT_SETS, COCO_SHOTS
from farfield_evaluators.suites.fsdet.sets import COLUMNS, TEST, TRAIN, joined_sets, record_set

NAME = "fsdet-coco"
TITLE = "COCO 2014 with FsDet's base and novel classes and shots"
LICENCE = "Annotations: CC BY 4.0. Images: Flickr's terms of use, each by its owner's licence."
SPLIT, TRAINVAL, FIVE_K = "cocosplit", "datasplit/trainvalno5k.json", "datasplit/5k.json"
TRAIN_FOLDERS, TEST_FOLDERS = ("trainval2014", "train2014", "val2014"), ("val2014", "trainval2014")


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How much of a release there is: numbers of shots, shot sets, and test images."""

    shots: tuple[int, ...] = COCO_SHOTS
    shot_sets: tuple[int, ...] = COCO_SHOT_SETS
    test_images: int = 5_000


COCO = Layout()


def import_coco(path: Path, packs: Path, *, subset: bool = False, layout: Layout = COCO) -> Pack:
    """Import the release below `path`. Raises PackError, and ImportProblems naming all that is wrong.

    subset: images that are not there are left out, and shots of a number or a set may be missing.
    """
    root = _root(path)
    train, test = (read_document(root / SPLIT / name) for name in (TRAINVAL, FIVE_K))
    shot_sets = layout.shot_sets
    files = ShotFiles(folder=root / SPLIT, classes=coco_classes.NAMES, shots=layout.shots, shot_sets=shot_sets)
    shots = read_shots(files, train, subset=subset)
    problems = [*train.problems, *test.problems, *_class_problems(train), *_class_problems(test)]
    problems += [*_shared(train, test), *shots.problems]
    sets = _sets(root / "coco", train, test, shots)
    absent = [problem for each in sets for problem in each.absent()]
    problems += [] if subset else [*_count_problems(test, layout), *absent]
    if problems:
        raise ImportProblems(path, NAME, problems, advice=SUBSET_ADVICE)
    notes = [*shots.notes, *([f"left out: {len(absent):,} examples whose image is not there"] if absent else [])]
    return build(_source([each.present() for each in sets], layout, notes, official=not subset), packs)


def _root(path: Path) -> Path:
    """The folder of `coco/` and `cocosplit/`: PATH, or `datasets` in it, as FsDet's repository has it."""
    for root in (path, path / "datasets"):
        if (root / SPLIT).is_dir():
            return root
    raise PackError(f"{path} has no folder {SPLIT}/; give the folder that holds coco/ and {SPLIT}/, as FsDet has them")


def _class_problems(document: Document) -> Iterator[str]:
    for key, name in coco_classes.NAMES.items():
        given = document.categories.get(key)
        if given != name:
            yield f"{document.name}: category {key} is {given!r}, and not {name!r}"
    for key in sorted(document.categories.keys() - coco_classes.NAMES.keys()):
        yield f"{document.name}: category {key} is none of COCO's 80"


def _shared(train: Document, test: Document) -> Iterator[str]:
    """Test images that are trained on."""
    for key in sorted(train.pictures.keys() & test.pictures.keys()):
        yield f"image {key} is in {train.name} and in {test.name}"


def _count_problems(test: Document, layout: Layout) -> Iterator[str]:
    if len(test.pictures) != layout.test_images:
        yield f"{test.name}: {len(test.pictures):,} images, not {layout.test_images:,}"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One example: an image by its id, rows of its objects [n], and its set."""

    image: int
    rows: Ints
    set: str


@dataclass(frozen=True, kw_only=True)
class Listed:
    """Examples of one document, made when they are asked for; `places` are the files of its images, by id."""

    document: Document
    places: Mapping[int, Path | None]
    entries: Sequence[Entry]

    def __len__(self) -> int:
        return len(self.entries)

    def __getitem__(self, index: int) -> Item:
        entry = self.entries[index]
        place = self.places[entry.image]
        if place is None:  # only what is present is asked for
            raise PackError(f"image {entry.image} is not there")
        return Example(path=place, set=entry.set, more=columns_of(self.document, entry.image, entry.rows))

    def absent(self) -> list[str]:
        """A sentence for each image that is not there, once."""
        missing = dict.fromkeys(entry.image for entry in self.entries if self.places.get(entry.image) is None)
        pictures = self.document.pictures
        return [
            f"image {key} is not there: {pictures[key].file} of {self.document.name}"
            for key in missing
            if key in pictures
        ]

    def present(self) -> "Listed":
        """Without the entries whose image is not there."""
        entries = [entry for entry in self.entries if self.places.get(entry.image) is not None]
        return Listed(document=self.document, places=self.places, entries=entries)


def columns_of(document: Document, image: int, rows: Ints) -> Mapping[str, Any]:
    """The pack's columns of an image with these of its objects."""
    objects, picture = document.objects, document.pictures[image]
    return {
        "boxes": objects.boxes[rows],
        "box-labels": [coco_classes.NUMBERS[key] for key in objects.categories[rows].tolist()],
        "box-area": objects.areas[rows],
        "box-crowd": objects.crowd[rows],
        "masks": b"\n".join(objects.outlines[row] for row in rows.tolist()),
        "size": [[picture.height, picture.width]],
    }


def _sets(coco: Path, train: Document, test: Document, shots: ShotSets) -> list[Listed]:
    """Base images, test images and records of shots."""
    base = list(_base(train))
    records = [
        Entry(image=int(train.objects.images[row]), rows=np.array([row]), set=_record_set(train, row, number, among))
        for number, row, among in shots.records()
    ]
    tested = dict(test.by_image(np.arange(len(test.objects))))
    none = np.zeros(0, np.int64)
    test_entries = [Entry(image=key, rows=tested.get(key, none), set=TEST) for key in sorted(test.pictures)]
    train_places = _places(coco, train, TRAIN_FOLDERS, {entry.image for entry in (*base, *records)})
    test_places = _places(coco, test, TEST_FOLDERS, set(test.pictures))
    return [
        Listed(document=train, places=train_places, entries=base),
        Listed(document=test, places=test_places, entries=test_entries),
        Listed(document=train, places=train_places, entries=records),
    ]


def _base(train: Document) -> Iterator[Entry]:
    objects = train.objects
    rows = np.flatnonzero(np.isin(objects.categories, coco_classes.BASE_IDS))
    for image, own in train.by_image(rows):
        if image in train.pictures and not objects.crowd[own].all():
            yield Entry(image=image, rows=own, set=TRAIN)


def _record_set(train: Document, row: int, shot_set: int, shots: tuple[int, ...]) -> str:
    novel = int(train.objects.categories[row]) in coco_classes.NOVEL_IDS
    return record_set(novel=novel, group=shot_set, shots=shots)


def _places(coco: Path, document: Document, folders: Sequence[str], images: set[int]) -> dict[int, Path | None]:
    """The file of each image in the first folder that has it; None where none does."""
    there = [coco / name for name in folders if (coco / name).is_dir()]
    pictures = document.pictures
    return {
        key: next((p for folder in there if (p := folder / pictures[key].file).is_file()), None)
        for key in images
        if key in pictures
    }


def _source(sets: Sequence[Listed], layout: Layout, notes: Sequence[str], *, official: bool) -> Source:
    names = {entry.set for each in sets for entry in each.entries}
    return Source(
        name=NAME,
        title=TITLE,
        licence=LICENCE,
        classes=tuple(PackClass(name=name) for name in coco_classes.NAMES.values()),
        domains=("COCO",),
        examples=Joined(sets),
        official=official,
        columns=COLUMNS,
        joined=joined_sets(names, layout.shots, layout.shot_sets),
        notes=tuple(notes),
        once=True,
    )
