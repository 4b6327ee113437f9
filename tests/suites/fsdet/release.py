"""A tree in the official layout of COCO and FsDet, of a few images, each with one object of every class.

Image n has the id 100 + n. Shot set s of k shots are the images s, s + 1, ... of the training images.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from farfield_evaluators.suites.fsdet.coco_classes import NAMES
from farfield_evaluators.suites.fsdet.data.importer import Layout
from farfield_evaluators.suites.fsdet.data.shots import shot_file

LAYOUT = Layout(shots=(1, 2), shot_sets=(0, 1), test_images=2)
TRAIN_IMAGES, WIDTH, HEIGHT = 4, 48, 40
Json = dict[str, Any]


def tree(root: Path, layout: Layout = LAYOUT) -> Path:
    """Everything of a layout, all in order."""
    categories = [{"id": key, "name": name, "supercategory": "thing"} for key, name in NAMES.items()]
    train = document(categories, range(TRAIN_IMAGES), "COCO_train2014")
    test = document(categories, range(50, 50 + layout.test_images), "COCO_val2014")
    write(root / "cocosplit/datasplit/trainvalno5k.json", train)
    write(root / "cocosplit/datasplit/5k.json", test)
    for document_of, folder in ((train, "trainval2014"), (test, "val2014")):
        for image in document_of["images"]:
            picture(root / "coco" / folder / image["file_name"], image["id"])
    for shot_set in layout.shot_sets:
        for shots in layout.shots:
            for key in NAMES:
                write(shot_path(root, shot_set, shots, key), shots_of(train, key, range(shot_set, shot_set + shots)))
    return root


def document(categories: list[Json], numbers: Sequence[int], start: str) -> Json:
    images = [{"id": 100 + n, "file_name": f"{start}_{n:012}.png", "height": HEIGHT, "width": WIDTH} for n in numbers]
    annotations = [annotation(n, key, place) for n in numbers for place, key in enumerate(NAMES)]
    return {"info": {}, "licenses": [], "images": images, "annotations": annotations, "categories": categories}


def annotation(number: int, category: int, place: int) -> Json:
    x, y, w, h = place % 10 * 4, place // 10 * 4, 6, 6
    return {
        "id": number * 1000 + category, "image_id": 100 + number, "category_id": category, "iscrowd": 0,
        "bbox": [x, y, w, h], "area": 30.5, "segmentation": [[x, y, x + w, y, x + w, y + h]],
    }  # fmt: skip


def shots_of(train: Json, category: int, numbers: Sequence[int]) -> Json:
    keys = {100 + n % TRAIN_IMAGES for n in numbers}
    own = [a for a in train["annotations"] if a["category_id"] == category and a["image_id"] in keys]
    return {**train, "images": [i for i in train["images"] if i["id"] in keys], "annotations": own}


def shot_path(root: Path, shot_set: int, shots: int, category: int) -> Path:
    folder = root / "cocosplit" / (f"seed{shot_set}" if shot_set else "")
    return folder / shot_file(shots, NAMES[category])


def write(path: Path, value: Json) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")


def read(path: Path) -> Json:
    value: Json = json.loads(path.read_text(encoding="utf-8"))
    return value


def change(path: Path, **changes: Any) -> None:
    """Some keys of a file."""
    write(path, {**read(path), **changes})


def picture(path: Path, number: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (WIDTH, HEIGHT), (number % 256, 20, 30)).save(path)
