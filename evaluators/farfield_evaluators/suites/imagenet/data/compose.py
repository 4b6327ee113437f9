"""The pack of the five shifts, put together from the packs of val, V2, R, A, Sketch and ObjectNet.

One pack, because the test images of a benchmark lie in one file, ordered by their hashes: neither file nor place may
tell a method which set an image is of (decision 0004). It is a copy; the packs it is made of may be deleted then.
Only the training set is no copy: it stays in imagenet/train, which lends it.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from farfield_evaluators.data.joined import Joined
from farfield_evaluators.data.packs import Lent, Pack, PackError, Source, build, open_pack
from farfield_evaluators.suites.imagenet.data import objectnet, official
from farfield_evaluators.suites.imagenet.data.parts import Packed

NAME = "imagenet/ood"
PARTS: Mapping[str, str] = MappingProxyType(
    {
        official.VAL.name: "id/val",
        official.V2.name: "shift/v2",
        official.R.name: "shift/r",
        official.A.name: "shift/a",
        official.SKETCH.name: "shift/sketch",
        objectnet.NAME: "shift/objectnet",
    }
)


def compose(packs: Path) -> Pack:
    """Put the pack NAME together. Raises PackError naming the packs that are not imported."""
    found, train = _open(packs)
    renamed = [(pack, dict.fromkeys(pack.sets, PARTS[pack.name])) for pack in found]
    spaces = [(names[old], space) for pack, names in renamed for old, space in pack.label_spaces]
    whole = all(pack.official for pack in (*found, train))
    return build(
        Source(
            name=NAME,
            title="ImageNet and its five shifts: V2, R, A, Sketch, ObjectNet",
            licence="; ".join(f"{pack.name}: {pack.licence}" for pack in found),
            classes=found[0].classes,
            domains=tuple(name.partition("/")[2] for name in PARTS.values()),
            examples=Joined([Packed(pack, names, number) for number, (pack, names) in enumerate(renamed)]),
            release="official" if whole else "subset",
            official=whole,
            label_spaces=tuple(spaces),
            lent=(Lent(set=official.TRAIN.set, pack=train.name, fingerprint=train.fingerprint),),
            notes=tuple(f"from {pack.name} {pack.fingerprint}" for pack in (*found, train)),
        ),
        packs,
    )


def _open(packs: Path) -> tuple[list[Pack], Pack]:
    """The parts, and the training set."""
    found, missing = [], []
    for name in (*PARTS, official.TRAIN.name):
        try:
            found.append(open_pack(packs, name))
        except PackError:
            missing.append(name)
    if missing:
        told = f"{NAME} is put together from imported packs, and these are missing: {', '.join(missing)}"
        raise PackError(f"{told}; bring each with `farfield data import NAME PATH` first")
    return found[:-1], found[-1]
