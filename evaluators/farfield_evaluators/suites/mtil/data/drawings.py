"""The pack `mtil-drawings`: of each class one half of its things to learn from, in every style, and the other to test.

What is of no task is the reference, without labels.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from farfield_evaluators.data.demo import demo_root
from farfield_evaluators.data.drawings import LICENCE, Shown, rank, read_fine, synsets_of_fine
from farfield_evaluators.data.label_space import subset
from farfield_evaluators.data.packs import Example, Pack, PackClass, Source, build
from farfield_evaluators.suites.mtil.drawings import KINDS, ORDERS, PACK
from farfield_evaluators.suites.mtil.names import REFERENCE, asked_of, learned_sets, train_of

CLASSES = tuple(name for classes in KINDS.values() for name in classes)
DOMAINS = (*KINDS, REFERENCE)
NO_CLASS = -1


def import_drawings(packs: Path) -> Pack:
    """Build the pack, or return it when it is there. Raises PackError when the images are not installed."""
    return build(drawings_source(demo_root()), packs)


def drawings_source(root: Path) -> Source:
    """The source made of the pictures of a class in `index.csv` in `root`."""
    return Source(
        name=PACK,
        title="Drawings, one kind after the other",
        licence=LICENCE,
        classes=tuple(PackClass(name=name, synsets=synsets_of_fine(root, (name,))) for name in CLASSES),
        domains=DOMAINS,
        examples=tuple(_examples(sorted(read_fine(root), key=lambda shown: shown.rank(PACK)))),
        label_spaces=tuple(
            (asked_of(task), subset([CLASSES.index(name) for name in names])) for task, names in KINDS.items()
        ),
        joined=learned_sets(ORDERS),
    )


def _examples(shown: list[Shown]) -> Iterator[Example]:
    tested = {concept for name in CLASSES for concept in _tested({s.concept for s in shown if s.label == name})}
    for each in shown:
        task = next((task for task, names in KINDS.items() if each.label in names), "")
        if not task:
            yield Example(path=each.path, set=REFERENCE, label=NO_CLASS, domain=DOMAINS.index(REFERENCE))
            continue
        name = asked_of(task) if each.concept in tested else train_of(task)
        yield Example(path=each.path, set=name, label=CLASSES.index(each.label), domain=DOMAINS.index(task))


def _tested(concepts: set[str]) -> list[str]:
    """Half of the things of a class, by a hash."""
    ordered = sorted(concepts, key=partial(rank, PACK))
    return ordered[: len(ordered) // 2]
