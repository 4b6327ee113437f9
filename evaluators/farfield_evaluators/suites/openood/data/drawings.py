"""The packs `openood-drawings` and `open-set-drawings`: OpenOOD's kinds of boards in small, of shipped drawings.

Concepts are cut into those of the training set and those of test sets, within each class, so that no thing is in both.
Coloured drawings of five styles are in-distribution; Fluent's and all line drawings are the same classes with another
look; drawings of things of no class are near, and of symbols, people and flags far.
"""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from farfield_evaluators.data.demo import demo_root
from farfield_evaluators.data.drawings import CLASSES, LICENCE, PHOTOGRAPHS, Shown, rank, read_shown, synsets_of
from farfield_evaluators.data.packs import Example, Pack, PackClass, Source, build
from farfield_evaluators.suites.openood.names import DRAWINGS, OPEN_SET_DRAWINGS
from farfield_evaluators.suites.openood.splits import SPLITS, known_of, trained_on, unknown_of

LEARNED_STYLES = ("emojione-v1", "noto", "noto-blob", "openmoji", "twemoji")
SHIFTED_STYLES = {
    "shift/fluent": ("fluent-3d", "fluent-flat"),
    "shift/lines": ("fluent-contrast", "openmoji-outline", "symbola"),
}
STYLES = (*LEARNED_STYLES, *(style for styles in SHIFTED_STYLES.values() for style in styles))
OTHERS = {
    "near/drawings": "near/things",
    "far/symbols": "far/symbols",
    "far/people": "far/people",
    "far/flags": "far/flags",
}
TESTED = 0.35  # of the concepts of a class
UNKNOWN = 5  # classes of 14


def import_drawings(packs: Path) -> Pack:
    """Build `openood-drawings`, or return it when it is there. Raises PackError when the images are not installed."""
    root = demo_root()
    return build(
        _source(root, DRAWINGS, "Drawings, and drawings of other things", [*known_or_shifted(root), *_others(root)]),
        packs,
    )


def import_open_set(packs: Path) -> Pack:
    """Build `open-set-drawings`, as `import_drawings`."""
    root = demo_root()
    return build(
        _source(root, OPEN_SET_DRAWINGS, "Drawings in five open-set splits", [*in_splits(root)], once=True), packs
    )


def unknown_classes(split: str) -> frozenset[str]:
    """The classes that are not known in a split: chance, and always the same."""
    return frozenset(sorted(CLASSES, key=lambda name: rank(f"{OPEN_SET_DRAWINGS} {split}", name))[:UNKNOWN])


def tested_concepts(shown: Sequence[Shown]) -> frozenset[tuple[str, str]]:
    """(class, concept) of those that no training set has."""
    tested = set[tuple[str, str]]()
    for label in CLASSES:
        concepts = {each.concept for each in shown if each.label == label}
        ordered = sorted(concepts, key=lambda concept: rank(DRAWINGS, concept))
        tested |= {(label, concept) for concept in ordered[: round(TESTED * len(ordered))]}
    return frozenset(tested)


def known_or_shifted(root: Path) -> Iterator[Example]:
    """Drawings of the 14 classes: of some concepts to learn from, of the others in all styles."""
    drawn = _drawn(root)
    tested = tested_concepts(drawn)
    for each in drawn:
        is_tested = (each.label, each.concept) in tested
        if each.style in LEARNED_STYLES:
            yield _example(each, "id/test" if is_tested else "train")
        elif is_tested:
            yield _example(each, next(name for name, styles in SHIFTED_STYLES.items() if each.style in styles))


def _others(root: Path) -> Iterator[Example]:
    """Drawings of what is of no class."""
    with (root / "index.csv").open(newline="", encoding="utf-8") as table:
        for row in csv.DictReader(table):
            if row["set"] in OTHERS:
                yield Example(path=root / row["path"], set=OTHERS[row["set"]], domain=STYLES.index(row["domain"]))


def in_splits(root: Path) -> Iterator[Example]:
    """The training images and both test sets of every split."""
    drawn = [each for each in _drawn(root) if each.style in LEARNED_STYLES]
    tested = tested_concepts(drawn)
    for split in SPLITS:
        unknown = unknown_classes(split)
        for each in drawn:
            is_tested = (each.label, each.concept) in tested
            if each.label not in unknown:
                yield _example(each, known_of(split) if is_tested else trained_on(split))
            elif is_tested:
                yield _example(each, unknown_of(split), label=-1)


def _drawn(root: Path) -> list[Shown]:
    return [each for each in read_shown(root) if each.style != PHOTOGRAPHS]


def _example(shown: Shown, name: str, label: int | None = None) -> Example:
    number = [*CLASSES].index(shown.label) if label is None else label
    return Example(path=shown.path, set=name, label=number, domain=STYLES.index(shown.style))


def _source(root: Path, name: str, title: str, examples: Sequence[Example], *, once: bool = False) -> Source:
    return Source(
        name=name,
        title=title,
        licence=LICENCE,
        classes=tuple(PackClass(name=label, synsets=synsets_of(root, (label,))) for label in CLASSES),
        domains=STYLES,
        examples=tuple(examples),
        once=once,
    )
