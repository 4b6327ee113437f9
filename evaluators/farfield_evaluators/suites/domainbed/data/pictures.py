"""Images of a data set with domains, each with the name that draws by a hash go by: shipped drawings, or a release."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from farfield_evaluators.data.drawings import CLASSES, read_shown
from farfield_evaluators.data.packs import Example, Source
from farfield_evaluators.suites.domainbed.data.styles import FAMILIES

DRAWN = tuple(sorted(CLASSES))  # the classes of the shipped drawings, in the order of their numbers


class Picture(NamedTuple):
    """An image: its domain and class by number, its file, and a name that draws go by."""

    domain: int
    label: int
    path: Path
    name: str


def drawn(root: Path, domains: Sequence[str]) -> list[Picture]:
    """Those of a class in `index.csv` in `root`, of the families of styles that are domains, of the classes DRAWN."""
    family = {style: name for name, styles in FAMILIES.items() for style in styles}
    return [
        Picture(domains.index(family[s.style]), DRAWN.index(s.label), s.path, f"{s.style}/{s.path.name}")
        for s in read_shown(root)
        if family[s.style] in domains
    ]


def released(source: Source, domains: Sequence[str]) -> list[Picture]:
    """Those of a release's source, whose domains have these names."""
    examples: Iterable[Example] = source.examples  # type: ignore[assignment]
    return [Picture(e.domain, e.label, e.path, f"{domains[e.domain]}/{e.path.name}") for e in examples]
