"""Import of ObjectNet: the 113 of its 313 classes that are ImageNet's, their border of 2 px cropped off.

Barbu et al., NeurIPS 2019. Which class is which of ImageNet's is read from the release's own `mappings/`:
folder -> ObjectNet's name -> ImageNet's names -> their lines in `imagenet_to_label_2012_v2` -> class numbers. A class
that is several of ImageNet's is a group: the highest logit of the group counts.
"""

import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from farfield.errors import reason
from farfield.packaging.files import read_text
from farfield_evaluators.data import imagenet_classes as classes
from farfield_evaluators.data.encoded import UnreadableImage, read_image
from farfield_evaluators.data.explained import build_or_explain
from farfield_evaluators.data.joined import Joined
from farfield_evaluators.data.label_space import LabelSpace
from farfield_evaluators.data.packs import Pack, PackError, Placed, Source
from farfield_evaluators.data.problems import SUBSET_ADVICE, ImportProblems, too_few, too_many
from farfield_evaluators.suites.imagenet.data.parts import Part
from farfield_evaluators.suites.imagenet.data.tree import ClassTree, read_tree

NAME = "imagenet/objectnet"
SET = "objectnet"
BORDER = 2
PLACES = ("", "objectnet-1.0", "objectnet-1.0/objectnet-1.0")
FOLDERS, OBJECTNET = "folder_to_objectnet_label.json", "objectnet_to_imagenet_1k.json"
NUMBERS, LINES = "pytorch_to_imagenet_2012_id.json", "imagenet_to_label_2012_v2"
NUMBER = re.compile(r"\d{1,4}")
MAPPED = "{} images of mapped classes"


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What the release holds. folders: all classes; mapped: those that are ImageNet's, and the ids they stand for.

    counts: images of the mapped classes. The paper has 18,574; the ImageNet testbed reports 18,514.
    """

    folders: int = 313
    mapped: int = 113
    ids: int = 125
    counts: tuple[int, ...] = (18_574, 18_514)


@dataclass(frozen=True, kw_only=True)
class Mapping113:
    """folders: every folder of the release; groups: ImageNet's class numbers, ascending, of each mapped folder."""

    folders: frozenset[str]
    groups: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, kw_only=True)
class Bordered(Placed):
    """An image of the release, which has a border of 2 red pixels on each side, against use for training."""

    path: Path
    set: str
    label: int
    domain: int = 0
    order: int = 0

    def stored(self) -> bytes:
        return without_border(read_image(self.path))

    def where(self) -> str:
        return str(self.path)


def without_border(encoded: bytes) -> bytes:
    """The image less BORDER pixels on each side, as PNG. Raises UnreadableImage for one that has nothing inside."""
    with Image.open(io.BytesIO(encoded)) as image:
        width, height = image.size
        if min(width, height) <= 2 * BORDER:
            raise UnreadableImage(f"{width} x {height} pixels have nothing inside the border of {BORDER}")
        inside = image.convert("RGB").crop((BORDER, BORDER, width - BORDER, height - BORDER))
    buffer = io.BytesIO()
    inside.save(buffer, "PNG")
    return buffer.getvalue()


def import_objectnet(path: Path, packs: Path, *, subset: bool = False, expected: Expected | None = None) -> Pack:
    """Import `path`, the folder of `images` and `mappings` or one around it, as the pack NAME.

    expected: other counts than the release's, for tests. Raises PackError when the mappings are missing or broken,
    ImportProblems naming all that is wrong with the images.
    """
    expected = expected or Expected()
    root = next((path / name for name in PLACES if (path / name / "images").is_dir()), None)
    if root is None:
        raise PackError(f"{path} has no folder images; give objectnet-1.0, with images and mappings in it")
    mapping = read_mapping(root / "mappings", expected)
    tree = read_tree(root / "images")
    missing, extra = _omissions(tree, mapping, expected), _extras(tree, mapping, expected)
    problems = [*([] if subset else missing), *extra]
    if problems:
        raise ImportProblems(tree.root, NAME, problems, advice="" if subset else SUBSET_ADVICE)
    return build_or_explain(_source(tree, mapping, official=not missing), packs, tree.root)


def read_mapping(folder: Path, expected: Expected) -> Mapping113:
    """The classes that are ImageNet's, from the release's four files. Raises PackError naming a file that is wrong."""
    names = {where: str(name) for where, name in _json(folder / FOLDERS).items()}
    objectnet = _json(folder / OBJECTNET)
    number_of_line = _number_of_line(folder / NUMBERS)
    line_of_name = {name.strip(): line for line, name in enumerate(_text(folder / LINES).splitlines())}
    groups = {}
    for where, name in sorted(names.items()):
        if name in objectnet:
            found = [_number(n, line_of_name, number_of_line, folder) for n in str(objectnet[name]).split("; ")]
            groups[where] = tuple(sorted(found))
    ids = [number for group in groups.values() for number in group]
    found_counts = (len(names), len(groups), len(ids), len(set(ids)))
    if found_counts != (expected.folders, expected.mapped, expected.ids, expected.ids):
        counted = f"{len(names)} folders, {len(groups)} of them mapped to {len(set(ids))} ImageNet ids"
        official = f"{expected.folders}, {expected.mapped} and {expected.ids}"
        raise PackError(f"{folder}: has {counted}; the release has {official}")
    return Mapping113(folders=frozenset(names), groups=groups)


def _number_of_line(path: Path) -> dict[int, int]:
    found = {str(number): str(line) for number, line in _json(path).items()}
    for number, line in found.items():
        if not (NUMBER.fullmatch(number) and NUMBER.fullmatch(line)):
            raise PackError(f"{path}: {number!r} and {line!r} are not a class number and a line; take the release's")
    return {int(line): int(number) for number, line in found.items()}


def _number(name: str, lines: Mapping[str, int], numbers: Mapping[int, int], folder: Path) -> int:
    if name not in lines:
        raise PackError(f"{folder / OBJECTNET}: {name!r} is no line of {LINES}")
    if not 0 <= numbers.get(lines[name], -1) < classes.COUNT:
        raise PackError(f"{folder / NUMBERS}: gives line {lines[name]} of {LINES}, {name!r}, no number from 0 to 999")
    return numbers[lines[name]]


def _json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(_text(path))
    except (ValueError, RecursionError) as error:
        raise PackError(f"{path}: is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise PackError(f"{path}: must hold a JSON object")
    return value


def _text(path: Path) -> str:
    try:
        return read_text(path)
    except (OSError, UnicodeDecodeError) as error:
        raise PackError(f"{path}: cannot be read: {reason(error)}; the release has it beside its images") from error


def _omissions(tree: ClassTree, mapping: Mapping113, expected: Expected) -> list[str]:
    found = [f"class {name}: missing; expected the folder {name}" for name in mapping.groups if name not in tree.images]
    found += [f"class {name}: empty" for name in mapping.groups if tree.images.get(name) == ()]
    return [*found, *too_few(MAPPED, _total(tree, mapping), expected.counts)]


def _extras(tree: ClassTree, mapping: Mapping113, expected: Expected) -> list[str]:
    found = [f"{path}: extra; only images in <class>/ belong here" for path in tree.strays]
    unknown = sorted(tree.images.keys() - mapping.folders)
    found += [f"class {name}: extra; {FOLDERS} has no such folder" for name in unknown]
    return [*found, *too_many(MAPPED, _total(tree, mapping), expected.counts)]


def _total(tree: ClassTree, mapping: Mapping113) -> int:
    return sum(len(tree.images.get(name, ())) for name in mapping.groups)


def _source(tree: ClassTree, mapping: Mapping113, *, official: bool) -> Source:
    groups = {name: group for name, group in mapping.groups.items() if tree.images.get(name)}
    parts = [
        Part(folder=tree.root / name, files=tree.images[name], set=SET, label=group[0], make=Bordered)
        for name, group in groups.items()
    ]
    space = LabelSpace(kind="max", groups=tuple(sorted(mapping.groups.values())))
    return Source(
        name=NAME,
        title="ObjectNet: 113 of ImageNet's things, from odd sides and in odd places",
        licence="ObjectNet's own: based on CC BY 4.0, and no parameter of a model may be tuned on it",
        classes=classes.classes(),
        domains=(SET,),
        examples=Joined(parts),
        release="official" if official else "subset",
        official=official,
        label_spaces=((SET, space),),
        notes=(f"a border of {BORDER} pixels is cropped off",),
    )
