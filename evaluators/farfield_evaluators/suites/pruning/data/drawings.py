"""The pack `pruning-drawings`: photographs and drawings that show things many times, and other things to test on.

All pictures of a class by the hands of the training set are taken as they are: nothing is balanced, and nothing that
looks like another is left out. No concept is both trained and tested on.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from farfield_evaluators.data.demo import demo_root
from farfield_evaluators.data.drawings import CLASSES, LICENCE, Shown, rank, read_shown, synsets_of
from farfield_evaluators.data.packs import Example, Pack, PackClass, Source, build
from farfield_evaluators.suites.pruning.drawings import KNOWN, KNOWN_STYLES, OTHER, OTHER_STYLES, PACK, TRAIN

NAME = PACK
TEST_SHARE = 0.4  # of each class's concepts
STYLES = (*KNOWN_STYLES, *OTHER_STYLES)
LABELS = tuple(sorted(CLASSES))


def import_drawings(packs: Path) -> Pack:
    """Build the pack, or return it when it is there. Raises PackError when the images are not installed."""
    return build(drawings_source(demo_root()), packs)


def drawings_source(root: Path) -> Source:
    """The source made of the pictures of a class in `index.csv` in `root`."""
    return Source(
        name=NAME,
        title="Pictures to choose from",
        licence=LICENCE,
        classes=tuple(PackClass(name=label, synsets=synsets_of(root, (label,))) for label in LABELS),
        domains=STYLES,
        examples=tuple(
            Example(path=d.path, set=name, label=LABELS.index(d.label), domain=STYLES.index(d.style))
            for name, members in split(read_shown(root)).items()
            for d in members
        ),
    )


def split(pictures: Sequence[Shown]) -> dict[str, list[Shown]]:
    """The pictures of each set: concepts first, then the styles that a set has."""
    tested = tested_concepts(pictures)
    ranked = sorted(pictures, key=lambda d: d.rank(NAME))  # the order of the index must not count
    known = [d for d in ranked if d.style in KNOWN_STYLES]
    return {
        TRAIN: [d for d in known if d.concept not in tested],
        KNOWN: [d for d in known if d.concept in tested],
        OTHER: [d for d in ranked if d.style in OTHER_STYLES and d.concept in tested],
    }


def tested_concepts(pictures: Sequence[Shown]) -> frozenset[str]:
    """Those that are tested on: of each class the same share, in the order of a hash."""
    by_class = ({d.concept for d in pictures if d.label == label} for label in LABELS)
    ordered = (sorted(concepts, key=partial(rank, NAME)) for concepts in by_class)
    return frozenset(c for concepts in ordered for c in concepts[: round(TEST_SHARE * len(concepts))])
