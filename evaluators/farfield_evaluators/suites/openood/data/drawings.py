"""The packs `openood-drawings`, that with outliers and `open-set-drawings`: OpenOOD's kinds of boards in small.

Concepts are cut into those of the training set and those of test sets, within each class, so that no thing is in both.
Coloured drawings of five styles are in-distribution; Fluent's and all line drawings are the same classes with another
look; drawings of things of no class are near, and of symbols, people and flags far.
"""

import csv
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from farfield_evaluators.data.demo import demo_root
from farfield_evaluators.data.drawings import CLASSES, LICENCE, PHOTOGRAPHS, Shown, rank, read_shown, synsets_of, thing
from farfield_evaluators.data.packs import Example, Pack, PackClass, Source, build
from farfield_evaluators.suites.openood.names import DRAWINGS, OPEN_SET_DRAWINGS, OUTLIERS
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
PARTED = frozenset({"near/things", "far/symbols"})  # of which some concepts are outliers to learn from or to choose by
LEARNED_OUTLIERS, CHOSEN_BY, VALIDATED = 0.3, 0.2, 0.2  # of their concepts, and of the training images' concepts


def import_drawings(packs: Path) -> Pack:
    """Build `openood-drawings`, or return it when it is there. Raises PackError when the images are not installed."""
    root = demo_root()
    return build(
        _source(
            root,
            DRAWINGS,
            "Drawings, and drawings of other things",
            [*known_or_shifted(root), *(each for _, each in _others(root))],
        ),
        packs,
    )


def import_with_outliers(packs: Path) -> Pack:
    """Build `openood-drawings-outliers`, as `import_drawings`."""
    root = demo_root()
    examples = [*known_and_validated(root), *parted(root)]
    return build(_source(root, OUTLIERS, "Drawings, and outliers to learn from and to choose by", examples), packs)


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
    return _of_each_class(shown, TESTED, DRAWINGS)


def _of_each_class(shown: Sequence[Shown], share: float, chance: str) -> frozenset[tuple[str, str]]:
    """(class, concept) of so many of each class's concepts."""
    concepts = {label: {each.concept for each in shown if each.label == label} for label in CLASSES}
    return frozenset((label, concept) for label in CLASSES for concept in _first(concepts[label], share, chance))


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


def known_and_validated(root: Path) -> Iterator[Example]:
    """Drawings of the 14 classes in the styles of training: to learn from, to choose by, and to be tested on."""
    drawn = [each for each in _drawn(root) if each.style in LEARNED_STYLES]
    tested = tested_concepts(drawn)
    kept = [each for each in drawn if (each.label, each.concept) not in tested]
    chosen_by = _of_each_class(kept, VALIDATED, OUTLIERS)
    yield from (_example(each, "id/val" if (each.label, each.concept) in chosen_by else "train") for each in kept)
    yield from (_example(each, "id/test") for each in drawn if (each.label, each.concept) in tested)


def parted(root: Path) -> Iterator[Example]:
    """Drawings of what is of no class: to learn from, to choose by, and of the other concepts to test on."""
    others = [*_others(root)]
    concepts = {name: {concept for concept, each in others if each.set == name} for name in PARTED}
    learned = set().union(*(_first(of, LEARNED_OUTLIERS, OUTLIERS) for of in concepts.values()))
    seen = set().union(*(_first(of, LEARNED_OUTLIERS + CHOSEN_BY, OUTLIERS) for of in concepts.values()))
    for concept, each in others:
        if each.set in PARTED and concept in seen:
            yield replace(each, set="outliers" if concept in learned else "outliers-val")
        else:
            yield each


def _first(concepts: Collection[str], share: float, chance: str) -> frozenset[str]:
    """So many of the concepts: chance by its name, and always the same."""
    ordered = sorted(concepts, key=lambda concept: rank(chance, concept))
    return frozenset(ordered[: round(share * len(ordered))])


def _others(root: Path) -> Iterator[tuple[str, Example]]:
    """Drawings of what is of no class, each after its concept."""
    with (root / "index.csv").open(newline="", encoding="utf-8") as table:
        for row in csv.DictReader(table):
            if row["set"] in OTHERS:
                style = STYLES.index(row["domain"])
                yield thing(row["concept"]), Example(path=root / row["path"], set=OTHERS[row["set"]], domain=style)


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
