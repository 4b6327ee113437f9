"""Import of OpenOOD v1.5's ImageNet-1K benchmarks from its image lists, lines of `relpath label`.

Zhang et al. 2023 (arXiv 2306.09301), section 3 and appendix. The release is a folder with the lists in
`benchmark_imglist/imagenet/` and the images in `images_largescale/` and `images_classic/`; what the lists do not name
is not looked at. ID are the 45,000 images of val that the lists keep for testing; the others are the ID
validation set. Full-spectrum adds ID sets under covariate shift: V2, C and R, whose images are of ImageNet's classes
too. imagenet/train lends the training set.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import MappingProxyType

import numpy as np

from farfield_evaluators.data import imagenet_classes as classes
from farfield_evaluators.data.contents import Item
from farfield_evaluators.data.explained import build_or_explain
from farfield_evaluators.data.joined import Joined
from farfield_evaluators.data.packs import Example, Lent, Pack, PackError, Source, open_pack
from farfield_evaluators.data.path_lists import absent, lines_of, problem_of
from farfield_evaluators.data.problems import SUBSET_ADVICE, ImportProblems, Judge, too_few, too_many
from farfield_evaluators.suites.imagenet.data.corrupted import SIDE, Prepared
from farfield_evaluators.suites.imagenet.data.official import TRAIN, V2, R, Release

LISTS = "benchmark_imglist/imagenet"
LARGE, CLASSIC = "images_largescale", "images_classic"
VAL_PER_CLASS = 50


@dataclass(frozen=True, kw_only=True)
class ImageList:
    """One list: its file, the folder its paths are relative to, how many lines it has, whether they have a class.

    of: the release whose class folders its images lie in; a label must be its folder's. prepared: its images are
    ImageNet-C's, of SIDE x SIDE pixels.
    """

    file: str
    images: str = LARGE
    count: int
    id: bool = False
    of: Release | None = None
    prepared: bool = False


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
SHIFTED: Mapping[str, ImageList] = MappingProxyType(
    {
        "shift/v2": ImageList(file="test_imagenet_v2.txt", count=10_000, id=True, of=V2),
        "shift/c": ImageList(file="test_imagenet_c.txt", count=10_000, id=True, prepared=True),
        "shift/r": ImageList(file="test_imagenet_r.txt", count=30_000, id=True, of=R),
    }
)


@dataclass(frozen=True, kw_only=True)
class Lists:
    """Some of OpenOOD's lists as one pack. sets: each one's list; per_class: images of a class in val's two lists."""

    name: str
    title: str
    sets: Mapping[str, ImageList]
    per_class: int = VAL_PER_CLASS


NEAR_FAR = Lists(
    name="openood/imagenet",
    title="OpenOOD v1.5, ImageNet-1K: ID, near and far OOD, and OOD validation",
    sets=SETS,
)
FULL_SPECTRUM = Lists(
    name="openood/imagenet-full-spectrum",
    title="OpenOOD v1.5, ImageNet-1K, full-spectrum: ID, shifted ID, near and far OOD, and OOD validation",
    sets=MappingProxyType({**SETS, **SHIFTED}),
)


@dataclass(frozen=True, kw_only=True)
class Listed:
    """The images of one list as a sequence of examples: paths below `root`, and a label each (-1 for OOD)."""

    root: Path
    set: str
    domain: int
    paths: tuple[str, ...]
    labels: tuple[int, ...]
    prepared: bool = False

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> Item:
        make = Prepared if self.prepared else Example
        return make(path=self.root / self.paths[index], set=self.set, label=self.labels[index], domain=self.domain)


def import_lists(spec: Lists, path: Path, packs: Path, *, subset: bool = False) -> Pack:
    """Import the lists below `path`, OpenOOD's `data` folder, as one pack.

    Raises PackError when there are no lists or imagenet/train is not imported, ImportProblems naming all that is wrong.
    """
    if not (path / LISTS).is_dir():
        raise PackError(f"{path} has no folder {LISTS}; give OpenOOD's data folder, with its lists and images")
    train = open_pack(packs, TRAIN.name)
    missing: list[str] = []
    extra: list[str] = []
    listed = [*_read_all(spec, path, missing, extra)]
    missing += _off(spec, listed, too_few)
    extra += [*_off(spec, listed, too_many), *_twice(listed)]
    problems = [*([] if subset else missing), *extra]
    if problems or not listed:
        raise ImportProblems(path, spec.name, problems or missing, advice="" if subset else SUBSET_ADVICE)
    return build_or_explain(_source(spec, listed, train, official=train.official and not missing), packs, path)


def _read_all(spec: Lists, path: Path, missing: list[str], extra: list[str]) -> Iterator[Listed]:
    for number, (name, one) in enumerate(spec.sets.items()):
        file = path / LISTS / one.file
        if file.exists():
            yield read_list(file, path / _images(path, one), name, number, extra, of=one)
        else:
            missing.append(f"{one.file}: missing; it is the list of {name}")


def read_list(file: Path, root: Path, name: str, domain: int, problems: list[str], *, of: ImageList) -> Listed:
    """The images that a list names and that lie below `root`; everything else becomes a problem."""
    known = of.of.labels() if of.of else {}
    paths, labels = [], []
    for number, where, label in lines_of(file, problems):
        problem = problem_of(where, label, classes.COUNT if of.id else None)
        problem = problem or _misplaced(where, label, known) or absent(root, where)
        if problem:
            problems.append(f"{file.name} line {number}: {problem}")
        paths.append(where)
        labels.append(int(label) if of.id and not problem else -1)
    return Listed(root=root, set=name, domain=domain, paths=tuple(paths), labels=tuple(labels), prepared=of.prepared)


def _misplaced(where: str, label: str, known: Mapping[str, int]) -> str:
    """What is wrong with a label beside the class folder that the image lies in, where a release has such folders."""
    folder = PurePosixPath(where).parent.name
    if not known or known.get(folder) == int(label):
        return ""
    return f"{where}: label {label} is not that of the folder {folder or 'it lies in'}"


def _images(path: Path, spec: ImageList) -> str:
    """OpenOOD's folder for the list, or the other of its two where only that one is there."""
    other = LARGE if spec.images == CLASSIC else CLASSIC
    return spec.images if (path / spec.images).is_dir() or not (path / other).is_dir() else other


def _off(spec: Lists, listed: list[Listed], judge: Judge) -> Iterator[str]:
    """The counts that are wrong: of a list, and of a class of val, whose images are those of the two ID lists."""
    for found in listed:
        one = spec.sets[found.set]
        yield from judge(f"{one.file}: {{}} images", len(found), [one.count])
    labels = np.array([n for found in listed if found.set.startswith("id/") for n in found.labels if n >= 0], np.int64)
    for number, count in enumerate(np.bincount(labels, minlength=classes.COUNT).tolist()):
        yield from judge(f"class {number}: {{}} images in the ID lists", count, [spec.per_class])


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


def _source(spec: Lists, listed: list[Listed], train: Pack, *, official: bool) -> Source:
    return Source(
        name=spec.name,
        title=spec.title,
        licence="by set: each source's own terms; for research",
        classes=classes.classes(),
        domains=tuple(spec.sets),
        examples=Joined(listed),
        lent=(Lent(set=TRAIN.set, pack=train.name, fingerprint=train.fingerprint),),
        release="v1.5" if official else "subset",
        official=official,
        prepared=tuple((found.set, SIDE) for found in listed if found.prepared and len(found)),
    )
