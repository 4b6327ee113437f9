"""Packs of unlearning boards: of official folders, and of the shipped pictures."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from pathlib import Path

from farfield_evaluators.data.demo import demo_root
from farfield_evaluators.data.drawings import LICENCE, rank
from farfield_evaluators.data.packs import Example, Pack, PackClass, Source, build
from farfield_evaluators.suites.domainbed.data.folders import read_official
from farfield_evaluators.suites.domainbed.data.official import Official
from farfield_evaluators.suites.domainbed.data.pictures import DRAWN, Picture, drawn, released
from farfield_evaluators.suites.domainbed.unlearning.choices import DRAWINGS, LEARN, TEST, Unlearning


def import_drawings(packs: Path) -> Pack:
    """Build the pack, or return it when it is there. Raises PackError when the images are not installed."""
    return build(drawings_source(demo_root()), packs)


def drawings_source(root: Path) -> Source:
    """The source made of the pictures of a class in `index.csv` in `root`."""
    return source_of(DRAWINGS, drawn(root, DRAWINGS.domains), DRAWN, title="Drawings to unlearn", licence=LICENCE)


def import_official(data: Unlearning, spec: Official, path: Path, packs: Path, *, subset: bool = False) -> Pack:
    """Import the official folder, or the one that holds it, as an unlearning board's pack; raises as a plain one."""
    return read_official(spec, path, packs, partial(of_source, data), subset=subset)


def of_source(data: Unlearning, source: Source) -> Source:
    """The plain source, whose domains are those of `data` in their order, with the sets of its choices."""
    pictures = released(source, source.domains)
    made = source_of(data, pictures, [c.name for c in source.classes], title=source.title, licence=source.licence)
    return replace(made, release=source.release, official=source.official, notes=source.notes)


def source_of(
    data: Unlearning, pictures: Sequence[Picture], classes: Sequence[str], *, title: str, licence: str
) -> Source:
    """What the pack is made of; which images of a class and domain are to learn from is drawn by a hash."""
    examples = tuple(_examples(data, pictures))
    present = {example.set for example in examples}
    joined = {name: tuple(part for part in parts if part in present) for name, parts in data.joined().items()}
    return Source(
        name=data.name,
        title=title,
        licence=licence,
        classes=tuple(PackClass(name=name) for name in classes),
        domains=data.domains,
        examples=examples,
        joined=tuple((name, parts) for name, parts in joined.items() if parts),
    )


def _examples(data: Unlearning, pictures: Sequence[Picture]) -> Iterator[Example]:
    drawn = sorted(pictures, key=lambda p: (p.domain, p.label, rank(data.name, p.name)))
    for (domain, label), of_class in groupby(drawn, key=lambda p: (p.domain, p.label)):
        for place, picture in enumerate(of_class):
            use = LEARN if place < data.shots else TEST
            yield Example(path=picture.path, set=f"{data.domains[domain]}/{use}", label=label, domain=domain)
