"""The three releases of lists: what their files are called, how many images they have, and how classes are named.

Counts of Places-LT and of the validation and test lists are of the lists as the authors of OLTR and of Decoupling
released them. Those of ImageNet-LT's and of iNaturalist's training lists are only remembered.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from farfield.errors import reason
from farfield_evaluators.data import imagenet_classes
from farfield_evaluators.data.packs import PackClass
from farfield_evaluators.suites.longtail.data.lists import Line, Release

_RESEARCH = "non-commercial research and education; the images are their owners'"


def _imagenet(_: Sequence[str]) -> tuple[PackClass, ...]:
    return imagenet_classes.classes()


def _wnid(label: int) -> str:
    return imagenet_classes.wnids()[label]


def place_name(folder: str) -> str:
    """A class folder of Places as words.

    >>> place_name("athletic_field-outdoor"), place_name("field/cultivated")
    ('athletic field, outdoor', 'field, cultivated')
    """
    return folder.replace("_", " ").replace("-", ", ").replace("/", ", ")


def _places(folders: Sequence[str]) -> tuple[PackClass, ...]:
    return tuple(PackClass(name=place_name(folder) or f"class {number}") for number, folder in enumerate(folders))


def _species(folders: Sequence[str]) -> tuple[PackClass, ...]:
    """By number: the lists name no species, and a pack is the same whether it is made of the lists or of the JSON."""
    return tuple(PackClass(name=f"category {number}") for number in range(len(folders)))


def read_json(file: Path, problems: list[str]) -> list[Line]:
    """The images of iNaturalist's `train2018.json` or `val2018.json`, each with the category that annotates it.

    An annotation is found by the image that it names, and not by its place. What is wrong is added to `problems`.
    """
    try:
        content = json.loads(file.read_bytes())
        labels = {_number(each["image_id"]): str(_number(each["category_id"])) for each in content["annotations"]}
        images = [(_number(each["id"]), str(each["file_name"])) for each in content["images"]]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        problems.append(f"{file.name}: is no file of images and annotations: {_said(error)}")
        return []
    problems += [f"{file.name}: image {number} has no annotation" for number, _ in images if number not in labels]
    return [(f"{file.name} image {number}", name, labels[number]) for number, name in images if number in labels]


def _number(value: Any) -> int:
    if type(value) is not int:
        raise ValueError(f"{str(value)[:40]!r} is no whole number")
    return value


def _said(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else reason(error)


IMAGENET_LT = Release(
    pack="longtail-imagenet-lt",
    title="ImageNet-LT: 1000 classes, long-tailed",
    licence=f"ImageNet's terms of access: {_RESEARCH}",
    lists={name: f"ImageNet_LT_{name}.txt" for name in ("train", "val", "test")},
    class_count=imagenet_classes.COUNT,
    counts={"val": 20_000, "test": 50_000},
    remembered={"train": 115_846},
    images=("", "imagenet", "ILSVRC/Data/CLS-LOC"),
    classes=_imagenet,
    folder=_wnid,
)
PLACES_LT = Release(
    pack="longtail-places-lt",
    title="Places-LT: 365 kinds of places, long-tailed",
    licence=f"Places' terms: {_RESEARCH}",
    lists={name: f"Places_LT_{name}.txt" for name in ("train", "val", "test")},
    class_count=365,
    counts={"train": 62_500, "val": 7_300, "test": 36_500},
    remembered={},
    images=("", "places365", "places365_standard"),
    classes=_places,
)
INATURALIST18 = Release(
    pack="longtail-inaturalist18",
    title="iNaturalist 2018: 8,142 species, long-tailed by nature",
    licence=f"iNaturalist 2018's terms: {_RESEARCH}",
    lists={"train": "iNaturalist18_train.txt", "test": "iNaturalist18_val.txt"},
    class_count=8_142,
    counts={"test": 24_426},
    remembered={"train": 437_513},
    images=("", "inaturalist2018"),
    classes=_species,
    folder=str,
    other={"train": ("train2018.json", read_json), "test": ("val2018.json", read_json)},
)
RELEASES: tuple[Release, ...] = (IMAGENET_LT, PLACES_LT, INATURALIST18)
