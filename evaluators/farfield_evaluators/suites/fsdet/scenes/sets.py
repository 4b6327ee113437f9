"""Which scenes there are: for each set how many, of which classes, by which artists. A scene depends on its name alone.

Scenes of base classes are learned from first; shots are taken of a pool that shows all classes; test scenes show all of
them too, once by the artists that were learned from, on new grounds, and once by others. A sixth set is of base classes
by known artists: for choosing, and for corrupting.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from farfield_evaluators.data.drawings import read_shown
from farfield_evaluators.suites.fsdet.scenes.compose import Scene, Wanted, compose
from farfield_evaluators.suites.fsdet.scenes.cutouts import Cutout, cut_out
from farfield_evaluators.suites.fsdet.scenes.names import NAME, SEEN_SET
from farfield_evaluators.suites.fsdet.scenes.textures import Draws
from farfield_evaluators.suites.fsdet.scenes.things import BASE, CLASSES, SEEN, UNSEEN

FEWEST, MOST = 3, 5  # objects that a scene is to show


@dataclass(frozen=True, kw_only=True)
class SceneSet:
    """A set of scenes: its name, how many, the classes that they show, and whose drawings."""

    name: str
    scenes: int
    classes: tuple[str, ...]
    styles: tuple[str, ...]


BASE_SET = SceneSet(name="base", scenes=320, classes=BASE, styles=SEEN)
VAL = SceneSet(name="val", scenes=24, classes=BASE, styles=SEEN)
POOL = SceneSet(name="pool", scenes=128, classes=CLASSES, styles=SEEN)
TEST_SEEN = SceneSet(name=SEEN_SET, scenes=100, classes=CLASSES, styles=SEEN)
TEST = SceneSet(name="test", scenes=100, classes=CLASSES, styles=UNSEEN)
SETS = (BASE_SET, VAL, POOL, TEST, TEST_SEEN)


class Drawings:
    """The shipped drawings of the classes, by concept and style; each is cut out once."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def of(self, concept: str, styles: Sequence[str]) -> list[Path]:
        """Files in the order of their names. Raises KeyError for a concept that none of these artists drew."""
        files = [path for style in styles for path in self._files.get((concept, style), ())]
        if not files:
            raise KeyError(f"no drawing of {concept} by {', '.join(styles)}")
        return files

    def cut_out(self, path: Path) -> Cutout:
        if path not in self._cutouts:
            from PIL import Image  # only who composes scenes needs it

            with Image.open(path) as image:
                self._cutouts[path] = cut_out(np.asarray(image.convert("RGB")))
        return self._cutouts[path]

    @cached_property
    def _cutouts(self) -> dict[Path, Cutout]:
        return {}

    @cached_property
    def _files(self) -> Mapping[tuple[str, str], list[Path]]:
        files: dict[tuple[str, str], list[Path]] = {}
        for shown in read_shown(self._root):
            files.setdefault((shown.concept, shown.style), []).append(shown.path)
        return {key: sorted(paths) for key, paths in files.items()}


def scenes_of(chosen: SceneSet, drawings: Drawings) -> Iterator[Scene]:
    """The scenes of a set in their order, each made when it is asked for.

    Classes go round in a shuffled deck, so that each is shown about as often, and none twice in a scene.
    """
    deck: list[str] = []
    shuffles = draws_of(chosen.name, "deck")
    for number in range(chosen.scenes):
        draws = draws_of(chosen.name, str(number))
        count = int(draws.randint(FEWEST, MOST + 1))
        while len(deck) < count:
            shuffled = [chosen.classes[n] for n in shuffles.permutation(len(chosen.classes))]
            deck += [concept for concept in shuffled if concept not in deck]
        dealt, deck = deck[:count], deck[count:]
        yield compose([_wanted(concept, chosen, drawings, draws) for concept in dealt], draws)


def _wanted(concept: str, chosen: SceneSet, drawings: Drawings, draws: Draws) -> Wanted:
    files = drawings.of(concept, chosen.styles)
    return Wanted(label=CLASSES.index(concept), cutout=drawings.cut_out(files[draws.randint(len(files))]))


def draws_of(*names: str) -> Draws:
    """Chance that depends on these names and on nothing else; numpy never changes what this generator draws."""
    seed = hashlib.sha256(":".join((NAME, *names)).encode()).digest()[:4]
    return Draws(int.from_bytes(seed, "big"))
