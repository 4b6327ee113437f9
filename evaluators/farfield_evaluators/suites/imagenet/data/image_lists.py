"""OpenOOD v1.5's image lists whose ID images are of ImageNet: all 1000 classes, or the 200 of ImageNet-R.

Zhang et al. 2023 (arXiv 2306.09301), section 3 and appendix. ID are the images of val that the lists keep for testing;
the others are the ID validation set. Full-spectrum adds ID sets under covariate shift: V2, C and R, whose images are of
ImageNet's classes too, and ImageNet-ES (Baek et al., CVPR 2024), which OpenOOD's code has since July 2024.
imagenet/train lends the training set of the 1000 classes; that of the 200 is a list: its classes are numbered anew.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType

from farfield_evaluators.data import imagenet_classes as classes
from farfield_evaluators.data.image_lists import CLASSIC, ImageList, Lists
from farfield_evaluators.data.packs import PackClass
from farfield_evaluators.suites.imagenet.data.corrupted import SIDE, Prepared
from farfield_evaluators.suites.imagenet.data.official import TRAIN, V2, R, Release

VAL_PER_CLASS = 50

OOD: Mapping[str, ImageList] = MappingProxyType(
    {
        "near/ssb_hard": ImageList(file="test_ssb_hard.txt", count=49_000),
        "near/ninco": ImageList(file="test_ninco.txt", count=5_879),
        "far/inaturalist": ImageList(file="test_inaturalist.txt", count=10_000),
        "far/textures": ImageList(file="test_textures.txt", images=CLASSIC, count=5_160),
        "far/openimage_o": ImageList(file="test_openimage_o.txt", count=15_869),
        "val/openimage_o": ImageList(file="val_openimage_o.txt", count=1_763),
    }
)
"""The same lines for 1000 and for 200 classes: no image of theirs is of any of the 1000."""
SETS: Mapping[str, ImageList] = MappingProxyType(
    {
        "id/test": ImageList(file="test_imagenet.txt", count=45_000, id=True),
        "id/val": ImageList(file="val_imagenet.txt", count=5_000, id=True),
        **OOD,
    }
)
SHIFTED: Mapping[str, ImageList] = MappingProxyType(
    {
        "shift/v2": ImageList(file="test_imagenet_v2.txt", count=10_000, id=True, folders=V2.labels),
        "shift/c": ImageList(file="test_imagenet_c.txt", count=10_000, id=True, make=Prepared, prepared=SIDE),
        "shift/r": ImageList(file="test_imagenet_r.txt", count=30_000, id=True, folders=R.labels),
    }
)
ES = ImageList(file="test_imagenet_es.txt", count=None, id=True)


@cache
def of_200() -> tuple[PackClass, ...]:
    """The 200 classes of ImageNet-R, which ImageNet-200 numbers anew by their sorted wnids."""
    numbers = classes.numbers()
    return tuple(classes.classes()[numbers[wnid]] for wnid in classes.imagenet_r())


def renumbered(release: Release) -> dict[str, int]:
    """What the class folders of a release stand for among the 200; folders of other classes stand for none."""
    new = {classes.numbers()[wnid]: number for number, wnid in enumerate(classes.imagenet_r())}
    return {folder: new[old] for folder, old in release.labels().items() if old in new}


SETS_200: Mapping[str, ImageList] = MappingProxyType(
    {
        "train": ImageList(file="train_imagenet200.txt", count=None, id=True, folders=lambda: renumbered(TRAIN)),
        "id/test": ImageList(file="test_imagenet200.txt", count=9_000, id=True),
        "id/val": ImageList(file="val_imagenet200.txt", count=1_000, id=True),
        **OOD,
    }
)
SHIFTED_200: Mapping[str, ImageList] = MappingProxyType(
    {
        "shift/v2": ImageList(file="test_imagenet200_v2.txt", count=2_000, id=True, folders=lambda: renumbered(V2)),
        "shift/c": ImageList(file="test_imagenet200_c.txt", count=2_000, id=True, make=Prepared, prepared=SIDE),
        "shift/r": ImageList(file="test_imagenet200_r.txt", count=30_000, id=True, folders=lambda: renumbered(R)),
    }
)

NEAR_FAR = Lists(
    name="openood/imagenet",
    title="OpenOOD v1.5, ImageNet-1K: ID, near and far OOD, and OOD validation",
    folder="imagenet",
    sets=SETS,
    classes=classes.classes,
    per_class=VAL_PER_CLASS,
    lender=TRAIN.name,
)
FULL_SPECTRUM = replace(
    NEAR_FAR,
    name="openood/imagenet-full-spectrum",
    title="OpenOOD v1.5, ImageNet-1K, full-spectrum: ID, shifted ID, near and far OOD, and OOD validation",
    sets=MappingProxyType({**SETS, **SHIFTED}),
)
WITH_ES = replace(
    NEAR_FAR,
    name="openood/imagenet-full-spectrum-es",
    title="OpenOOD v1.5, ImageNet-1K, full-spectrum with ImageNet-ES",
    sets=MappingProxyType({**SETS, **SHIFTED, "shift/es": ES}),
)
IMAGENET_200 = Lists(
    name="openood/imagenet-200",
    title="OpenOOD v1.5, ImageNet-200: training and ID, shifted ID, near and far OOD, and OOD validation",
    folder="imagenet200",
    sets=MappingProxyType({**SETS_200, **SHIFTED_200}),
    classes=of_200,
    per_class=VAL_PER_CLASS,
)
ALL = (NEAR_FAR, FULL_SPECTRUM, WITH_ES, IMAGENET_200)
