"""Packs of several releases: the five shifts of ImageNet, and the three variants of V2, each with val.

One pack, because the test images of a benchmark lie in one file, ordered by their hashes: neither file nor place may
tell a method which set an image is of (decision 0004). It is a copy; the packs it is made of may be deleted then.
Only the training set is no copy: it stays in imagenet/train, which lends it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from farfield_evaluators.data.joined import Joined
from farfield_evaluators.data.packs import Lent, Pack, PackError, Source, build, open_pack
from farfield_evaluators.suites.imagenet.data import objectnet, official
from farfield_evaluators.suites.imagenet.data.parts import Packed


@dataclass(frozen=True, kw_only=True)
class Composed:
    """A pack put together from others. parts: the set that each of them becomes, by its name."""

    name: str
    title: str
    parts: Mapping[str, str]


OOD = Composed(
    name="imagenet/ood",
    title="ImageNet and its five shifts: V2, R, A, Sketch, ObjectNet",
    parts=MappingProxyType(
        {
            official.VAL.name: "id/val",
            official.V2.name: "shift/v2",
            official.R.name: "shift/r",
            official.A.name: "shift/a",
            official.SKETCH.name: "shift/sketch",
            objectnet.NAME: "shift/objectnet",
        }
    ),
)
V2_VARIANTS = Composed(
    name="imagenet/v2-variants",
    title="ImageNet and the three variants of V2",
    parts=MappingProxyType(
        {
            official.VAL.name: "id/val",
            official.V2.name: "shift/v2",
            official.V2_THRESHOLD.name: "shift/v2-threshold",
            official.V2_TOP.name: "shift/v2-top-images",
        }
    ),
)
COMPOSED = (OOD, V2_VARIANTS)


def compose(packs: Path, spec: Composed = OOD) -> Pack:
    """Put the pack together. Raises PackError naming the packs that are not imported."""
    found, train = _open(packs, spec)
    renamed = [(pack, dict.fromkeys(pack.sets, spec.parts[pack.name])) for pack in found]
    spaces = [(names[old], space) for pack, names in renamed for old, space in pack.label_spaces]
    whole = all(pack.official for pack in (*found, train))
    return build(
        Source(
            name=spec.name,
            title=spec.title,
            licence="; ".join(f"{pack.name}: {pack.licence}" for pack in found),
            classes=found[0].classes,
            domains=tuple(name.partition("/")[2] for name in spec.parts.values()),
            examples=Joined([Packed(pack, names, number) for number, (pack, names) in enumerate(renamed)]),
            release="official" if whole else "subset",
            official=whole,
            label_spaces=tuple(spaces),
            lent=(Lent(set=official.TRAIN.set, pack=train.name, fingerprint=train.fingerprint),),
            notes=tuple(f"from {pack.name} {pack.fingerprint}" for pack in (*found, train)),
        ),
        packs,
    )


def _open(packs: Path, spec: Composed) -> tuple[list[Pack], Pack]:
    """The parts, and the training set."""
    found, missing = [], []
    for name in (*spec.parts, official.TRAIN.name):
        try:
            found.append(open_pack(packs, name))
        except PackError:
            missing.append(name)
    if missing:
        told = f"{spec.name} is put together from imported packs, and these are missing: {', '.join(missing)}"
        raise PackError(f"{told}; bring each with `farfield data import NAME PATH` first")
    return found[:-1], found[-1]
