"""Import of the four classic far-OOD sets of ImageNet-1k: iNaturalist, SUN, Places and Textures.

The first three are the 10,000 images each that Huang & Li chose (CVPR 2021, arXiv 2105.01879) so that no class is
ImageNet's; Textures is all of DTD (Cimpoi et al., CVPR 2014), 47 textures of 120 images. ID is all of val, which comes
from the pack imagenet/val; imagenet/train lends the training set.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from farfield_evaluators.data import imagenet_classes as classes
from farfield_evaluators.data.explained import build_or_explain
from farfield_evaluators.data.joined import Joined
from farfield_evaluators.data.packs import Lent, Pack, PackError, Source, open_pack
from farfield_evaluators.data.problems import SUBSET_ADVICE, ImportProblems, Judge, too_few, too_many
from farfield_evaluators.suites.imagenet.data.official import TRAIN, VAL
from farfield_evaluators.suites.imagenet.data.parts import Packed, Part
from farfield_evaluators.suites.imagenet.data.tree import ClassTree, images_in, read_tree

NAME = "imagenet/classic-ood"


DTD = (
    "banded blotchy braided bubbly bumpy chequered cobwebbed cracked crosshatched crystalline dotted fibrous flecked "
    "freckled frilly gauzy grid grooved honeycombed interlaced knitted lacelike lined marbled matted meshed paisley "
    "perforated pitted pleated polka-dotted porous potholed scaly smeared spiralled sprinkled stained stratified "
    "striped studded swirly veined waffled woven wrinkled zigzagged"
)


@dataclass(frozen=True, kw_only=True)
class FarSet:
    """Where a set lies in the release and how many images it has; `textures`: in folders of these names, as many in
    each."""

    folders: tuple[str, ...]
    count: int
    textures: tuple[str, ...] = ()


SETS: Mapping[str, FarSet] = MappingProxyType(
    {
        "far/inaturalist": FarSet(folders=("iNaturalist/images",), count=10_000),
        "far/sun": FarSet(folders=("SUN/images",), count=10_000),
        "far/places": FarSet(folders=("Places/images",), count=10_000),
        "far/textures": FarSet(
            folders=("dtd/images", "Textures/images", "Textures/dtd/images"), count=5_640, textures=tuple(DTD.split())
        ),
    }
)


def import_classic(path: Path, packs: Path, *, subset: bool = False, sets: Mapping[str, FarSet] = SETS) -> Pack:
    """Import the folders iNaturalist, SUN, Places and dtd below `path` as the pack NAME, with val as ID.

    sets: other numbers than the release's, for tests. Raises PackError when imagenet/val or
    imagenet/train is not imported or `path` is
    no folder, ImportProblems naming all that is wrong.
    """
    if not path.is_dir():
        raise PackError(f"{path} is no folder; give the one with iNaturalist, SUN, Places and dtd in it")
    val, train = open_pack(packs, VAL.name), open_pack(packs, TRAIN.name)
    missing: list[str] = []
    extra: list[str] = []
    parts: list[Part] = []
    for number, (name, spec) in enumerate(sets.items(), 1):
        parts += _set(path, name, spec, number, missing, extra)
    problems = [*([] if subset else missing), *extra]
    if problems or not parts:
        raise ImportProblems(path, NAME, problems or missing, advice="" if subset else SUBSET_ADVICE)
    official = val.official and train.official and not missing
    return build_or_explain(_source(parts, tuple(sets), val, train, official=official), packs, path)


def _set(path: Path, name: str, spec: FarSet, domain: int, missing: list[str], extra: list[str]) -> list[Part]:
    root = next((path / folder for folder in spec.folders if (path / folder).is_dir()), None)
    if root is None:
        missing.append(f"{name}: missing; expected the folder {spec.folders[0]}")
        return []
    strays: list[str] = []
    tree = read_tree(root) if spec.textures else ClassTree(root=root, images={"": images_in(root, strays)})
    extra += [f"{name}: {stray}: extra; only images belong here" for stray in (*strays, *tree.strays)]
    missing += _off(name, spec, tree, too_few)
    extra += [*_unknown(name, spec, tree), *_off(name, spec, tree, too_many)]
    return [
        Part(folder=root / folder, files=files, set=name, label=-1, domain=domain)
        for folder, files in tree.images.items()
    ]


def _unknown(name: str, spec: FarSet, tree: ClassTree) -> Iterator[str]:
    for folder in sorted(tree.images.keys() - set(spec.textures or ("",))):
        yield f"{name}: {folder}: extra; DTD has no such texture"


def _off(name: str, spec: FarSet, tree: ClassTree, judge: Judge) -> Iterator[str]:
    """The counts that are wrong: of the set, or of each of its textures."""
    each = spec.count // max(1, len(spec.textures))
    for folder in spec.textures or ("",):
        counted = f"{name}: {folder}: {{}} images" if folder else f"{name}: {{}} images"
        yield from judge(counted, len(tree.images.get(folder, ())), [each])


def _source(parts: list[Part], sets: tuple[str, ...], val: Pack, train: Pack, *, official: bool) -> Source:
    return Source(
        name=NAME,
        title="The four classic far-OOD sets against ImageNet's validation set",
        licence="by set: each source's own terms; for research",
        classes=classes.classes(),
        domains=("val", *(name.removeprefix("far/") for name in sets)),
        examples=Joined([Packed(val, {VAL.set: "id/val"}, 0), *parts]),
        release="official" if official else "subset",
        official=official,
        lent=(Lent(set=TRAIN.set, pack=train.name, fingerprint=train.fingerprint),),
        notes=(f"ID images from {val.name} {val.fingerprint}",),
    )
