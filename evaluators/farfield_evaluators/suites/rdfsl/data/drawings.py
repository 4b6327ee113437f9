"""The pack `rdfsl-drawings`: base classes and support by some artists, and queries of the same classes by others.

Families are held out, and not styles: Fluent's three styles share shapes, and so do OpenMoji's two. Both test domains
have the same support. A concept may be in the support and among the queries of its class, drawn by another hand.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from farfield_evaluators.data.demo import demo_root
from farfield_evaluators.data.drawings import LICENCE, PHOTOGRAPHS, Shown, read_fine, synsets_of_fine
from farfield_evaluators.data.packs import Example, Pack, PackClass, Source, build
from farfield_evaluators.suites.rdfsl.drawings import COLOURED, LINES, PACK
from farfield_evaluators.suites.rdfsl.sets import BASE, query_of, support_of

LEARNED_STYLES = (PHOTOGRAPHS, "emojione-v1", "noto", "noto-blob", "twemoji")
QUERY_STYLES = {
    COLOURED: ("fluent-3d", "fluent-flat", "openmoji"),
    LINES: ("fluent-contrast", "openmoji-outline", "symbola"),
}
STYLES = (*LEARNED_STYLES, *QUERY_STYLES[COLOURED], *QUERY_STYLES[LINES])
NOVEL = (
    "ball",
    "canine",
    "hand tool",
    "insect",
    "orchard fruit",
    "reptile or amphibian",
    "rodent",
    "traffic sign or light",
    "vessel",
    "wind or percussion instrument",
)
"""Those of the index's classes that have 15 queries or more in either domain, one of each kind of things."""
SUPPORT = "support"


def import_drawings(packs: Path) -> Pack:
    """Build the pack, or return it when it is there. Raises PackError when the images are not installed."""
    return build(drawings_source(demo_root()), packs)


def drawings_source(root: Path) -> Source:
    """The source made of the pictures of a class in `index.csv` in `root`."""
    shown = read_fine(root)
    classes = (*sorted({each.label for each in shown} - set(NOVEL)), *NOVEL)
    return Source(
        name=PACK,
        title="Drawings in episodes",
        licence=LICENCE,
        classes=tuple(PackClass(name=name, synsets=synsets_of_fine(root, (name,))) for name in classes),
        domains=STYLES,
        examples=tuple(_examples(shown, classes)),
        ordered=True,
        joined=tuple((support_of(query_of(domain)), (SUPPORT,)) for domain in QUERY_STYLES),
    )


def _examples(shown: Sequence[Shown], classes: Sequence[str]) -> Iterator[Example]:
    """In an order that is chance: the index's own has one concept after the other."""
    for order, each in enumerate(sorted(shown, key=lambda each: each.rank(PACK))):
        if name := _set_of(each):
            label, domain = classes.index(each.label), STYLES.index(each.style)
            yield Example(path=each.path, set=name, label=label, domain=domain, order=order)


def _set_of(shown: Shown) -> str:
    """The set of a picture; empty for one that is in none: base classes by the artists of the queries."""
    if shown.style in LEARNED_STYLES:
        return SUPPORT if shown.label in NOVEL else BASE
    queries = next((query_of(domain) for domain, styles in QUERY_STYLES.items() if shown.style in styles), "")
    return queries if shown.label in NOVEL else ""
