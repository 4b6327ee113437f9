"""Trees of a few tiny images in the official layouts of ImageNet and the sets around it; no two images are alike."""

import json
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.io import savemat

from farfield_evaluators.data import imagenet_classes as classes
from farfield_evaluators.data.image_lists import ImageList, Lists
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.suites.imagenet.data.corrupted import Corruptions, Prepared
from farfield_evaluators.suites.imagenet.data.folders import import_release
from farfield_evaluators.suites.imagenet.data.image_lists import FULL_SPECTRUM, NEAR_FAR
from farfield_evaluators.suites.imagenet.data.objectnet import Expected
from farfield_evaluators.suites.imagenet.data.official import TRAIN, V2, VAL, R, Release

_NUMBERS = count(1)


def picture(path: Path, size: tuple[int, int] = (6, 6)) -> Path:
    """Write an image whose colour no other has; as PNG whatever its ending, so that the colour is kept."""
    path.parent.mkdir(parents=True, exist_ok=True)
    n = next(_NUMBERS)
    Image.new("RGB", size, (n & 255, n >> 8 & 255, n >> 16 & 255)).save(path, "PNG")
    return path


def colour(path: Path) -> tuple[int, ...]:
    return Image.open(path).convert("RGB").getpixel((0, 0))


def small(release: Release, per_class: int = 1) -> Release:
    """The release as if it had so many images of each of its classes."""
    total = per_class * len(release.wnids())
    return replace(release, counts=(total,), per_class=(per_class, per_class))


def few(release: Release, wnids: tuple[str, ...], per_class: int = 1) -> Release:
    """The release as if it had these classes only."""
    return small(replace(release, wnids=lambda: wnids), per_class)


def grow(release: Release, root: Path, ending: str = ".JPEG") -> Path:
    """Write the whole release as class folders in `root`."""
    for name in release.labels():
        for n in range(release.per_class[1]):
            picture(root / name / f"{name}_{n}{ending}")
    return root


def grow_flat(root: Path, wnid_of: list[str]) -> Path:
    """The flat validation set: image i is of wnid_of[i - 1]."""
    for number, _ in enumerate(wnid_of, 1):
        picture(root / f"ILSVRC2012_val_{number:08d}.JPEG")
    return root


def devkit(folder: Path, wnid_of: list[str]) -> None:
    """The devkit's data folder; ILSVRC2012_ID runs against the sorted wnids, and inner nodes are there too."""
    folder.mkdir(parents=True, exist_ok=True)
    ids = {wnid: number for number, wnid in enumerate(reversed(classes.wnids()), 1)}
    names = [*ids, "n00001740"]
    kind = [("ILSVRC2012_ID", "O"), ("WNID", "O"), ("words", "O"), ("num_children", "O")]
    synsets = np.zeros((len(names), 1), dtype=kind)
    for row, wnid in enumerate(names):
        synsets[row, 0] = (ids.get(wnid, 1001), wnid, f"words of {wnid}", 0 if wnid in ids else 1000)
    savemat(folder / "meta.mat", {"synsets": synsets})
    truth = "".join(f"{ids[wnid]}\n" for wnid in wnid_of)
    (folder / "ILSVRC2012_validation_ground_truth.txt").write_text(truth)


def labels_by_colour(pack: Pack, name: str) -> dict[tuple[int, ...], int]:
    """The label of each image of a set, by its colour."""
    blob = pack.blob.read_bytes()
    found = {}
    for position in pack.members(name).tolist():
        start, end = pack.spans[position].tolist()
        scratch = pack.folder.parent / "scratch.png"
        scratch.write_bytes(blob[start:end])
        found[colour(scratch)] = int(pack.labels[position])
        scratch.unlink()
    return found


# --- ObjectNet -------------------------------------------------------------------------------------------------------

OBJECTNET = Expected(folders=4, mapped=2, ids=3, counts=(4,))
CHAIR, ROCKER, PLATE = 423, 765, 923  # barber chair, rocking chair, plate


def objectnet(root: Path) -> Path:
    """Four folders, two of them mapped; one class is two of ImageNet's. The lines of ImageNet's names are reversed."""
    for folder in ("chair", "plate_or_dish", "air_freshener", "umbrella"):
        for n in range(2):
            bordered(root / "objectnet-1.0" / "images" / folder / f"{folder}_{n}.png")
    mappings = root / "objectnet-1.0" / "mappings"
    mappings.mkdir()
    names = [f"name {999 - line}" for line in range(1000)]
    (mappings / "imagenet_to_label_2012_v2").write_text("\n".join(names) + "\n")
    write_json(mappings / "pytorch_to_imagenet_2012_id.json", {str(i): 999 - i for i in range(1000)})
    folders = {
        "chair": "Chair",
        "plate_or_dish": "Plate or dish",
        "air_freshener": "Air freshener",
        "umbrella": "Umbrella",
    }
    write_json(mappings / "folder_to_objectnet_label.json", folders)
    mapped = {"Chair": f"name {ROCKER}; name {CHAIR}", "Plate or dish": f"name {PLATE}"}
    write_json(mappings / "objectnet_to_imagenet_1k.json", mapped)
    return root


def bordered(path: Path) -> Path:
    """A picture of 10 x 8 with ObjectNet's red border of 2 pixels."""
    inner = Image.open(picture(path, (6, 4))).copy()
    outer = Image.new("RGB", (10, 8), (255, 0, 0))
    outer.paste(inner, (2, 2))
    outer.save(path, "PNG")
    return path


def write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value))


# --- ImageNet-C ------------------------------------------------------------------------------------------------------

TWO = ("n01440764", "n01443537")
SMALL_VAL = few(VAL, TWO)


def train_pack(root: Path) -> Pack:
    """Two training images of two classes each, imported into root/packs."""
    train = few(TRAIN, TWO, per_class=2)
    return import_release(train, grow(train, root / "train"), root / "packs")


def small_c(spec: Corruptions) -> Corruptions:
    """The release as if it had two classes with an image each."""
    return replace(spec, each=SMALL_VAL)


def corruptions(root: Path, names: tuple[str, ...], archive: str = "") -> Path:
    for name in names:
        for severity in "12345":
            for wnid in TWO:
                path = root / archive / name / severity / wnid / f"ILSVRC2012_val_{TWO.index(wnid):08d}.JPEG"
                picture(path, (224, 224))
    return root


# --- OpenOOD ---------------------------------------------------------------------------------------------------------

LISTS = {
    "id/test": ImageList(file="test_imagenet.txt", count=2000, id=True),
    "id/val": ImageList(file="val_imagenet.txt", count=1000, id=True),
    "near/ssb_hard": ImageList(file="test_ssb_hard.txt", count=3),
    "near/ninco": ImageList(file="test_ninco.txt", count=2),
    "far/inaturalist": ImageList(file="test_inaturalist.txt", count=2),
    "far/textures": ImageList(file="test_textures.txt", images="images_classic", count=2),
    "far/openimage_o": ImageList(file="test_openimage_o.txt", count=2),
    "val/openimage_o": ImageList(file="val_openimage_o.txt", count=2),
}
PER_CLASS = 3
OF_R = classes.imagenet_r()[3:5]
SHIFTED = {
    "shift/v2": ImageList(file="test_imagenet_v2.txt", count=2, id=True, folders=V2.labels),
    "shift/c": ImageList(file="test_imagenet_c.txt", count=2, id=True, make=Prepared, prepared=224),
    "shift/r": ImageList(file="test_imagenet_r.txt", count=2, id=True, folders=R.labels),
}
SMALL_LISTS = replace(NEAR_FAR, sets=LISTS, per_class=PER_CLASS)
SMALL_FULL_SPECTRUM = replace(FULL_SPECTRUM, sets={**LISTS, **SHIFTED}, per_class=PER_CLASS)


def openood(root: Path, lists: Lists = SMALL_LISTS) -> Path:
    """OpenOOD's data folder with three ID images of each class."""
    for name, spec in lists.sets.items():
        rows = [_listed(name, spec, n) for n in range(spec.count or 0)]
        for where, _ in rows:
            picture(root / spec.images / where, (spec.prepared or 6,) * 2)
        write_list(root, spec, rows)
    return root


def write_list(root: Path, spec: ImageList, rows: list[tuple[str, int]], of: str = "imagenet") -> None:
    folder = root / "benchmark_imglist" / of
    folder.mkdir(parents=True, exist_ok=True)
    (folder / spec.file).write_text("".join(f"{where} {label}\n" for where, label in rows))


def _listed(name: str, spec: ImageList, n: int) -> tuple[str, int]:
    """The n-th image of a list: where it lies, and its label."""
    shifted = {
        "shift/v2": (f"imagenet_v2/{10 - n}/{n:040x}.jpeg", 10 - n),
        "shift/c": (f"imagenet_c/fog/{n + 1}/ILSVRC2012_val_{n:08d}.JPEG", 7 + n),
        "shift/r": (f"imagenet_r/{OF_R[n % 2]}/art_{n}.jpg", classes.numbers()[OF_R[n % 2]]),
    }
    if name in shifted:
        return shifted[name]
    if spec.id:
        return f"imagenet_1k/val/ILSVRC2012_{spec.file[:4]}_{n:08d}.JPEG", n % 1000
    return f"{name.split('/')[1]}/{'images' if n % 2 else 'n01'}/{name.replace('/', '_')} {n}.jpg", -1
