"""Import of OpenOOD v1.5's ImageNet-1K benchmark from its image lists, lines of `relpath label`.

Zhang et al. 2023 (arXiv 2306.09301), section 3 and appendix. The release is a folder with the lists in
`benchmark_imglist/imagenet/` and the images in `images_largescale/` and `images_classic/`; what the lists do not name
is not looked at. ID are the 45,000 images of val that the lists keep for testing; the others are the ID
validation set. imagenet/train lends the training set.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import MappingProxyType

import numpy as np

from farfield_evaluators.data.contents import Item
from farfield_evaluators.data.imagenet import classes
from farfield_evaluators.data.imagenet.folders import build_or_explain
from farfield_evaluators.data.imagenet.official import TRAIN
from farfield_evaluators.data.imagenet.parts import Joined
from farfield_evaluators.data.imagenet.problems import SUBSET_ADVICE, ImportProblems, difference
from farfield_evaluators.data.packs import Example, Lent, Pack, PackError, Source, open_pack

NAME = "openood/imagenet"
LISTS = "benchmark_imglist/imagenet"
LARGE, CLASSIC = "images_largescale", "images_classic"
VAL_PER_CLASS = 50


@dataclass(frozen=True, kw_only=True)
class ImageList:
    """One list: its file, the folder its paths are relative to, how many lines it has, whether they have a class."""

    file: str
    images: str = LARGE
    count: int
    id: bool = False


SETS: Mapping[str, ImageList] = MappingProxyType(
    {
        "id/test": ImageList(file="test_imagenet.txt", count=45_000, id=True),
        "id/val": ImageList(file="val_imagenet.txt", count=5_000, id=True),
        "near/ssb_hard": ImageList(file="test_ssb_hard.txt", count=49_000),
        "near/ninco": ImageList(file="test_ninco.txt", count=5_879),
        "far/inaturalist": ImageList(file="test_inaturalist.txt", count=10_000),
        "far/textures": ImageList(file="test_textures.txt", images=CLASSIC, count=5_160),
        "far/openimage_o": ImageList(file="test_openimage_o.txt", count=15_869),
        "val/openimage_o": ImageList(file="val_openimage_o.txt", count=1_763),
    }
)


@dataclass(frozen=True, kw_only=True)
class Listed:
    """The images of one list as a sequence of examples: paths below `root`, and a label each (-1 for OOD)."""

    root: Path
    set: str
    domain: int
    paths: tuple[str, ...]
    labels: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> Item:
        path = self.root / self.paths[index]
        return Example(path=path, set=self.set, label=self.labels[index], domain=self.domain)


def import_lists(
    path: Path,
    packs: Path,
    *,
    subset: bool = False,
    sets: Mapping[str, ImageList] = SETS,
    per_class: int = VAL_PER_CLASS,
) -> Pack:
    """Import the benchmark below `path`, OpenOOD's `data` folder, as the pack NAME.

    sets, per_class: other lists and numbers of val's images than the release's, for tests.
    Raises PackError when there are no lists or imagenet/train is not imported, ImportProblems naming all that is wrong.
    """
    folder = path / LISTS
    if not folder.is_dir():
        raise PackError(f"{path} has no folder {LISTS}; give OpenOOD's data folder, with its lists and images")
    train = open_pack(packs, TRAIN.name)
    missing: list[str] = []
    extra: list[str] = []
    listed: list[Listed] = []
    for number, (name, spec) in enumerate(sets.items()):
        if not (folder / spec.file).is_file():
            missing.append(f"{spec.file}: missing; it is the list of {name}")
            continue
        found = read_list(folder / spec.file, path / _images(path, spec), name, number, extra, id=spec.id)
        listed.append(found)
        if len(found) != spec.count:
            missing.append(
                f"{spec.file}: {len(found):,} images, not {spec.count:,}; {difference(len(found), [spec.count])}"
            )
    extra += _twice(listed)
    missing += _uneven([found for found in listed if sets[found.set].id], per_class)
    problems = [*([] if subset else missing), *extra]
    if problems or not listed:
        raise ImportProblems(path, NAME, problems or missing, advice="" if subset else SUBSET_ADVICE)
    return build_or_explain(_source(listed, tuple(sets), train, official=train.official and not missing), packs, path)


def read_list(file: Path, root: Path, name: str, domain: int, problems: list[str], *, id: bool) -> Listed:
    """The images that a list names and that lie below `root`; everything else becomes a problem."""
    paths, labels = [], []
    for number, line in enumerate(file.read_text(encoding="utf-8", errors="surrogateescape").splitlines(), 1):
        if not line.strip():
            continue
        where, _, label = line.strip().rpartition(" ")
        problem = _problem(where, label, id=id) or (
            "" if (root / where).is_file() else f"{where}: missing in {root.name}"
        )
        if problem:
            problems.append(f"{file.name} line {number}: {problem}")
        paths.append(where)
        labels.append(int(label) if id and not problem else -1)
    return Listed(root=root, set=name, domain=domain, paths=tuple(paths), labels=tuple(labels))


def _problem(where: str, label: str, *, id: bool) -> str:
    if not where or not label.lstrip("-").isdecimal():
        return f"{where} {label}".strip() + ": is not `relpath label`"
    if PurePosixPath(where).is_absolute() or ".." in PurePosixPath(where).parts:
        return f"{where}: leads out of the folder of images"
    if id and not 0 <= int(label) < classes.COUNT:
        return f"{where}: label {label} is not from 0 to {classes.COUNT - 1}"
    return ""


def _images(path: Path, spec: ImageList) -> str:
    """OpenOOD's folder for the list, or the other of its two where only that one is there."""
    other = LARGE if spec.images == CLASSIC else CLASSIC
    return spec.images if (path / spec.images).is_dir() or not (path / other).is_dir() else other


def _twice(listed: list[Listed]) -> Iterator[str]:
    seen: dict[str, str] = {}
    for found in listed:
        for where in found.paths:
            first = seen.setdefault(f"{found.root.name}/{where}", found.set)
            if first != found.set:
                yield f"{where}: is listed in {first} and in {found.set}"
        counted = len(found.paths) - len(set(found.paths))
        if counted:
            yield f"{found.set}: {counted} images are listed twice"


def _uneven(listed: list[Listed], per_class: int) -> Iterator[str]:
    """ID test and validation together are val, with as many images of every class."""
    labels = np.array([label for found in listed for label in found.labels if label >= 0], np.int64)
    for number, count in enumerate(np.bincount(labels, minlength=classes.COUNT).tolist()):
        if count != per_class:
            yield f"class {number}: {count} images in the ID lists, not {per_class}; {difference(count, [per_class])}"


def _source(listed: list[Listed], domains: tuple[str, ...], train: Pack, *, official: bool) -> Source:
    return Source(
        name=NAME,
        title="OpenOOD v1.5, ImageNet-1K: ID, near and far OOD, and OOD validation",
        licence="by set: each source's own terms; for research",
        classes=classes.classes(),
        domains=domains,
        examples=Joined(listed),
        lent=(Lent(set=TRAIN.set, pack=train.name, fingerprint=train.fingerprint),),
        release="v1.5" if official else "subset",
        official=official,
    )
