"""Import of OpenOOD's benchmarks from its image lists, text files with lines of `relpath label`.

Zhang et al. 2023 (arXiv 2306.09301), section 3 and appendix. The release is a folder with the lists in
`benchmark_imglist/` and the images in `images_largescale/` and `images_classic/`; what the lists do not name is not
looked at. Which lists a benchmark has, and how many lines each, its suite says.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import numpy as np

from farfield_evaluators.data.contents import Item
from farfield_evaluators.data.explained import build_or_explain
from farfield_evaluators.data.joined import Joined
from farfield_evaluators.data.packs import Example, Lent, Pack, PackClass, PackError, Source, open_pack
from farfield_evaluators.data.path_lists import absent, lines_of, problem_of
from farfield_evaluators.data.problems import SUBSET_ADVICE, ImportProblems, Judge, too_few, too_many

LISTS = "benchmark_imglist"
LARGE, CLASSIC = "images_largescale", "images_classic"
ID_SETS = "id/"
TRAIN = "train"
TERMS = "by set: each source's own terms; for research"

Folders = Callable[[], Mapping[str, int]]
"""The number of the class that each folder of images stands for."""


@dataclass(frozen=True, kw_only=True)
class ImageList:
    """One list: its file, the folder its paths are relative to, how many lines it has, whether they have a class.

    count: None where it is not known, and so not checked. folders: where its images lie in folders of classes, a label
    must be its folder's. make: what makes an example of a file. prepared: its images are resized and cropped already,
    to so many pixels a side; 0 = they are not.
    """

    file: str
    images: str = LARGE
    count: int | None
    id: bool = False
    folders: Folders | None = None
    make: Callable[..., Item] = Example
    prepared: int = 0


@dataclass(frozen=True, kw_only=True)
class Lists:
    """Some of OpenOOD's lists as one pack.

    folder: of the lists, below LISTS. sets: each one's list. per_class: images of a class in the ID lists together.
    lender: the pack that lends the training set, where that is in no list.
    """

    name: str
    title: str
    folder: str
    sets: Mapping[str, ImageList]
    classes: Callable[[], tuple[PackClass, ...]]
    per_class: int
    lender: str = ""


@dataclass(frozen=True, kw_only=True)
class Listed:
    """The images of one list as a sequence of examples: paths below `root`, and a label each (-1 for OOD)."""

    root: Path
    set: str
    domain: int
    paths: tuple[str, ...]
    labels: tuple[int, ...]
    make: Callable[..., Item] = Example
    prepared: int = 0

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> Item:
        path, label = self.root / self.paths[index], self.labels[index]
        return self.make(path=path, set=self.set, label=label, domain=self.domain)


@dataclass
class Found:
    """What is wrong with a copy: `missing` may be so in a part, `extra` never."""

    missing: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)

    def check(self, path: Path, name: str, listed: Sequence[Listed], *, subset: bool) -> None:
        """Raises ImportProblems naming all that is wrong."""
        problems = [*([] if subset else self.missing), *self.extra]
        if problems or not listed:
            raise ImportProblems(path, name, problems or self.missing, advice="" if subset else SUBSET_ADVICE)


def import_lists(spec: Lists, path: Path, packs: Path, *, subset: bool = False) -> Pack:
    """Import the lists below `path`, OpenOOD's `data` folder, as one pack.

    Raises PackError when there are no lists or the lender is not imported, ImportProblems naming all that is wrong.
    """
    folder = folder_of(spec.folder, path)
    lender = open_pack(packs, spec.lender) if spec.lender else None
    found = Found()
    listed = [*_read_all(spec, folder, path, found)]
    found.missing += _off(spec, listed, too_few)
    found.extra += [*_off(spec, listed, too_many), *listed_twice(listed)]
    found.check(path, spec.name, listed, subset=subset)
    official = not found.missing and (lender is None or lender.official)
    return build_or_explain(_source(spec, listed, lender, official=official), packs, path)


def folder_of(name: str, path: Path) -> Path:
    """The folder with a benchmark's lists. Raises PackError where there is none."""
    if not (path / LISTS / name).is_dir():
        raise PackError(f"{path} has no folder {LISTS}/{name}; give OpenOOD's data folder, with its lists and images")
    return path / LISTS / name


def _read_all(spec: Lists, folder: Path, path: Path, found: Found) -> Iterator[Listed]:
    classes = len(spec.classes())
    for number, (name, one) in enumerate(spec.sets.items()):
        file = folder / one.file
        if file.exists():
            root = path / folder_of_images(path, one)
            yield read_list(file, root, name, number, found.extra, of=one, classes=classes)
        else:
            found.missing.append(f"{one.file}: missing; it is the list of {name}")


def read_list(
    file: Path, root: Path, name: str, domain: int, problems: list[str], *, of: ImageList, classes: int
) -> Listed:
    """The images that a list names and that lie below `root`; everything else becomes a problem."""
    known = of.folders() if of.folders else {}
    paths, labels = [], []
    for number, where, label in lines_of(file, problems):
        problem = problem_of(where, label, classes if of.id else None)
        problem = problem or _misplaced(where, label, known) or absent(root, where)
        if problem:
            problems.append(f"{file.name} line {number}: {problem}")
        paths.append(where)
        labels.append(int(label) if of.id and not problem else -1)
    return Listed(
        root=root,
        set=name,
        domain=domain,
        paths=tuple(paths),
        labels=tuple(labels),
        make=of.make,
        prepared=of.prepared,
    )


def _misplaced(where: str, label: str, known: Mapping[str, int]) -> str:
    """What is wrong with a label beside the class folder that the image lies in, where a release has such folders."""
    folder = PurePosixPath(where).parent.name
    if not known or known.get(folder) == int(label):
        return ""
    return f"{where}: label {label} is not that of the folder {folder or 'it lies in'}"


def folder_of_images(path: Path, spec: ImageList) -> str:
    """OpenOOD's folder for the list, or the other of its two where only that one is there."""
    other = LARGE if spec.images == CLASSIC else CLASSIC
    return spec.images if (path / spec.images).is_dir() or not (path / other).is_dir() else other


def _off(spec: Lists, listed: list[Listed], judge: Judge) -> Iterator[str]:
    """The counts that are wrong: of a list, and of a class of the ID lists, whose images are those of val."""
    for found in listed:
        one = spec.sets[found.set]
        if one.count is not None:
            yield from judge(f"{one.file}: {{}} images", len(found), [one.count])
    labels = [n for found in listed if found.set.startswith(ID_SETS) for n in found.labels if n >= 0]
    counts = np.bincount(np.array(labels, np.int64), minlength=len(spec.classes()))
    for number, count in enumerate(counts.tolist()):
        yield from judge(f"class {number}: {{}} images in the ID lists", count, [spec.per_class])


def listed_twice(listed: Iterable[Listed]) -> Iterator[str]:
    """Images that are in two lists, or twice in one."""
    seen: dict[str, str] = {}
    for found in listed:
        for where in found.paths:
            first = seen.setdefault(f"{found.root.name}/{where}", found.set)
            if first != found.set:
                yield f"{where}: is listed in {first} and in {found.set}"
        counted = len(found.paths) - len(set(found.paths))
        if counted:
            yield f"{found.set}: {counted} images are listed twice"


def _source(spec: Lists, listed: list[Listed], lender: Pack | None, *, official: bool) -> Source:
    lent = () if lender is None else (Lent(set=TRAIN, pack=lender.name, fingerprint=lender.fingerprint),)
    uncounted = [one.file for one in spec.sets.values() if one.count is None]
    return Source(
        name=spec.name,
        title=spec.title,
        licence=TERMS,
        classes=spec.classes(),
        domains=tuple(spec.sets),
        examples=Joined(listed),
        lent=lent,
        release="v1.5" if official else "subset",
        official=official,
        prepared=tuple((found.set, found.prepared) for found in listed if found.prepared and len(found)),
        notes=tuple(f"{file}: how many lines it has is not known here" for file in uncounted),
    )
