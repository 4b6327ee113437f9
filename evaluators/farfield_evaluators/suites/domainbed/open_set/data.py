"""Packs of open-set boards: of official folders, and of the shipped pictures."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from pathlib import Path

from farfield_evaluators.data.demo import demo_root
from farfield_evaluators.data.drawings import LICENCE, rank
from farfield_evaluators.data.packs import Example, Pack, PackClass, Source, build
from farfield_evaluators.suite import Importer, OwnImporter
from farfield_evaluators.suites.domainbed.data.folders import read_official
from farfield_evaluators.suites.domainbed.data.official import Official
from farfield_evaluators.suites.domainbed.data.pictures import DRAWN, Picture, drawn, released
from farfield_evaluators.suites.domainbed.open_set.splits import DRAWINGS, SPLITS, UNKNOWN, Split, code_at, set_of


def import_drawings(packs: Path) -> Pack:
    """Build the pack, or return it when it is there. Raises PackError when the images are not installed."""
    return build(drawings_source(demo_root()), packs)


def drawings_source(root: Path) -> Source:
    """The source made of the pictures of a class in `index.csv` in `root`."""
    return source_of(
        DRAWINGS, drawn(root, DRAWINGS.domains), DRAWN, title="Drawings with unknown kinds of things", licence=LICENCE
    )


def import_official(split: Split, spec: Official, path: Path, packs: Path, *, subset: bool = False) -> Pack:
    """Import the official folder, or the one that holds it, as the pack of an open-set board; raises as a plain one."""
    return read_official(spec, path, packs, partial(_of_official, split, spec), subset=subset)


def _of_official(split: Split, spec: Official, source: Source) -> Source:
    """The plain source, whose examples lie in the order of domains and classes, with the sets of the split."""
    pictures = released(source, spec.domains)
    made = source_of(split, pictures, [c.name for c in source.classes], title=source.title, licence=source.licence)
    return replace(made, release=source.release, official=source.official, notes=source.notes)


def source_of(split: Split, pictures: Sequence[Picture], classes: Sequence[str], *, title: str, licence: str) -> Source:
    """What the pack is made of: known classes and "unknown"; images of a class and domain are drawn by a hash."""
    examples = tuple(_examples(split, pictures))
    present = {example.set for example in examples}
    joined = {name: tuple(part for part in parts if part in present) for name, parts in split.joined().items()}
    return Source(
        name=split.pack,
        title=title,
        licence=licence,
        classes=tuple(PackClass(name=name) for name in (*classes[: split.known], UNKNOWN)),
        domains=split.domains,
        examples=examples,
        joined=tuple((name, parts) for name, parts in joined.items() if parts),
    )


def _examples(split: Split, pictures: Sequence[Picture]) -> Iterator[Example]:
    drawn = sorted(pictures, key=lambda p: (p.domain, p.label, rank(split.name, p.name)))
    for (domain, label), of_class in groupby(drawn, key=lambda p: (p.domain, p.label)):
        known = min(label, split.known)
        for place, picture in enumerate(of_class):
            name = set_of(split.domains[domain], known, code_at(place))
            yield Example(path=picture.path, set=name, label=known, domain=domain)


IMPORTERS: tuple[Importer | OwnImporter, ...] = (
    OwnImporter(name=DRAWINGS.pack, build=import_drawings, source="comes with the distribution `farfield-demo`"),
    *(
        Importer(name=split.pack, build=partial(import_official, split, split.official))
        for split in SPLITS
        if split.official is not None
    ),
)
