"""The pack `longtail-drawings`: the shipped drawings, cut so that few of fourteen classes have most training images.

Concepts are split before anything is cut, so no concept is in two sets. Of what is for training each class keeps as
many pictures as the profile of long-tailed CIFAR says; validation and test sets have as many of each class.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from farfield_evaluators.data.demo import demo_root
from farfield_evaluators.data.drawings import CLASSES, LICENCE, PHOTOGRAPHS, Shown, rank, read_shown, synsets_of
from farfield_evaluators.data.packs import Example, Pack, PackClass, Source, build
from farfield_evaluators.suites.longtail.data.cut import by_size, long_tailed, profile
from farfield_evaluators.suites.longtail.shots import SMALL, Ints

NAME = "longtail-drawings"
TRAIN, VAL, TEST = "train", "val", "test"
TEST_SHARE, VAL_SHARE = 0.4, 0.2  # of the concepts of each class; the others are for training
MOST, RATIO, SEED = 60, 20.0, 0  # 60 pictures of the first class, 3 of the last
LABELS = tuple(sorted(CLASSES))


def import_drawings(packs: Path) -> Pack:
    """Build the pack, or return it when it is there. Raises PackError when the images are not installed."""
    return build(drawings_source(demo_root()), packs)


def drawings_source(root: Path) -> Source:
    """The source made of the drawings of a class in `index.csv` in `root`; its photographs are left out."""
    sets = split([shown for shown in read_shown(root) if shown.style != PHOTOGRAPHS])
    buckets = SMALL.buckets(np.bincount(labels_of(sets[TRAIN]), minlength=len(LABELS)))
    examples = tuple(
        Example(path=shown.path, set=name, label=label, more={SMALL.column: int(buckets[label])})
        for name, members in sets.items()
        for shown, label in zip(members, labels_of(members).tolist(), strict=True)
    )
    return Source(
        name=NAME,
        title="Drawings, long-tailed",
        licence=LICENCE,
        classes=tuple(PackClass(name=label, synsets=synsets_of(root, (label,))) for label in LABELS),
        domains=("drawings",),
        examples=examples,
        columns=(SMALL.spec,),
    )


def labels_of(drawings: Sequence[Shown]) -> Ints:
    """The class of each drawing [N], as a number of LABELS."""
    return np.array([LABELS.index(shown.label) for shown in drawings], np.int64)


def split(drawings: Sequence[Shown]) -> dict[str, list[Shown]]:
    """The drawings of each set: concepts first, then as many of each class as the set has."""
    parts = set_of_concepts(drawings)
    ranked = sorted(drawings, key=lambda shown: shown.rank(NAME))  # the order of the index must not count
    members = {name: [shown for shown in ranked if parts[shown.concept] == name] for name in (TRAIN, VAL, TEST)}
    return {name: [own[place] for place in _cut(name, labels_of(own))] for name, own in members.items()}


def set_of_concepts(drawings: Sequence[Shown]) -> dict[str, str]:
    """The set of each concept: of the concepts of each class the same shares, in the order of a hash."""
    parts: dict[str, str] = {}
    for label in LABELS:
        concepts = sorted({d.concept for d in drawings if d.label == label}, key=lambda concept: rank(NAME, concept))
        test, val = (round(share * len(concepts)) for share in (TEST_SHARE, VAL_SHARE))
        names = [TEST] * test + [VAL] * val + [TRAIN] * (len(concepts) - test - val)
        parts |= dict(zip(concepts, names, strict=True))
    return parts


def _cut(name: str, labels: Ints) -> list[int]:
    """The places that are kept of a set's drawings with these labels [N]."""
    sizes = np.bincount(labels, minlength=len(LABELS))
    counts = np.full(len(LABELS), sizes.min())
    if name == TRAIN:
        counts[by_size(labels, len(LABELS))] = profile(len(LABELS), MOST, RATIO)
    kept: list[int] = long_tailed(labels, counts.tolist(), SEED).tolist()
    return kept
