"""Trees of a few photographs in the exact official layouts of ImageNet and the sets around it.

The pictures are the demo's photographs and drawings of real ImageNet classes, each made another one by its size or by a
corruption, so that no two are alike and a picture found in a pack says which file it was. The album remembers what
every file shows and in which domain of a benchmark it must be found, so that a test need not believe the pack.
"""

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter, ImageOps
from tests.suites.imagenet.data.trees import devkit, write_json

from farfield_demo import ROOT as DEMO
from farfield_evaluators.data import imagenet_classes as classes
from farfield_evaluators.suites.imagenet.data.corrupted import ARCHIVES

NOWHERE = ""
NO_CLASS = -1
MOTIFS = 16
RED = (255, 0, 0)
Motif = tuple[int, Image.Image]  # ImageNet's class number, and what it looks like


@dataclass(frozen=True, kw_only=True)
class Shown:
    """In which domain of a benchmark a picture belongs, NOWHERE for one that no method may be tested on; its class."""

    domain: str
    label: int


@dataclass(frozen=True, kw_only=True)
class Album:
    """Every picture that was written, by its pixels."""

    shown: dict[str, Shown] = field(default_factory=dict)

    def add(self, path: Path, image: Image.Image, domain: str, label: int, *, border: int = 0) -> Path:
        """Write a file, JPEG or PNG by its ending. border: so many red pixels around what it shows."""
        path.parent.mkdir(parents=True, exist_ok=True)
        framed = ImageOps.expand(image, border, RED) if border else image
        framed.save(path, "PNG" if path.suffix == ".png" else "JPEG")
        with Image.open(path) as stored:
            inside = ImageOps.crop(stored.convert("RGB"), border)
        assert digest(inside) not in self.shown, f"{path} shows what another file shows"
        self.shown[digest(inside)] = Shown(domain=domain, label=label)
        return path

    def of(self, encoded: bytes) -> Shown:
        """What a stored picture shows."""
        return self.shown[digest(Image.open(io.BytesIO(encoded)))]


def digest(image: Image.Image) -> str:
    """A name for the pixels, whatever they are encoded as."""
    return hashlib.sha256(repr(image.size).encode() + image.convert("RGB").tobytes()).hexdigest()


# --- pictures --------------------------------------------------------------------------------------------------------


@cache
def _single() -> dict[str, int]:
    """The class number of each of the demo's concepts that is one class of ImageNet's."""
    table = json.loads((DEMO / "classes.json").read_text(encoding="utf-8"))
    concepts = {name: wnids for row in table for name, wnids in row["concepts"].items()}
    return {name: classes.numbers()[wnids[0]] for name, wnids in concepts.items() if len(wnids) == 1}


@cache
def _rows() -> tuple[dict[str, str], ...]:
    with (DEMO / "index.csv").open(encoding="utf-8", newline="") as opened:
        return tuple(csv.DictReader(opened))


@cache
def motifs(hand: str = "photographs") -> tuple[Motif, ...]:
    """One picture of each class, in the order of the classes; by photographers or by an artist."""
    found = {_single()[r["concept"]]: r["path"] for r in _rows() if r["domain"] == hand and r["concept"] in _single()}
    return tuple((number, Image.open(DEMO / path).convert("RGB")) for number, path in sorted(found.items()))


@cache
def strangers() -> tuple[Image.Image, ...]:
    """Photographs and drawings of what is no class of the demo's."""
    paths = [r["path"] for r in _rows() if r["set"].startswith(("near/", "far/"))]
    return tuple(Image.open(DEMO / path).convert("RGB") for path in paths)


def some(found: tuple[Motif, ...], count: int, *, start: int = 0) -> Iterator[Motif]:
    """So many motifs, spread over all classes."""
    step = len(found) // count
    yield from (found[(start + n * step) % len(found)] for n in range(count))


def among(found: tuple[Motif, ...], wnids: tuple[str, ...], count: int) -> Iterator[Motif]:
    """So many motifs of these classes."""
    numbers = {classes.numbers()[wnid] for wnid in wnids}
    yield from some(tuple(motif for motif in found if motif[0] in numbers), count)


def sized(image: Image.Image, n: int) -> Image.Image:
    """The n-th version of a picture: a little wider than the one before, and longer than high, as photographs are."""
    return image.resize((258 + 2 * n, 250), Image.Resampling.BICUBIC)


def wnid(number: int) -> str:
    return classes.wnids()[number]


# --- ImageNet and its five shifts ------------------------------------------------------------------------------------


def train(root: Path, album: Album) -> Path:
    for number, image in some(motifs(), 3):
        album.add(root / "train" / wnid(number) / f"{wnid(number)}_{number}.JPEG", sized(image, 1), NOWHERE, number)
    return root / "train"


def flat_val(root: Path, album: Album) -> Path:
    """As it is released: files in one folder, and labels in the devkit, in its own numbering from 1."""
    wnid_of = list(reversed(classes.wnids())) * 50
    devkit(root / "ILSVRC2012_devkit_t12" / "data", wnid_of)
    for n, (number, image) in enumerate(some(motifs(), MOTIFS)):
        place = 1000 * n + wnid_of.index(wnid(number)) + 1
        album.add(root / "val" / f"ILSVRC2012_val_{place:08d}.JPEG", sized(image, 2), "val", number)
    return root


def v2(root: Path, album: Album) -> Path:
    for number, image in some(motifs(), 10, start=1):
        place = root / "imagenetv2-matched-frequency-format-val" / str(number) / f"{number:040x}.jpeg"
        album.add(place, ImageOps.mirror(sized(image, 3)), "v2", number)
    return root


def renditions(root: Path, album: Album) -> Path:
    for number, image in among(motifs("noto"), classes.imagenet_r(), 12):
        album.add(root / "imagenet-r" / wnid(number) / "cartoon_0.jpg", sized(image, 4), "r", number)
    (root / "imagenet-r" / "README.txt").write_text("the classes\n")
    return root


def adversarial(root: Path, album: Album) -> Path:
    for number, image in among(motifs(), classes.imagenet_a(), 12):
        name = "0.000116_digital clock _ digital clock_0.8.jpg"
        album.add(root / "imagenet-a" / wnid(number) / name, sized(image, 5).rotate(25), "a", number)
    (root / "imagenet-a" / "README.txt").write_text("the classes\n")
    return root


def outsiders(root: Path, album: Album) -> Path:
    """ImageNet-O: what is no class of the demo's, in folders of every second class that val has."""
    for (number, _), image in zip([*some(motifs(), MOTIFS)][::2], strangers(), strict=False):
        album.add(root / "imagenet-o" / wnid(number) / "0.08_thing.jpg", sized(image, 12), "imagenet-o", NO_CLASS)
    (root / "imagenet-o" / "README.txt").write_text("the classes\n")
    return root


def sketches(root: Path, album: Album) -> Path:
    for number, image in some(motifs("noto"), 10):
        grey = ImageOps.grayscale(sized(image, 6))
        album.add(root / "sketch" / wnid(number) / "sketch_11.JPEG", grey, "sketch", number)
    return root


# --- ObjectNet -------------------------------------------------------------------------------------------------------

PAIRS = {725: 899, 404: 895, 587: 677, 504: 968, 541: 822, 412: 427}  # things of one name, with ImageNet's other id
FOLDERS, MAPPED, IDS, BORDER = 313, 113, 125, 2


def objectnet_groups() -> tuple[tuple[int, ...], ...]:
    """113 groups of 125 class numbers, those of the photographs among them. The release's own are other ones."""
    pairs = list(PAIRS.items())
    photographed = [number for number, _ in motifs()]
    taken = {number for pair in pairs for number in pair}
    free = list(dict.fromkeys(n for n in [*photographed, *range(1000)] if n not in taken))
    pairs += [(free.pop(), free.pop()) for _ in range(IDS - MAPPED - len(pairs))]
    return tuple(pairs) + tuple((number,) for number in free[: MAPPED - len(pairs)])


def objectnet(root: Path, album: Album) -> Path:
    """313 folders in `mappings/`, of which a few have images; the images have the red border of 2 pixels."""
    home, groups = root / "objectnet-1.0", objectnet_groups()
    looks = dict(motifs())
    for first, n in [(group[0], n) for n, group in enumerate(groups) if group[0] in looks][:12]:
        place = home / "images" / f"folder_{n:03d}" / "0a1b2c3d.png"
        album.add(place, ImageOps.flip(sized(looks[first], 7)), "objectnet", first, border=BORDER)
    unmapped = home / "images" / f"folder_{FOLDERS - 1:03d}" / "4e5f.png"
    album.add(unmapped, sized(strangers()[0], 7), NOWHERE, NO_CLASS, border=BORDER)
    _mappings(home / "mappings", groups)
    return root


def _mappings(folder: Path, groups: tuple[tuple[int, ...], ...]) -> None:
    """The four files. A class of ImageNet's is named by its line in a list that is in another order."""
    folder.mkdir(parents=True)
    line_of = {number: (number * 7 + 3) % 1000 for number in range(1000)}
    lines = {line: f"thing, {wnid(number)}" for number, line in line_of.items()}
    (folder / "imagenet_to_label_2012_v2").write_text("".join(f"{lines[line]}\n" for line in range(1000)))
    write_json(folder / "pytorch_to_imagenet_2012_id.json", {str(n): line for n, line in line_of.items()})
    named = {f"folder_{n:03d}": f"Thing {n}" for n in range(FOLDERS)}
    write_json(folder / "folder_to_objectnet_label.json", named)
    mapped = {f"Thing {n}": "; ".join(lines[line_of[number]] for number in g) for n, g in enumerate(groups)}
    write_json(folder / "objectnet_to_imagenet_1k.json", mapped)


# --- ImageNet-C ------------------------------------------------------------------------------------------------------


def corrupted(root: Path, album: Album) -> Path:
    """15 corruptions at 5 severities in the folders of the archives, and the 4 extra ones, which must not count."""
    found = motifs()
    for k, (archive, name) in enumerate((archive, name) for archive, names in ARCHIVES.items() for name in names):
        for severity in range(1, 6):
            number, image = found[(5 * k + 3 * severity) % len(found)]
            path = root / archive / name / str(severity) / wnid(number) / f"ILSVRC2012_val_{k:08d}.JPEG"
            domain = NOWHERE if archive == "extra" else name.replace("_", "-")
            album.add(path, spoiled(image.resize((224, 224)), archive, k, severity), domain, number)
    return root


def spoiled(image: Image.Image, archive: str, seed: int, severity: int) -> Image.Image:
    """A picture that is worse the higher the severity: noisy, blurred, whitened or coarse. No official corruption."""
    pixels = np.asarray(image, np.float64)
    if archive in ("noise", "extra"):
        noise = np.random.default_rng(seed).normal(0, 25 * severity, pixels.shape)
        return Image.fromarray(np.clip(pixels + noise, 0, 255).astype(np.uint8))
    if archive == "blur":
        return image.filter(ImageFilter.GaussianBlur(0.5 + severity + seed / 10))
    if archive == "weather":
        share = 0.15 * severity + seed / 100
        return Image.fromarray((pixels * (1 - share) + 255 * share).astype(np.uint8))
    side = 224 // (2 * severity + seed % 4)
    return image.resize((side, side), Image.Resampling.BOX).resize((224, 224), Image.Resampling.NEAREST)


# --- OOD detection ---------------------------------------------------------------------------------------------------


def openood(root: Path, album: Album) -> Path:
    """OpenOOD's data folder: lists of `relpath label`, and the images that they name, beside some that they do not."""
    id_images = list(some(motifs(), MOTIFS, start=2))
    place = "imagenet_1k/val/ILSVRC2012_val_{:08d}.JPEG"
    rows = [(place.format(n + 1), sized(image, 8), number) for n, (number, image) in enumerate(id_images)]
    _list(root, album, "test_imagenet.txt", rows[3:], "val")
    _list(root, album, "val_imagenet.txt", rows[:3], NOWHERE)
    odd = iter(enumerate(strangers()))
    for list_name, domain, pattern, large in _OPENOOD:
        strange = [next(odd) for _ in range(6)]
        rows = [(pattern.format(n), sized(image, 9), NO_CLASS) for n, image in strange]
        _list(root, album, list_name, rows, domain, "images_largescale" if large else "images_classic")
    album.add(root / "images_largescale" / "ninco" / "unlisted.jpeg", sized(next(odd)[1], 9), NOWHERE, NO_CLASS)
    _shifted(root, album)
    return root


def _shifted(root: Path, album: Album) -> None:
    """The lists of V2, C and R that the full-spectrum benchmark has beside; C's files have 224 x 224 pixels."""
    found = [*some(motifs(), 10, start=3)]
    rows = [(f"imagenet_v2/{n}/{n:040x}.jpeg", ImageOps.mirror(sized(image, 11)), n) for n, image in found]
    _list(root, album, "test_imagenet_v2.txt", rows, "v2")
    kinds = [(archive, name) for archive, names in ARCHIVES.items() if archive != "extra" for name in names]
    place = "imagenet_c/{}/{}/ILSVRC2012_val_{:08d}.JPEG"
    rows = [
        (place.format(name, k % 5 + 1, n), spoiled(image.resize((224, 224)), archive, 50 + k, k % 5 + 1), n)
        for k, ((n, image), (archive, name)) in enumerate(zip(found, kinds, strict=False))
    ]
    _list(root, album, "test_imagenet_c.txt", rows, "c")
    rows = [
        (f"imagenet_r/{wnid(n)}/cartoon_1.jpg", ImageOps.mirror(sized(image, 11)), n)
        for n, image in among(motifs("noto"), classes.imagenet_r(), 12)
    ]
    _list(root, album, "test_imagenet_r.txt", rows, "r")


_OPENOOD = (
    ("test_ssb_hard.txt", "ssb-hard", "ssb_hard/n00470682/n00470682_{}.JPEG", True),
    ("test_ninco.txt", "ninco", "ninco/amphiuma_means/{}.jpeg", True),
    ("test_inaturalist.txt", "inaturalist", "inaturalist/images/{:032x}.jpg", True),
    ("test_textures.txt", "textures", "texture/banded/banded_{:04d}.jpg", False),
    ("test_openimage_o.txt", "openimage-o", "openimage_o/images/{:016x}.jpg", True),
    ("val_openimage_o.txt", NOWHERE, "openimage_o/images/{:016x}.jpg", True),
)


def _list(
    root: Path,
    album: Album,
    name: str,
    rows: list[tuple[str, Image.Image, int]],
    domain: str,
    images: str = "images_largescale",
) -> None:
    for where, image, label in rows:
        album.add(root / images / where, image, domain, label)
    lists = root / "benchmark_imglist" / "imagenet"
    lists.mkdir(parents=True, exist_ok=True)
    (lists / name).write_text("".join(f"{where} {label}\n" for where, _, label in rows))


def classic(root: Path, album: Album) -> Path:
    """iNaturalist, SUN and Places with `images`, and DTD with a folder for each texture."""
    odd = iter(strangers()[70:])
    for folder, domain in (("iNaturalist", "inaturalist"), ("SUN", "sun"), ("Places", "places")):
        for n in range(6):
            album.add(root / folder / "images" / f"{n:032x}.jpg", sized(next(odd), 10), domain, NO_CLASS)
    for texture in ("banded", "waffled"):
        for n in range(3):
            path = root / "dtd" / "images" / texture / f"{texture}_{n:04d}.jpg"
            album.add(path, sized(next(odd), 10), "textures", NO_CLASS)
    (root / "dtd" / "images" / "waffled" / ".directory").write_text("[Dolphin]\n")
    (root / "dtd" / "labels").mkdir()
    return root
