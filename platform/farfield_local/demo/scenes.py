"""The data of boards that a quick demo has not, made here when they are asked for: scenes, and drawings in other parts.

The corruptions are of a package that only the extra `corruptions` brings; `make demo MORE=1` installs it.
"""

from collections.abc import Collection
from pathlib import Path

from rich.console import Console

from farfield import FarfieldError
from farfield_evaluators.catalog import catalog
from farfield_evaluators.data.packs import is_imported
from farfield_evaluators.suite import ImportRequest

SCENES, CORRUPTED = "fsdet-scenes", "coco-c-scenes"
DRAWINGS, OUTLIERS, SPLITS = "openood-drawings", "openood-drawings-outliers", "open-set-drawings"
TARGETS, SEQUENCE, CHOICES = "open-dg/drawings", "mtil-drawings", "unlearning/drawings"
NAMED, SEVERAL = "clip-benchmark/drawings", "clip-benchmark/drawings-multilabel"
DESCRIBED = "clip-benchmark/drawings-captions"
PRUNED = "pruning-drawings"
BOARDS = {
    SCENES: "fsdet/scenes",
    CORRUPTED: "coco-c/scenes",
    DRAWINGS: "ood-detection/drawings",
    OUTLIERS: "ood-detection/drawings-outliers",
    SPLITS: "open-set/drawings",
    TARGETS: "open-dg/drawings",
    SEQUENCE: "mtil/drawings",
    CHOICES: "unlearning/drawings",
    NAMED: "clip-benchmark/drawings",
    SEVERAL: "clip-benchmark/drawings-multilabel",
    DESCRIBED: "clip-benchmark/drawings-captions",
    PRUNED: "pruning/drawings",
}
SAYS = {
    SCENES: "composing them takes 10 s of a core",
    CORRUPTED: "corrupting them takes 40 s of a core",
    DRAWINGS: "reading them takes 2 s of a core",
    OUTLIERS: "reading them takes 2 s of a core",
    SPLITS: "reading them takes 2 s of a core",
    TARGETS: "reading them takes 2 s of a core",
    SEQUENCE: "reading them takes 2 s of a core",
    CHOICES: "reading them takes 2 s of a core",
    NAMED: "reading them takes 2 s of a core",
    SEVERAL: "composing them takes 2 s of a core",
    DESCRIBED: "reading them takes 2 s of a core",
    PRUNED: "reading them takes 2 s of a core",
}


def import_scenes(var: Path, console: Console, wanted: Collection[str] = tuple(BOARDS)) -> None:
    """Make those of the packs that are wanted, or say why a board stays empty: no demo fails for them."""
    for name, board in BOARDS.items():
        if name not in wanted or is_imported(var / "packs", name):
            continue
        console.print(f"{name}: {SAYS[name]}", highlight=False)
        try:
            catalog().importers[name].run(ImportRequest(path=None, packs=var / "packs"))
        except FarfieldError as error:
            console.print(f"the board {board} stays empty: {error}", markup=False, highlight=False)
