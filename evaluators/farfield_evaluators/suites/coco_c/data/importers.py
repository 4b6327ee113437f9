"""The importers of the suite `coco-c`: COCO itself, and both packs of corrupted images by their own recipes."""

import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

from farfield_evaluators.catalog import catalog
from farfield_evaluators.data.pack import Pack
from farfield_evaluators.suite import Importer, ImportRequest, OwnImporter
from farfield_evaluators.suites.coco_c.benchmarks import COCO_PACK, SCENES_PACK
from farfield_evaluators.suites.coco_c.data.coco2017 import NAME as COCO
from farfield_evaluators.suites.coco_c.data.coco2017 import import_coco
from farfield_evaluators.suites.coco_c.data.pack import Recipe, corrupt

OF_COCO = Recipe(name=COCO_PACK, test="val", lent=("train",))
SCENES = "fsdet-scenes"  # of another suite, by whose importer it comes
OF_SCENES = Recipe(name=SCENES_PACK, test="val", lent=("base",))


def import_corrupted_coco(path: Path, packs: Path, *, subset: bool = False) -> Pack:
    """COCO 2017 in a folder, and then its validation set under all corruptions, by all processors."""
    return in_parallel(import_coco(path, packs, subset=subset), OF_COCO, packs)


def import_corrupted_scenes(packs: Path) -> Pack:
    """The scenes' validation set under all corruptions; the scenes are made where they are not there."""
    scenes = catalog().importers[SCENES].run(ImportRequest(path=None, packs=packs))
    return corrupt(scenes, OF_SCENES, packs)


def in_parallel(pack: Pack, recipe: Recipe, packs: Path, processes: int = 0) -> Pack:
    """`corrupt` with so many processes, each of which draws alone; 0: as many as there are processors."""
    with ProcessPoolExecutor(processes or os.cpu_count() or 1, mp_context=get_context("spawn")) as executor:
        return corrupt(pack, replace(recipe, processes=executor), packs)


IMPORTERS: tuple[Importer | OwnImporter, ...] = (
    Importer(name=COCO, build=import_coco),
    Importer(name=COCO_PACK, build=import_corrupted_coco),
    OwnImporter(name=SCENES_PACK, build=import_corrupted_scenes, source="is made of the scenes of `fsdet-scenes`"),
)
