"""Import of ImageNet-C and ImageNet-3DCC: `<corruption>/<1-5>/<wnid>/<image>`, of 224 x 224, never resized.

Hendrycks & Dietterich, ICLR 2019 (arXiv 1903.12261): 15 corruptions, and 4 extra ones that do not count in mCE. Each is
the validation set at 5 severities. The pack of the 15 takes in the validation set itself, from the pack imagenet/val:
the relative mCE needs the clean error; imagenet/train lends its training set. ImageNet-3DCC (Kar et al., CVPR 2022,
arXiv 2203.01441) has 12 others in the same layout, which follow the geometry of a scene.
"""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from PIL import Image

from farfield_evaluators.data import imagenet_classes as classes
from farfield_evaluators.data.encoded import UnreadableImage, read_image
from farfield_evaluators.data.explained import build_or_explain
from farfield_evaluators.data.joined import Joined
from farfield_evaluators.data.listing import entries
from farfield_evaluators.data.packs import Example, Lent, Pack, PackError, Source, open_pack
from farfield_evaluators.data.problems import SUBSET_ADVICE, ImportProblems
from farfield_evaluators.suites.imagenet.data.check import extras, omissions
from farfield_evaluators.suites.imagenet.data.folders import parts_of
from farfield_evaluators.suites.imagenet.data.official import TRAIN, VAL, Release
from farfield_evaluators.suites.imagenet.data.parts import Packed, Part
from farfield_evaluators.suites.imagenet.data.tree import ClassTree, read_tree

SIDE = 224
SEVERITIES = ("1", "2", "3", "4", "5")
ARCHIVES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "noise": ("gaussian_noise", "shot_noise", "impulse_noise"),
        "blur": ("defocus_blur", "glass_blur", "motion_blur", "zoom_blur"),
        "weather": ("snow", "frost", "fog", "brightness"),
        "digital": ("contrast", "elastic_transform", "pixelate", "jpeg_compression"),
        "extra": ("speckle_noise", "gaussian_blur", "spatter", "saturate"),
    }
)
MAIN = tuple(name for archive, names in ARCHIVES.items() if archive != "extra" for name in names)
EXTRA = ARCHIVES["extra"]
THREE_D = (
    *("near_focus", "far_focus", "fog_3d", "flash", "low_light", "iso_noise", "color_quant"),
    *("xy_motion_blur", "z_motion_blur", "bit_error", "h265_abr", "h265_crf"),
)


@dataclass(frozen=True, kw_only=True)
class Prepared(Example):
    """A file of the release, of SIDE x SIDE pixels."""

    def stored(self) -> bytes:
        encoded = read_image(self.path)
        with Image.open(io.BytesIO(encoded)) as image:
            if image.size != (SIDE, SIDE):
                raise UnreadableImage(f"{image.width} x {image.height} pixels, not the release's {SIDE} x {SIDE}")
        return encoded


@dataclass(frozen=True, kw_only=True)
class Corruptions:
    """Some corruptions as one pack. each: what lies at every severity; clean: take in imagenet/val, and the training
    set that imagenet/train lends; archives: folders around corruptions in which they may lie, too."""

    name: str
    title: str
    corruptions: tuple[str, ...]
    each: Release = VAL
    clean: bool = False
    archives: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: ARCHIVES, hash=False)
    family: str = "ImageNet-C"
    licence: str = "CC BY 4.0"


C = Corruptions(name="imagenet/c", title="ImageNet-C: 15 corruptions at 5 severities", corruptions=MAIN, clean=True)
C_EXTRA = Corruptions(
    name="imagenet/c-extra", title="ImageNet-C: the 4 extra corruptions at 5 severities", corruptions=EXTRA
)
C_3D = Corruptions(
    name="imagenet/3dcc",
    title="ImageNet-3DCC: 12 corruptions at 5 severities",
    corruptions=THREE_D,
    clean=True,
    archives=MappingProxyType({}),
    family="ImageNet-3DCC",
    licence="CC BY-NC 4.0",
)


def import_corruptions(spec: Corruptions, path: Path, packs: Path, *, subset: bool = False) -> Pack:
    """Import the corruptions below `path`: there, or in the folders that the release's archives are called after.

    The set of a corruption is `c/<corruption>`, all severities together; the severity is the domain. Every severity has
    as many images, in a subset too, so that the error over the set is the mean over the severities that mCE takes.
    Raises PackError when none is there or imagenet/val is not imported, ImportProblems naming all that is wrong.
    """
    if not path.is_dir():
        raise PackError(f"{path} is no folder; give the one with the folders of {spec.family}'s corruptions")
    clean = [open_pack(packs, VAL.name)] if spec.clean else []
    train = [open_pack(packs, TRAIN.name)] if spec.clean else []
    homes = {name: home for name in spec.corruptions if (home := _home(spec, path, name)) is not None}
    if not homes:
        raise PackError(f"{path} has none of {spec.name}'s corruptions, such as {spec.corruptions[0]}")
    missing = [f"corruption {name}: missing" for name in spec.corruptions if name not in homes]
    trees = _trees(homes)
    for label, tree in trees.items():
        missing += [f"{'/'.join(label)}: {problem}" for problem in _gaps(spec, tree)]
    problems = [*(_uneven(trees) if subset else missing), *_extras(spec, path, homes, trees)]
    if problems:
        raise ImportProblems(path, spec.name, problems, advice="" if subset else SUBSET_ADVICE)
    official = not missing and all(pack.official for pack in (*clean, *train))
    return build_or_explain(_source(spec, trees, clean, train, official=official), packs, path)


Trees = Mapping[tuple[str, str], ClassTree | None]


def _home(spec: Corruptions, path: Path, corruption: str) -> Path | None:
    archives = [path / name for name, members in spec.archives.items() if corruption in members]
    return next((home / corruption for home in (path, *archives) if (home / corruption).is_dir()), None)


def _trees(homes: Mapping[str, Path]) -> Trees:
    """The class folders of every corruption and severity; None for a severity that is not there."""
    return {
        (name, severity): read_tree(home / severity) if (home / severity).is_dir() else None
        for name, home in homes.items()
        for severity in SEVERITIES
    }


def _gaps(spec: Corruptions, tree: ClassTree | None) -> Iterator[str]:
    return omissions(tree, spec.each) if tree else iter(["missing; a corruption has the folders 1 to 5"])


def _uneven(trees: Trees) -> Iterator[str]:
    """The corruptions that have not as many images at each severity, or none at all."""
    for name in dict.fromkeys(corruption for corruption, _ in trees):
        found = [tree.count() if (tree := trees[name, severity]) else 0 for severity in SEVERITIES]
        if len(set(found)) > 1 or not found[0]:
            counted = ", ".join(f"{count:,}" for count in found)
            yield f"{name}: {counted} images at severities 1 to 5; needs as many at each, also in a part"


def _extras(spec: Corruptions, path: Path, homes: Mapping[str, Path], trees: Trees) -> Iterator[str]:
    known = {*spec.archives, *spec.corruptions, *(name for members in spec.archives.values() for name in members)}
    strange = [entry.name for entry in entries(path) if entry.name not in known]
    yield from (f"{name}: extra; {spec.family} has no such corruption" for name in strange)
    for archive, members in spec.archives.items():
        inside = entries(path / archive) if (path / archive).is_dir() else ()
        strays = [entry.name for entry in inside if entry.name not in members]
        yield from (f"{archive}/{stray}: extra; {spec.family} has no such corruption there" for stray in strays)
    for name, home in homes.items():
        strays = [entry.name for entry in entries(home) if entry.name not in SEVERITIES]
        yield from (f"{name}/{stray}: extra; a corruption has the folders 1 to 5" for stray in strays)
    for label, tree in trees.items():
        yield from (f"{'/'.join(label)}: {problem}" for problem in (extras(tree, spec.each) if tree else ()))


def _source(spec: Corruptions, trees: Trees, clean: list[Pack], train: list[Pack], *, official: bool) -> Source:
    parts: list[Part] = []
    for (name, severity), tree in trees.items():
        if tree:
            parts += parts_of(tree, spec.each, set=f"c/{name}", domain=int(severity), make=Prepared)
    sets = sorted({part.set for part in parts})
    return Source(
        name=spec.name,
        title=spec.title,
        licence=f"{spec.licence} for the corruptions; the images under ImageNet's terms of access",
        classes=classes.classes(),
        domains=("clean", *(f"severity {s}" for s in SEVERITIES)),
        examples=Joined([*parts, *(Packed(pack, {VAL.set: "id/val"}, 0) for pack in clean)]),
        release="official" if official else "subset",
        official=official,
        prepared=tuple((name, SIDE) for name in sets),
        lent=tuple(Lent(set=TRAIN.set, pack=pack.name, fingerprint=pack.fingerprint) for pack in train),
        notes=tuple(f"clean images from {pack.name} {pack.fingerprint}" for pack in clean),
    )
