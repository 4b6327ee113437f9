"""Small long-tailed releases in the official layouts: six classes whose training counts stand on the bounds."""

import itertools
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.suites.imagenet.data.trees import picture

from farfield_evaluators.data import imagenet_classes
from farfield_evaluators.suites.longtail.data.glt import BL, COCO_BL, COCO_LT, IID, LT, Annotations
from farfield_evaluators.suites.longtail.data.lists import Release
from farfield_evaluators.suites.longtail.data.releases import IMAGENET_LT, INATURALIST18, PLACES_LT

COUNTS = (101, 100, 99, 21, 20, 19)
CLASSES = len(COUNTS)
PLACES = ("airfield", "alley", "athletic_field-outdoor", "bar", "barn", "field/wild")
PER_TEST = 2


def small(release: Release) -> Release:
    """The release as if it had six classes, as many images as COUNTS says to train on, and two of each to test on."""
    counts = {"train": sum(COUNTS), "val": CLASSES, "test": CLASSES * PER_TEST}
    known = {name: counts[name] for name in release.counts}
    remembered = {name: counts[name] for name in release.remembered}
    classes = release.classes
    return replace(
        release,
        class_count=CLASSES,
        counts=known,
        remembered=remembered,
        classes=lambda folders: classes(folders)[:CLASSES],
    )


SMALL_IMAGENET, SMALL_PLACES, SMALL_INATURALIST = map(small, (IMAGENET_LT, PLACES_LT, INATURALIST18))


def grow(release: Release, root: Path) -> Path:
    """Write the lists and images of a small release into `root`."""
    for name, file in release.lists.items():
        per_class = COUNTS if name == "train" else (1,) * CLASSES if name == "val" else (PER_TEST,) * CLASSES
        lines = [
            f"{where} {label}"
            for label, count in enumerate(per_class)
            for where in (path_of(release, name, label, number) for number in range(count))
        ]
        for line in lines:
            picture(root / line.rpartition(" ")[0])
        (root / file).write_text("".join(f"{line}\n" for line in lines))
    return root


def path_of(release: Release, name: str, label: int, number: int) -> str:
    """As the official lists have it: validation images of ImageNet-LT and Places-LT are of the training set."""
    if release.pack == IMAGENET_LT.pack:
        wnid = imagenet_classes.wnids()[label]
        return f"{'val' if name == 'test' else 'train'}/{wnid}/{name}_{label}_{number}.JPEG"
    if release.pack == PLACES_LT.pack:
        return f"{'val' if name == 'test' else 'train'}/{PLACES[label]}/{name}_{number}.jpg"
    return f"train_val2018/Aves/{label}/{name}_{number}.jpg"


def as_json(root: Path) -> Path:
    """In place of iNaturalist's lists its two JSON files, whose annotations are in another order than the images."""
    for list_name, json_name in (
        ("iNaturalist18_train.txt", "train2018.json"),
        ("iNaturalist18_val.txt", "val2018.json"),
    ):
        lines = [line.rpartition(" ") for line in (root / list_name).read_text().splitlines()]
        images = [{"id": 7 * number, "file_name": where} for number, (where, _, _) in enumerate(lines)]
        annotations = [
            {"id": number, "image_id": 7 * number, "category_id": int(label)}
            for number, (_, _, label) in enumerate(lines)
        ]
        (root / json_name).write_text(json.dumps({"images": images, "annotations": annotations[::-1]}))
        (root / list_name).unlink()
    return root


GLT_CLASSES = 3
GLT_SPLITS = {"train": 4, "val": 1, "test_bl": 2, "test_bbl": 3, "test_lt": 2}


def small_glt(spec: Annotations) -> Annotations:
    """The annotation file as if it had three classes, one of each frequency."""
    per_set = {name: GLT_SPLITS[split] * GLT_CLASSES for name, split in spec.sets.items()}
    return replace(spec, class_count=GLT_CLASSES, counts={name: per_set[name] for name in spec.counts})


SMALL_LT, SMALL_BL, SMALL_IID, SMALL_COCO_LT, SMALL_COCO_BL = map(small_glt, (LT, BL, IID, COCO_LT, COCO_BL))


def glt_content() -> dict[str, Any]:
    """What an annotation file holds; labels are ranks and no numbers of ImageNet's, paths are of another machine."""
    wnids = [imagenet_classes.wnids()[number] for number in (7, 2, 5)]
    content: dict[str, Any] = {"id2cat": {str(n): w for n, w in enumerate(wnids)}, "cat2id": {}}
    content["cat2id"] = {wnid: number for number, wnid in content["id2cat"].items()}
    for split, count in GLT_SPLITS.items():
        content[split] = {"label": {}, "frequency": {}, "attribute": {}}
        for label, wnid in enumerate(wnids):
            for number in range(count):
                path = f"/data4/imagenet/train/{wnid}/{split}_{number}.JPEG"
                content[split]["label"][path] = str(label)
                content[split]["frequency"][path] = label
                content[split]["attribute"][path] = number % 3
    return content


def grow_glt(spec: Annotations, root: Path, content: dict[str, Any] | None = None) -> Path:
    """Write an annotation file and its images into `root`."""
    content = content or glt_content()
    for split in GLT_SPLITS:
        for path in content[split]["label"]:
            place = root / "train" / "/".join(Path(path).parts[-2:])
            place.exists() or picture(place)
    root.mkdir(parents=True, exist_ok=True)
    (root / spec.file).write_text(json.dumps(content))
    return root


def coco_content() -> dict[str, Any]:
    """What an annotation file of crops holds: keys are numbers, and `path` says where the crop was written."""
    names = ("person", "cat", "pizza")
    content: dict[str, Any] = {"id2cat": {str(n): name for n, name in enumerate(names)}, "key2path": {}}
    content["cat2id"] = {name: number for number, name in enumerate(names)}
    keys = itertools.count(1)
    for split, per_class in GLT_SPLITS.items():
        content[split] = {"label": {}, "frequency": {}, "attribute": {}, "path": {}, "attribute_score": {}}
        for label in range(len(names)):
            for number in range(per_class):
                key = str(next(keys))
                content[split]["label"][key] = content[split]["frequency"][key] = label
                content[split]["attribute"][key] = number % 3
                content[split]["path"][key] = f"/data4/coco_glt/coco_glt/images/{key}.jpg"
    return content


def grow_coco(spec: Annotations, root: Path, content: dict[str, Any] | None = None) -> Path:
    """Write `annotation.json` and the crops into the folder that GLT's script makes in `root`."""
    content = content or coco_content()
    home = root / ("coco_glt" if spec.pack == COCO_LT.pack else "coco_cbl")
    for split in GLT_SPLITS:
        for place in content[split]["path"].values():
            picture(home / "images" / Path(place).name)
    (home / spec.file).write_text(json.dumps(content))
    return root
