"""`domainbed/styles`: the shipped pictures as a DomainBed data set. Domains are families of drawing styles.

Fluent's three styles share shapes, and so do OpenMoji's two and Noto's two: a family is one domain, so that a held-out
domain is a hand that was never seen. The 36 BREEDS-like classes are merged into 14, each with pictures in every domain.
Concepts are split too: about a third of them are in the set `unseen` in every domain, the others in `seen`. Concepts
that show one thing twice (a cow, a cow's face) stay on one side.
"""

import csv
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from farfield_evaluators.data.demo import demo_root
from farfield_evaluators.data.packs import Example, Pack, PackClass, Source, build

NAME = "domainbed/styles"
SEEN, UNSEEN = "seen", "unseen"
UNSEEN_SHARE = 0.3
FAMILIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "emojione": ("emojione-v1",),
        "fluent": ("fluent-3d", "fluent-contrast", "fluent-flat"),
        "noto": ("noto", "noto-blob"),
        "openmoji": ("openmoji", "openmoji-outline"),
        "photographs": ("photographs",),
        "symbola": ("symbola",),
        "twemoji": ("twemoji",),
    }
)
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
class Picture:
    """A row of the index, in the terms of this data set."""

    path: Path
    family: str
    label: str
    concept: str


def import_styles(packs: Path) -> Pack:
    """Build the pack, or return it when it is there. Raises PackError when the images are not installed."""
    return build(styles_source(demo_root()), packs)


def styles_source(root: Path) -> Source:
    """The source made of the pictures of a class in `index.csv` in `root`."""
    pictures = read_pictures(root)
    unseen = unseen_concepts(pictures)
    classes, domains = sorted(CLASSES), tuple(sorted(FAMILIES))
    examples = tuple(
        Example(
            path=p.path,
            set=UNSEEN if p.concept in unseen else SEEN,
            label=classes.index(p.label),
            domain=domains.index(p.family),
            order=order,
        )
        for order, p in enumerate(pictures)
    )
    return Source(
        name=NAME,
        title="Drawing styles: 14 classes, domains are families of styles",
        licence="by source: CC BY 4.0, CC BY-SA 4.0, Apache-2.0, MIT, GPL-2; see the distribution's LICENSES.md",
        classes=tuple(PackClass(name=name) for name in classes),
        domains=domains,
        examples=examples,
        ordered=True,
    )


def read_pictures(root: Path) -> tuple[Picture, ...]:
    """Every picture that shows a class, ordered by family, class and path."""
    family = {style: name for name, styles in FAMILIES.items() for style in styles}
    label = {fine: name for name, members in CLASSES.items() for fine in members}
    with (root / "index.csv").open(newline="", encoding="utf-8") as table:
        rows = [row for row in csv.DictReader(table) if row["class"]]
    pictures = (
        Picture(
            path=root / row["path"],
            family=family[row["domain"]],
            label=label[row["class"]],
            concept=thing(row["concept"]),
        )
        for row in rows
    )
    return tuple(sorted(pictures, key=lambda p: (p.family, p.label, p.path.as_posix())))


def thing(concept: str) -> str:
    """The concept that stands for all that show the same thing.

    >>> thing("cow-face"), thing("black-cat"), thing("zebra")
    ('cow', 'cat', 'zebra')
    """
    plain = concept.removesuffix("-face")
    return SAME_THING.get(plain, plain)


def unseen_concepts(pictures: Sequence[Picture]) -> frozenset[str]:
    """Of each class the first UNSEEN_SHARE of its concepts, in the order of a hash of their names.

    A concept is passed over when without it some domain would show no seen picture of its class; further ones are added
    until every domain shows an unseen one.
    """
    chosen: set[str] = set()
    for label in sorted(CLASSES):
        chosen |= _unseen_of_class([p for p in pictures if p.label == label])
    return frozenset(chosen)


def _unseen_of_class(pictures: Sequence[Picture]) -> set[str]:
    families = {c: {p.family for p in pictures if p.concept == c} for c in {p.concept for p in pictures}}
    chosen: set[str] = set()
    for concept in sorted(families, key=_rank):
        enough = len(chosen) >= UNSEEN_SHARE * len(families) and _covered(families, chosen)
        if not enough and _covered(families, families.keys() - chosen - {concept}):
            chosen.add(concept)
    return chosen


def _covered(families: Mapping[str, set[str]], concepts: set[str]) -> bool:
    return set().union(*(families[c] for c in concepts)) == set(FAMILIES)


def _rank(concept: str) -> str:
    return hashlib.sha256(f"{NAME}:{concept}".encode()).hexdigest()
