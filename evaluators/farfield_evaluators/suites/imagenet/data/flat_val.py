"""Import of the validation set as it is released: 50,000 files in one folder, and their labels in the devkit.

The devkit numbers the classes by its own ILSVRC2012_ID, 1 to 1000, which is not the order of the sorted wnids: a label
is ID -> wnid (meta.mat) -> place among the sorted wnids. Kaggle's LOC_val_solution.csv names the wnids themselves.
"""

import csv
import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from farfield.errors import reason
from farfield.packaging.files import read_regular, read_text
from farfield_evaluators.data import imagenet_classes as classes
from farfield_evaluators.data.explained import build_or_explain
from farfield_evaluators.data.joined import Joined
from farfield_evaluators.data.packs import Pack, PackError, Source
from farfield_evaluators.data.problems import SUBSET_ADVICE, ImportProblems
from farfield_evaluators.suites.imagenet.data.check import extras, omissions
from farfield_evaluators.suites.imagenet.data.official import Release
from farfield_evaluators.suites.imagenet.data.parts import Part
from farfield_evaluators.suites.imagenet.data.tree import ClassTree, images_in

FILE = re.compile(r"(ILSVRC2012_val_(\d{8}))\.(JPEG|jpeg|jpg)")
TRUTH = "ILSVRC2012_validation_ground_truth.txt"
META = "meta.mat"
SOLUTION = "LOC_val_solution.csv"
COLUMNS = ("ImageId", "PredictionString")
DEVKIT = ("", "data", "ILSVRC2012_devkit_t12/data", "devkit/data")


def is_flat(path: Path, release: Release) -> Path | None:
    """The folder with the images, if it is a flat validation set; a glance at file names decides."""
    for place in (path, *(path / name for name in release.unpacked_as)):
        if place.is_dir() and next(place.glob("ILSVRC2012_val_*"), None) is not None:
            return place
    return None


def import_flat(release: Release, images: Path, path: Path, packs: Path, *, subset: bool = False) -> Pack:
    """Import the files in `images`, with the labels found in or beside `path`; the same pack as of class folders.

    subset: images that the ground truth names may be missing; the pack says that it is not the official data.
    Raises PackError without labels, ImportProblems naming all that is wrong.
    """
    strays: list[str] = []
    files = {}
    for name in images_in(images, strays):
        match = FILE.fullmatch(name)
        if match:
            files[match[1]] = name
        else:
            strays.append(name)
    wnid_of = _labels(path, images)
    strays = [name for name in strays if name not in _COMPANIONS]
    extra = [f"{name}: extra; only ILSVRC2012_val_########.JPEG belong here" for name in strays]
    missing = [f"{stem}: missing; the ground truth names it" for stem in sorted(wnid_of.keys() - files.keys())]
    unknown = [f"{stem}: extra; the ground truth has no such image" for stem in sorted(files.keys() - wnid_of.keys())]
    tree = _tree(images, files, wnid_of)
    missing += omissions(tree, release)
    problems = [*extra, *([] if subset else missing), *unknown, *extras(tree, release)]
    if problems:
        raise ImportProblems(images, release.name, problems, advice="" if subset else SUBSET_ADVICE)
    return build_or_explain(_source(release, tree, official=not missing), packs, images)


_COMPANIONS = (TRUTH, META, SOLUTION, "data", "ILSVRC2012_devkit_t12", "devkit")


def _tree(images: Path, files: Mapping[str, str], wnid_of: Mapping[str, str]) -> ClassTree:
    by_wnid: dict[str, list[str]] = {}
    for stem, name in files.items():
        if stem in wnid_of:
            by_wnid.setdefault(wnid_of[stem], []).append(name)
    return ClassTree(root=images, images={wnid: tuple(names) for wnid, names in by_wnid.items()})


def _labels(path: Path, images: Path) -> Mapping[str, str]:
    """The wnid of each image, by its name without the ending."""
    around = list(dict.fromkeys([path, images, *images.parents[:4]]))
    for folder in (place / name for place in around for name in DEVKIT):
        if (folder / TRUTH).is_file():
            return _devkit(folder)
    for place in around:
        if (place / SOLUTION).is_file():
            return _solution(place / SOLUTION)
    raise PackError(
        f"{images} is the flat validation set, and its labels are missing: put {TRUTH} and {META} of "
        f"ILSVRC2012_devkit_t12, or Kaggle's {SOLUTION}, into {path}"
    )


def _devkit(folder: Path) -> dict[str, str]:
    wnids = _meta(folder / META)
    try:
        lines = read_text(folder / TRUTH, errors="replace").split()
    except OSError as error:
        raise PackError(f"{folder / TRUTH}: cannot be read: {reason(error)}") from error
    wrong = [f"line {i} is {line!r}" for i, line in enumerate(lines, 1) if not _is_id(line, wnids)]
    if wrong:
        raise PackError(f"{folder / TRUTH}: {wrong[0]}, and not an ILSVRC2012_ID from 1 to {len(wnids)}")
    return {f"ILSVRC2012_val_{i:08d}": wnids[int(line)] for i, line in enumerate(lines, 1)}


def _is_id(line: str, wnids: Mapping[int, str]) -> bool:
    return line.isdecimal() and int(line) in wnids


def _meta(path: Path) -> dict[int, str]:
    """wnids by ILSVRC2012_ID. The file also has inner nodes of the hierarchy; they have children."""
    try:
        from scipy.io import loadmat
    except ModuleNotFoundError as error:
        raise PackError(f"{path.name} needs scipy to be read; install it, or bring {SOLUTION}") from error
    try:
        synsets: Any = loadmat(io.BytesIO(read_regular(path)), squeeze_me=True, struct_as_record=False)["synsets"]
        found = {int(s.ILSVRC2012_ID): str(s.WNID) for s in synsets if int(s.num_children) == 0}
    # scipy answers files that are not Matlab's with OSError, ValueError, MatReadError, zlib's errors and others.
    except Exception as error:
        raise PackError(f"{path}: is missing or not the devkit's: {reason(error)}") from error
    if set(found.values()) != set(classes.wnids()):
        raise PackError(f"{path}: its classes are not ImageNet's 1000 wnids; take it from ILSVRC2012_devkit_t12")
    return found


def _solution(path: Path) -> dict[str, str]:
    rows = _rows(path)
    for number, row in enumerate(rows, 1):
        if not all(row.get(column) for column in COLUMNS):
            raise PackError(f"{path}: row {number} lacks its {' or '.join(COLUMNS)}; take the file that Kaggle has")
    wnid_of = {row["ImageId"]: row["PredictionString"].split(" ", 1)[0] for row in rows}
    unknown = sorted(set(wnid_of.values()) - set(classes.wnids()))
    if unknown:
        raise PackError(f"{path}: {unknown[0]!r} is none of ImageNet's 1000 wnids")
    return wnid_of


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        return list(csv.DictReader(io.StringIO(read_text(path), newline="")))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise PackError(f"{path}: cannot be read: {reason(error)}; take the file that Kaggle has") from error


def _source(release: Release, tree: ClassTree, *, official: bool) -> Source:
    numbers = classes.numbers()
    parts = [
        Part(folder=tree.root, files=files, set=release.set, label=numbers[wnid])
        for wnid, files in sorted(tree.images.items())
    ]
    return Source(
        name=release.name,
        title=release.title,
        licence=release.licence,
        classes=classes.classes(),
        domains=(release.set,),
        examples=Joined(parts),
        release="official" if official else "subset",
        official=official,
    )
