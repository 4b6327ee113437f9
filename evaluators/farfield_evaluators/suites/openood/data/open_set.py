"""Import of OpenOOD's open-set splits: five times some classes of a data set are known and all others are not.

Yang et al., OpenOOD, NeurIPS 2022 (arXiv 2210.07242), section 3. A split's lists number its known classes anew, from 0;
here an image keeps the class that it shows, and a plan tells a method only of the known ones. Which class a number
stands for the training list says by its images' paths. How many lines the lists have is not known here, so what is
checked is what makes them a split: so many known classes, each under one number, and no unknown image of a known class.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from farfield_evaluators.data import imagenet_classes
from farfield_evaluators.data.explained import build_or_explain
from farfield_evaluators.data.image_lists import (
    CLASSIC,
    TERMS,
    Found,
    ImageList,
    Listed,
    folder_of,
    folder_of_images,
    listed_twice,
    read_list,
)
from farfield_evaluators.data.joined import Joined
from farfield_evaluators.data.packs import Pack, PackClass, Source
from farfield_evaluators.suites.openood.data.small_images import classes_of
from farfield_evaluators.suites.openood.splits import SPLITS, known_of, trained_on, unknown_of

Names = Mapping[int, str]
"""The class that each number of a split's lists stands for."""


@dataclass(frozen=True, kw_only=True)
class OpenSet:
    """One of OpenOOD's open-set benchmarks: its folder of lists, and how their files are called.

    known, unknown: how many classes are which. class_of: the class that an image shows, by its path; empty where a path
    does not tell. named: classes as a pack has them.
    """

    name: str
    title: str
    folder: str
    stem: str
    known: int
    unknown: int
    class_of: Callable[[str], str]
    named: Callable[[tuple[str, ...]], tuple[PackClass, ...]] = classes_of

    def files(self, split: str) -> dict[str, str]:
        """The list of each of a split's sets."""
        return {
            trained_on(split): f"train/train_{self.stem}_{self.known}_seed{split}.txt",
            known_of(split): f"test/test_{self.stem}_{self.known}_id_seed{split}.txt",
            unknown_of(split): f"test/test_{self.stem}_{self.unknown}_ood_seed{split}.txt",
        }


def by_folder(where: str) -> str:
    """Of CIFAR's images, which lie in folders of classes."""
    return PurePosixPath(where).parent.name


def by_digit(where: str) -> str:
    """Of MNIST's images: 9_30085.jpg is a nine."""
    return PurePosixPath(where).name.partition("_")[0]


def by_wnid(where: str) -> str:
    """Of Tiny ImageNet's training images, which lie below folders of wnids; others do not tell."""
    return next((part for part in PurePosixPath(where).parts if part[:1] == "n" and part[1:].isdecimal()), "")


def named_by_wnid(wnids: tuple[str, ...]) -> tuple[PackClass, ...]:
    """Classes with ImageNet's names, where they are of the 1000."""
    numbers, known = imagenet_classes.numbers(), imagenet_classes.classes()
    return tuple(known[numbers[wnid]] if wnid in numbers else PackClass(name=wnid, synsets=(wnid,)) for wnid in wnids)


_TITLE = "OpenOOD's open-set splits of"
ALL = (
    OpenSet(
        name="openood/osr-mnist6",
        title=f"{_TITLE} MNIST: 6 digits known, 4 unknown",
        folder="osr_mnist6",
        stem="mnist",
        known=6,
        unknown=4,
        class_of=by_digit,
    ),
    OpenSet(
        name="openood/osr-cifar6",
        title=f"{_TITLE} CIFAR-10: 6 classes known, 4 unknown",
        folder="osr_cifar6",
        stem="cifar10",
        known=6,
        unknown=4,
        class_of=by_folder,
    ),
    OpenSet(
        name="openood/osr-cifar50",
        title=f"{_TITLE} CIFAR-100: 50 classes known, 50 unknown",
        folder="osr_cifar50",
        stem="cifar100",
        known=50,
        unknown=50,
        class_of=by_folder,
    ),
    OpenSet(
        name="openood/osr-tin20",
        title=f"{_TITLE} Tiny ImageNet: 20 classes known, 180 unknown",
        folder="osr_tin20",
        stem="tin",
        known=20,
        unknown=180,
        class_of=by_wnid,
        named=named_by_wnid,
    ),
)


def import_open_set(spec: OpenSet, path: Path, packs: Path, *, subset: bool = False) -> Pack:
    """Import the five splits below `path`, OpenOOD's `data` folder, as one pack. Raises as `import_lists` does."""
    folder = folder_of(spec.folder, path)
    found = Found()
    read = {split: _read_split(spec, split, folder, path, found) for split in SPLITS}
    names = {split: _names(spec, split, listed, found) for split, listed in read.items()}
    for split, listed in read.items():
        found.extra += [*listed_twice(listed), *_known_unknowns(spec, listed, names[split])]
        found.extra += _contradictions(spec, listed, names[split])
    every = [each for listed in read.values() for each in listed]
    found.check(path, spec.name, every, subset=subset)
    classes = tuple(sorted({name for of_split in names.values() for name in of_split.values()}))
    examples = [_by_class(each, names[split], classes) for split, listed in read.items() for each in listed]
    return build_or_explain(_source(spec, examples, classes, official=not found.missing), packs, path)


def _read_split(spec: OpenSet, split: str, folder: Path, path: Path, found: Found) -> list[Listed]:
    listed = []
    for name, file in spec.files(split).items():
        one = ImageList(file=file, images=CLASSIC, count=None, id=name != unknown_of(split))
        if (folder / file).exists():
            root = path / folder_of_images(path, one)
            domain = SPLITS.index(split)
            listed.append(read_list(folder / file, root, name, domain, found.extra, of=one, classes=spec.known))
        else:
            found.missing.append(f"{file}: missing; it is the list of {name}")
    return listed


def _names(spec: OpenSet, split: str, listed: Iterable[Listed], found: Found) -> Names:
    """By the training list; a number or a class that has two of the other is a problem, and a number that has none."""
    file, names = spec.files(split)[trained_on(split)], dict[int, str]()
    for where, label in _labelled(listed, trained_on(split)):
        shown = spec.class_of(where)
        if not shown:
            found.extra.append(f"{file}: {where}: its path does not say which class it shows")
        elif names.setdefault(label, shown) != shown:
            found.extra.append(f"{file}: {where}: label {label} is of {names[label]} and of {shown}")
    several = sorted(name for name, count in Counter(names.values()).items() if count > 1)
    found.extra += [f"{file}: {name} has several labels" for name in several]
    found.missing += [f"{file}: label {n}: no image" for n in range(spec.known) if n not in names]
    return names


def _contradictions(spec: OpenSet, listed: Iterable[Listed], names: Names) -> Iterator[str]:
    """Test images of known classes whose label is not that of the class which their path tells."""
    for each in listed:
        for where, label in zip(each.paths, each.labels, strict=True):
            shown = spec.class_of(where)
            if label >= 0 and shown and names.get(label, shown) != shown:
                yield f"{each.set}: {where}: label {label} is {names[label]} in the training list"


def _known_unknowns(spec: OpenSet, listed: Iterable[Listed], names: Names) -> Iterator[str]:
    known = set(names.values())
    for each in listed:
        for where in each.paths:
            if each.set.startswith(unknown_of("")) and spec.class_of(where) in known:
                yield f"{each.set}: {where}: shows {spec.class_of(where)}, which is known"


def _labelled(listed: Iterable[Listed], name: str) -> Iterator[tuple[str, int]]:
    for each in listed:
        if each.set == name:
            yield from ((where, n) for where, n in zip(each.paths, each.labels, strict=True) if n >= 0)


def _by_class(listed: Listed, names: Names, classes: tuple[str, ...]) -> Listed:
    """With the classes that images show in place of the split's numbers; of a number that has no class none."""
    shown = (classes.index(names[label]) if label in names else -1 for label in listed.labels)
    return replace(listed, labels=tuple(shown))


def _source(spec: OpenSet, examples: list[Listed], classes: tuple[str, ...], *, official: bool) -> Source:
    return Source(
        name=spec.name,
        title=spec.title,
        licence=TERMS,
        classes=spec.named(classes),
        domains=tuple(f"split {split}" for split in SPLITS),
        examples=Joined(examples),
        release="as listed" if official else "subset",
        official=official,
        once=True,
        notes=("how many lines OpenOOD's lists have is not known here",),
    )
