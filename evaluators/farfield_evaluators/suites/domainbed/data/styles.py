"""`domainbed/styles`: the shipped pictures as a DomainBed data set. Domains are families of drawing styles.

Fluent's three styles share shapes, and so do OpenMoji's two and Noto's two: a family is one domain, so that a held-out
domain is a hand that was never seen. Concepts are split too: about a third of them are in the set `unseen` in every
domain, the others in `seen`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType

from farfield_evaluators.data.demo import demo_root
from farfield_evaluators.data.drawings import CLASSES, LICENCE, rank, read_shown
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
        licence=LICENCE,
        classes=tuple(PackClass(name=name) for name in classes),
        domains=domains,
        examples=examples,
        ordered=True,
    )


def read_pictures(root: Path) -> tuple[Picture, ...]:
    """Every picture that shows a class, ordered by family, class and path."""
    family = {style: name for name, styles in FAMILIES.items() for style in styles}
    pictures = (
        Picture(path=shown.path, family=family[shown.style], label=shown.label, concept=shown.concept)
        for shown in read_shown(root)
    )
    return tuple(sorted(pictures, key=lambda p: (p.family, p.label, p.path.as_posix())))


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
    for concept in sorted(families, key=partial(rank, NAME)):
        enough = len(chosen) >= UNSEEN_SHARE * len(families) and _covered(families, chosen)
        if not enough and _covered(families, families.keys() - chosen - {concept}):
            chosen.add(concept)
    return chosen


def _covered(families: Mapping[str, set[str]], concepts: set[str]) -> bool:
    return set().union(*(families[c] for c in concepts)) == set(FAMILIES)
