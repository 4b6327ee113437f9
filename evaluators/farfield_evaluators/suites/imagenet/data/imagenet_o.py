"""Import of ImageNet-O: 2,000 images of no class of ImageNet-1k, against val's images of 200 classes.

Hendrycks et al., Natural Adversarial Examples, CVPR 2021 (arXiv 1907.07174), sections 3 and 4: an image lies in the
folder of a class that a ResNet-50 takes it for, and in-distribution are the validation images of these 200 classes
alone. The pack's classes are these 200, numbered anew by their sorted wnids, so that a classifier of ImageNet is
restricted to their logits, as the authors' code restricts it. ID images come from the pack imagenet/val, the training
images of the 200 classes from imagenet/train; both are copies.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from farfield_evaluators.data import imagenet_classes
from farfield_evaluators.data.explained import build_or_explain
from farfield_evaluators.data.joined import Joined
from farfield_evaluators.data.packs import Pack, Source, open_pack
from farfield_evaluators.data.problems import SUBSET_ADVICE, ImportProblems, too_few, too_many
from farfield_evaluators.suites.imagenet.data.check import IN_ALL, extras
from farfield_evaluators.suites.imagenet.data.folders import locate
from farfield_evaluators.suites.imagenet.data.official import TRAIN, VAL, Release
from farfield_evaluators.suites.imagenet.data.parts import Packed, Part
from farfield_evaluators.suites.imagenet.data.tree import ClassTree, read_tree

KNOWN, UNKNOWN = "id/val", "near/imagenet_o"
FOLDERS = "{} class folders with images"


@dataclass(frozen=True, kw_only=True)
class Outsiders(Release):
    """A release of images that are of no class, in folders called after the classes that they are taken for.

    folders: how many there are; names: `digest_of` what they are called, by which they are known without a list.
    """

    folders: int
    names: str


IMAGENET_O = Outsiders(
    name="imagenet/o",
    title="ImageNet-O: images of no class of ImageNet-1k, against val's images of 200 classes",
    licence="O: MIT for the collection, the images are their owners'; the other images: ImageNet's terms of access",
    set=UNKNOWN,
    counts=(2_000,),
    per_class=(1, 2_000),
    unpacked_as=("imagenet-o",),
    companions=("README.txt",),
    folders=200,
    names="29575307f17b6cb040fcd04fee2b5b7b0e43f7c55072fb05d4b33cc39fc60978",
)


def digest_of(wnids: Iterable[str]) -> str:
    """The SHA-256 of wnids, sorted and each on a line."""
    return hashlib.sha256("".join(f"{wnid}\n" for wnid in sorted(wnids)).encode()).hexdigest()


def import_imagenet_o(path: Path, packs: Path, *, subset: bool = False, release: Outsiders = IMAGENET_O) -> Pack:
    """Import `path`, the folder of class folders or one around it, with val's and train's images of its classes.

    subset: take some of the folders and images; the classes are then those whose folders have an image.
    Raises PackError when `path` is not its folder at all or imagenet/val or imagenet/train is not imported,
    ImportProblems naming all that is wrong.
    """
    tree = read_tree(locate(release, path))
    val, train = open_pack(packs, VAL.name), open_pack(packs, TRAIN.name)
    wnids = tuple(sorted(name for name, files in tree.images.items() if files))
    missing = list(_omissions(tree, wnids, release))
    extra = [*extras(tree, release), *_others(wnids, release), *_unmatched(wnids, (val, train))]
    problems = [*([] if subset else missing), *extra]
    if problems or not wnids:
        raise ImportProblems(tree.root, release.name, problems or ["no image"], advice="" if subset else SUBSET_ADVICE)
    official = val.official and train.official and not missing
    return build_or_explain(_source(release, tree, wnids, val, train, official=official), packs, tree.root)


def _omissions(tree: ClassTree, wnids: tuple[str, ...], release: Outsiders) -> Iterator[str]:
    yield from (f"class {name}: no image" for name in sorted(tree.images.keys() - set(wnids)))
    yield from too_few(FOLDERS, len(wnids), [release.folders])
    yield from too_few(IN_ALL, tree.count(), release.counts)


def _others(wnids: tuple[str, ...], release: Outsiders) -> Iterator[str]:
    """What shows that it is another release: ImageNet-A has 200 folders, too, and ImageNet itself 1000."""
    yield from too_many(FOLDERS, len(wnids), [release.folders])
    if len(wnids) == release.folders and digest_of(wnids) != release.names:
        yield f"its {len(wnids)} folders are called after other classes than {release.name}'s"


def _unmatched(wnids: tuple[str, ...], packs: Iterable[Pack]) -> Iterator[str]:
    numbers = [imagenet_classes.numbers()[wnid] for wnid in wnids if wnid in imagenet_classes.numbers()]
    for pack in packs:
        if not np.isin(pack.labels, numbers).any():
            yield f"{pack.name}: the pack has no image of these classes"


def _source(
    release: Outsiders, tree: ClassTree, wnids: tuple[str, ...], val: Pack, train: Pack, *, official: bool
) -> Source:
    numbers, known = imagenet_classes.numbers(), imagenet_classes.classes()
    anew = {numbers[wnid]: number for number, wnid in enumerate(wnids)}
    unknown = [Part(folder=tree.root / w, files=tree.images[w], set=UNKNOWN, label=-1, domain=1) for w in wnids]
    learned = Packed(train, {TRAIN.set: TRAIN.set}, 2, anew)
    return Source(
        name=release.name,
        title=release.title,
        licence=release.licence,
        classes=tuple(known[numbers[wnid]] for wnid in wnids),
        domains=("val", "imagenet-o", "train"),
        examples=Joined([Packed(val, {VAL.set: KNOWN}, 0, anew), *unknown, learned]),
        release="official" if official else "subset",
        official=official,
        notes=tuple(f"with images from {pack.name} {pack.fingerprint}" for pack in (val, train)),
    )
