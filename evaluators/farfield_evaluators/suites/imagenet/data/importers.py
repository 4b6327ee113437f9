"""Every data set around ImageNet that `farfield data import` brings, by name."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from farfield_evaluators.data.image_lists import import_lists
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.suite import Importer, OwnImporter
from farfield_evaluators.suites.imagenet.data import (
    classic,
    cns_bench,
    compose,
    image_lists,
    imagenet_o,
    imagenet_w,
    mini_c,
    objectnet,
    ood_cv,
)
from farfield_evaluators.suites.imagenet.data.corrupted import C_3D, C_EXTRA, C, import_corruptions
from farfield_evaluators.suites.imagenet.data.flat_val import import_flat, is_flat
from farfield_evaluators.suites.imagenet.data.folders import import_release
from farfield_evaluators.suites.imagenet.data.official import RELEASES, VAL, Release
from farfield_evaluators.suites.imagenet.nuisance.board import PACK as CNS_BENCH
from farfield_evaluators.suites.imagenet.ood_cv import PACK as OOD_CV
from farfield_evaluators.suites.imagenet.watermark.board import PACK as OF_WATERMARKS

_MADE_HERE = "is made of what is imported or installed here"
_DRAWN = "is drawn on what is imported here, by the package of ImageNet-W's authors"


def import_val(path: Path, packs: Path, *, subset: bool = False) -> Pack:
    """The validation set, in class folders or flat with the devkit's ground truth. Raises as the two importers."""
    flat = is_flat(path, VAL)
    if flat is None:
        return import_release(VAL, path, packs, subset=subset)
    return import_flat(VAL, flat, path, packs, subset=subset)


def _release(release: Release) -> Callable[..., Pack]:
    return import_val if release is VAL else partial(import_release, release)


IMPORTERS: tuple[Importer | OwnImporter, ...] = (
    *(Importer(name=release.name, build=_release(release)) for release in RELEASES),
    Importer(name=objectnet.NAME, build=objectnet.import_objectnet),
    *(Importer(name=spec.name, build=partial(import_corruptions, spec)) for spec in (C, C_EXTRA, C_3D)),
    *(Importer(name=spec.name, build=partial(import_lists, spec)) for spec in image_lists.ALL),
    Importer(name=classic.NAME, build=classic.import_classic),
    Importer(name=imagenet_o.IMAGENET_O.name, build=imagenet_o.import_imagenet_o),
    Importer(name=OOD_CV, build=ood_cv.import_ood_cv),
    Importer(name=CNS_BENCH, build=cns_bench.import_cns_bench),
    *(OwnImporter(name=s.name, build=partial(compose.compose, spec=s), source=_MADE_HERE) for s in compose.COMPOSED),
    OwnImporter(name=OF_WATERMARKS, build=imagenet_w.import_imagenet_w, source=_DRAWN),
    OwnImporter(name=mini_c.NAME, build=mini_c.import_mini_c, source=_MADE_HERE),
)
