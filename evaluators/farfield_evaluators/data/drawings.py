"""The shipped pictures by style, concept and class, for the data sets that are made of them.

The 36 BREEDS-like classes of the index are merged into 14, each with pictures in every style. Concepts that show one
thing twice (a cow, a cow's face) are one: whoever splits concepts keeps them on one side.
"""

import csv
import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

LICENCE = "by source: CC BY 4.0, CC BY-SA 4.0, Apache-2.0, MIT, GPL-2; see the distribution's LICENSES.md"
PHOTOGRAPHS = "photographs"
CLASSES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "ball": ("ball",),
        "bird": ("poultry or game bird", "songbird", "tropical bird", "water bird"),
        "carnivore": ("canine", "cat", "mustelid"),
        "container": ("bin or bucket", "vessel"),
        "fruit or vegetable": ("citrus fruit", "mushroom", "orchard fruit", "tropical fruit", "vegetable"),
        "hoofed animal": ("bovine", "equine", "pachyderm", "pig", "sheep or goat"),
        "insect": ("insect",),
        "marine animal": ("fish", "marine mammal"),
        "musical instrument": ("string instrument", "wind or percussion instrument"),
        "reptile or amphibian": ("reptile or amphibian",),
        "small or climbing mammal": ("marsupial", "primate", "rabbit", "rodent"),
        "tool": ("hand tool", "medical item"),
        "traffic sign or light": ("traffic sign or light",),
        "vehicle": ("aircraft", "car", "truck or bus"),
    }
)
SAME_THING: Mapping[str, str] = MappingProxyType(
    {
        "airplane-departure": "airplane",
        "small-airplane": "airplane",
        "baby-chick": "hatching-chick",
        "black-cat": "cat",
        "green-apple": "red-apple",
        "guide-dog": "dog",
        "service-dog": "dog",
        "horizontal-traffic-light": "vertical-traffic-light",
        "spouting-whale": "whale",
        "striped-fish": "fish",
        "black-bird": "bird",
        "lime": "lemon",
        "orange-slice": "orange",
        "brown-mushroom": "mushroom",
        "wheelie-bin": "bin",
        "compost-bin": "bin",
        "red-lettuce": "lettuce",
        "ram": "ewe",
    }
)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A picture that shows a class: in which style, of what, and as which class."""

    path: Path
    style: str
    label: str
    concept: str

    def rank(self, seed: str) -> str:
        """A hash of its style and file's name: an order that depends on nothing else, neither folder nor machine."""
        return rank(seed, f"{self.style}/{self.path.name}")


def read_shown(root: Path) -> tuple[Shown, ...]:
    """Every picture that shows a class, in the order of the index; photographs too."""
    label = {fine: name for name, members in CLASSES.items() for fine in members}
    return tuple(replace(shown, label=label[shown.label]) for shown in read_fine(root))


def read_fine(root: Path) -> tuple[Shown, ...]:
    """As `read_shown`, as which of the index's own 36 classes."""
    with (root / "index.csv").open(newline="", encoding="utf-8") as table:
        return tuple(
            Shown(path=root / row["path"], style=row["domain"], label=row["class"], concept=thing(row["concept"]))
            for row in csv.DictReader(table)
            if row["class"]
        )


def synsets_of(root: Path, labels: Iterable[str]) -> tuple[str, ...]:
    """The ImageNet synsets of some of CLASSES, sorted."""
    return synsets_of_fine(root, {name for label in labels for name in CLASSES[label]})


def synsets_of_fine(root: Path, names: Collection[str]) -> tuple[str, ...]:
    """Those of some of the index's own classes, sorted."""
    classes = json.loads((root / "classes.json").read_text(encoding="utf-8"))
    return tuple(sorted({synset for each in classes if each["name"] in names for synset in each["synsets"]}))


def rank(seed: str, name: str) -> str:
    """What to sort by for an order that is chance, and the same everywhere."""
    return hashlib.sha256(f"{seed}:{name}".encode()).hexdigest()


def thing(concept: str) -> str:
    """The concept that stands for all that show the same thing.

    >>> thing("cow-face"), thing("black-cat"), thing("zebra")
    ('cow', 'cat', 'zebra')
    """
    plain = concept.removesuffix("-face")
    return SAME_THING.get(plain, plain)
