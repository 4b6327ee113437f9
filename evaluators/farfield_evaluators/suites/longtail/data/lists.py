"""Import of the releases that are image lists: ImageNet-LT, Places-LT, iNaturalist 2018.

Liu et al., CVPR 2019 (arXiv 1904.05160), section 4; Kang et al., ICLR 2020 (arXiv 1910.09217), appendix A. A line is
`relative/path label`; the lists of ImageNet-LT exist with and without the class folder of a validation image, and an
image is looked for both ways. The training images of a class, as listed, fix the bucket that it is in.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from farfield_evaluators.data.explained import build_or_explain
from farfield_evaluators.data.joined import Joined
from farfield_evaluators.data.packs import Pack, PackClass, PackError, Source
from farfield_evaluators.data.path_lists import is_file, lines_of, problem_of
from farfield_evaluators.data.problems import SUBSET_ADVICE, ImportProblems, too_few, too_many
from farfield_evaluators.suites.longtail.data.listed import Listed, cut_short, empty_buckets, shots_of, twice
from farfield_evaluators.suites.longtail.shots import CONVENTIONS, Ints

TRAIN, VAL, TEST = "train", "val", "test"
Line = tuple[str, str, str]  # where in the release it stands, path, label
Lines = Callable[[Path, list[str]], list[Line]]


@dataclass(frozen=True, kw_only=True)
class Release:
    """A release of lists. lists: the file of each set; images: folders that paths may be relative to, the first first.

    counts: images of a set, as counted in the released lists; remembered: counts that no list here confirmed, which
    are said and not enforced. folder: the class folder that a label must lie in, None where only the lists tell.
    classes: of the folder of each label, "" where there is none. read: what reads a list that is not of lines.
    """

    pack: str
    title: str
    licence: str
    lists: Mapping[str, str]
    class_count: int
    counts: Mapping[str, int]
    remembered: Mapping[str, int]
    images: tuple[str, ...]
    classes: Callable[[Sequence[str]], tuple[PackClass, ...]]
    folder: Callable[[int], str] | None = None
    other: Mapping[str, tuple[str, Lines]] | None = None


def import_lists(release: Release, path: Path, packs: Path, *, subset: bool = False) -> Pack:
    """Import the lists and images in `path` as the pack of the release.

    subset: take cut-down lists; counts are then not held against the release's. Raises PackError when there are no
    lists at all, ImportProblems naming all that is wrong otherwise.
    """
    root = _lists_of(release, path)
    problems: list[str] = []
    sets, folders = _read(release, path, root, problems)
    problems += [problem for each in sets for problem in _miscounted(release, each, subset=subset)]
    problems += twice(sets)
    if not problems:
        sets = _with_shots(release, sets)
        problems += [] if subset else _untrained(release, sets)
        problems += empty_buckets([convention.spec for convention in CONVENTIONS], sets[-1])
    if problems:
        raise ImportProblems(path, release.pack, problems, advice="" if subset else SUBSET_ADVICE)
    return build_or_explain(_source(release, sets, folders, official=not subset), packs, path)


def _lists_of(release: Release, path: Path) -> Path:
    """The folder with the lists: `path`, or the one in it that is called as they are."""
    named = list(release.lists.values())
    prefix = PurePosixPath(named[0]).stem.removesuffix(f"_{TRAIN}")
    others = [name for name, _ in (release.other or {}).values()]
    for place in (path, path / prefix, path / "data" / prefix):
        if any((place / name).is_file() for name in (*named, *others)):
            return place
    instead = f", or {', '.join(others)}" if others else ""
    raise PackError(f"{path} has none of {', '.join(named)}{instead}; give the folder with the lists and the images")


def _read(release: Release, path: Path, root: Path, problems: list[str]) -> tuple[list[Listed], dict[int, str]]:
    """Every set, as listed, and the class folder of each label; what is wrong with a line is added to `problems`."""
    sets: list[Listed] = []
    folders: dict[int, str] = {}
    for name, file in release.lists.items():
        own: list[str] = []
        lines = _lines(release, name, root / file, own)
        images = _images(release, path, lines)
        placed = [_place(release, images, line, folders, own) for line in lines]
        listed = [pair for pair in placed if pair is not None]
        labels = np.array([label for _, label in listed], np.int64)
        sets.append(Listed(root=images, set=name, files=tuple(found for found, _ in listed), labels=labels))
        problems += cut_short(own)
    return sets, folders


def _lines(release: Release, name: str, file: Path, problems: list[str]) -> list[Line]:
    instead = (release.other or {}).get(name)
    if file.is_file() or instead is None:
        if not file.is_file():
            problems.append(f"{file.name}: missing; it is the list of {name}")
            return []
        return [(f"{file.name} line {number}", where, label) for number, where, label in lines_of(file, problems)]
    other, read = instead
    return read(file.with_name(other), problems)


def _images(release: Release, path: Path, lines: Sequence[Line]) -> Path:
    """The folder that paths are relative to: the first in which the first image lies, or `path`."""
    places = [path / name for name in release.images]
    sound = (line for line in lines if not problem_of(line[1], line[2], release.class_count))
    _, where, label = next(sound, ("", "", "0"))
    return next(
        (place for place in places if any(is_file(place / way) for way in _ways(release, where, int(label)))), path
    )


def _place(
    release: Release, images: Path, line: Line, folders: dict[int, str], problems: list[str]
) -> tuple[str, int] | None:
    """Where the image of a line lies below `images`, and its label; None, with the reason told, where it does not."""
    at, where, label = line
    problem = problem_of(where, label, release.class_count) or _misplaced(release, where, int(label), folders)
    found = "" if problem else next((way for way in _ways(release, where, int(label)) if is_file(images / way)), "")
    if problem or not found:
        problems.append(f"{at}: {problem or f'{where}: missing in {images.name}'}")
        return None
    return found, int(label)


def _ways(release: Release, where: str, label: int) -> Iterator[str]:
    """The path as listed; then with the class folder, or without it, as validation images are unpacked."""
    yield where
    if release.folder is not None and where:
        path, folder = PurePosixPath(where), release.folder(label)
        yield str(path.parent.parent / path.name if path.parent.name == folder else path.parent / folder / path.name)


def _misplaced(release: Release, where: str, label: int, folders: dict[int, str]) -> str:
    """What is wrong with the class folder of a line; a folder that is only told by the lists is remembered."""
    parts = PurePosixPath(where).parts
    if release.folder is not None:
        right = release.folder(label)
        flat = len(parts) == 2  # `val/name.JPEG` has no class folder
        return "" if flat or parts[-2] == right else f"{where}: label {label} is of the folder {right}"
    folder = "/".join(parts[1:-1])
    known = folders.setdefault(label, folder)
    return "" if known == folder else f"{where}: label {label} is of the folder {known} in another line"


def _miscounted(release: Release, found: Listed, *, subset: bool) -> Iterator[str]:
    counted = f"{release.lists[found.set]}: {{}} images"
    if not len(found):
        yield f"{release.lists[found.set]}: has no image that could be read"
    if found.set in release.counts:
        known = [release.counts[found.set]]
        yield from too_many(counted, len(found), known)
        yield from () if subset else too_few(counted, len(found), known)


def _with_shots(release: Release, sets: Sequence[Listed]) -> list[Listed]:
    counts = _counts(release, sets)
    return [
        Listed(
            root=each.root,
            set=each.set,
            files=each.files,
            labels=each.labels,
            groups=shots_of(CONVENTIONS, counts, each.labels),
        )
        for each in sets
    ]


def _counts(release: Release, sets: Sequence[Listed]) -> Ints:
    """Training images of each class [C]."""
    return np.bincount(sets[0].labels, minlength=release.class_count).astype(np.int64)


def _untrained(release: Release, sets: Sequence[Listed]) -> Iterator[str]:
    for number in np.flatnonzero(_counts(release, sets) == 0).tolist():
        yield f"class {number}: has no training image"


def _source(release: Release, sets: Sequence[Listed], folders: Mapping[int, str], *, official: bool) -> Source:
    named = [folders.get(number, "") for number in range(release.class_count)]
    return Source(
        name=release.pack,
        title=release.title,
        licence=release.licence,
        classes=release.classes(named),
        domains=("images",),
        examples=Joined(sets),
        release="official" if official else "subset",
        official=official,
        columns=tuple(convention.spec for convention in CONVENTIONS),
        notes=tuple(_notes(release, sets)),
    )


def _notes(release: Release, sets: Sequence[Listed]) -> Iterator[str]:
    counts = _counts(release, sets)
    yield f"training images per class: {counts.min():,} to {counts.max():,}"
    for convention in CONVENTIONS:
        sizes = np.bincount(convention.buckets(counts), minlength=len(convention.spec.values)).tolist()
        told = ", ".join(f"{size:,} {value}" for size, value in zip(sizes, convention.spec.values, strict=True))
        yield f"classes by {convention.column}: {told}"
    for each in sets:
        remembered = release.remembered.get(each.set, len(each))
        if remembered != len(each):
            yield f"{each.set} has {len(each):,} images; {remembered:,} were expected, a number that is not confirmed"
