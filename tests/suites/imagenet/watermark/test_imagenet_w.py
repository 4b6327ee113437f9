"""ImageNet-W: images with what a package that is not ours draws on them, and the authors' gaps.

The package's licence forbids to depend on it: a stand-in draws a bar where it draws its characters.
"""

import io
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image, ImageDraw
from tests.suites.imagenet.data.trees import TWO, few, grow, train_pack

from farfield_evaluators.data import imagenet_classes
from farfield_evaluators.data.packs import Pack, PackError, list_packs, verify
from farfield_evaluators.evaluate import Truth, evaluate
from farfield_evaluators.suites.imagenet.data.folders import import_release
from farfield_evaluators.suites.imagenet.data.imagenet_w import import_imagenet_w
from farfield_evaluators.suites.imagenet.data.official import VAL
from farfield_evaluators.suites.imagenet.watermark.board import IMAGENET_W
from farfield_evaluators.suites.imagenet.watermark.scoring import CARTON

WNIDS = (TWO[0], imagenet_classes.wnids()[CARTON])
SMALL_VAL = few(VAL, WNIDS)


class AddWatermark:
    """A half transparent white bar from (1%, 40%) on."""

    def __init__(self, image_size: int = 224) -> None:
        self.side = image_size

    def __call__(self, image: Image.Image) -> Image.Image:
        layer = Image.new("RGBA", image.size, (255, 255, 255, 0))
        corner = (round(0.01 * self.side), round(0.4 * self.side))
        ImageDraw.Draw(layer).rectangle((*corner, self.side, corner[1] + 36), fill=(255, 255, 255, 128))
        return Image.alpha_composite(image.convert("RGBA"), layer).convert("RGB")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two validation images that are wider than high, not of one colour, and the training set's pack."""
    val = grow(SMALL_VAL, tmp_path / "val")
    for number, file in enumerate(sorted(val.rglob("*.JPEG"))):
        pixels = np.random.default_rng(number).integers(0, 256, (30, 40, 3)).astype(np.uint8)
        Image.fromarray(pixels).resize((400, 300), Image.Resampling.BICUBIC).save(file, "JPEG")
    import_release(SMALL_VAL, val, tmp_path / "packs")
    train_pack(tmp_path)
    return tmp_path


def installed(monkeypatch: pytest.MonkeyPatch, **has: object) -> None:
    package = ModuleType("imagenet_w")
    vars(package).update(has)
    monkeypatch.setitem(sys.modules, "imagenet_w", package)


def pictures(pack: Pack, name: str) -> dict[int, Image.Image]:
    """The image of each label."""
    blob, spans = pack.blob.read_bytes(), pack.spans.tolist()
    members = pack.members(name).tolist()
    return {int(pack.labels[m]): Image.open(io.BytesIO(blob[slice(*spans[m])])) for m in members}


def cropped(file: Path) -> Image.Image:
    """Resized to 256 on the shorter side of 300, and the middle 224 x 224 of 341 x 256."""
    resized = Image.open(file).resize((341, 256), Image.Resampling.BILINEAR)
    return resized.crop((58, 16, 58 + 224, 16 + 224))


def test_both_sets_are_the_same_images_but_for_what_is_drawn(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, AddWatermark=AddWatermark)
    pack = import_imagenet_w(root / "packs")
    assert pack.counts() == {"id/val": 2, "shift/w": 2, "train": 4}
    assert {domain.set for domain in IMAGENET_W.domains} == set(pack.sets)
    clean, drawn = pictures(pack, "id/val"), pictures(pack, "shift/w")
    for label, wnid in zip((0, CARTON), WNIDS, strict=True):
        [file] = (root / "val" / wnid).iterdir()
        assert clean[label].tobytes() == cropped(file).tobytes()
        assert drawn[label].tobytes() == AddWatermark()(cropped(file)).tobytes() != clean[label].tobytes()
        assert (clean[label].format, drawn[label].format) == ("PNG", "PNG")
    assert set(pack.prepared_sides(np.arange(4)).tolist()) == {224}
    assert pack.official
    assert pack.notes[1].startswith("the watermark is drawn by imagenet")
    verify(pack)


def nothing(image: Image.Image) -> Image.Image:
    return image


def smaller(image: Image.Image) -> Image.Image:
    return image.resize((99, 100))


def no_font(image_size: int) -> None:
    raise AssertionError("fonts/x.otf does not exist")


@pytest.mark.parametrize(
    ("has", "said"),
    [
        ({"AddWatermark": lambda size: nothing}, "draws nothing on a black image"),
        ({"AddWatermark": lambda size: smaller}, "cannot draw: what imagenet_w made of it is RGB of 99 x 100 pixels"),
        ({"AddWatermark": no_font}, "cannot draw: fonts/x.otf does not exist; install it anew"),
        ({}, "cannot draw: module 'imagenet_w' has no attribute 'AddWatermark'"),
    ],
)
def test_a_package_that_does_not_draw_is_told(
    root: Path, monkeypatch: pytest.MonkeyPatch, has: dict[str, object], said: str
) -> None:
    installed(monkeypatch, **has)
    with pytest.raises(PackError, match=said):
        import_imagenet_w(root / "packs")
    assert [pack.name for pack in list_packs(root / "packs")] == ["imagenet/train", "imagenet/val"]


def test_without_the_package_what_to_install_is_told_with_its_licence(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "imagenet_w", None)
    with pytest.raises(PackError, match="`pip install imagenet-w` brings it, under CC BY-NC 4.0"):
        import_imagenet_w(root / "packs")
    with pytest.raises(PackError, match="pack 'imagenet/val' is not imported here"):
        import_imagenet_w(root / "none")


def test_the_gaps_are_the_authors() -> None:
    """Of six images in both sets, two of them cartons: their four differences by NumPy."""
    labels = np.array([0, 1, 2, 3, CARTON, CARTON] * 2)
    watermarked = np.repeat([0, 1], 6)
    logits = np.random.default_rng(1).normal(size=(12, 1000))
    logits[[0, 1, 2, 3, 6, 10, 11], labels[[0, 1, 2, 3, 6, 10, 11]]] = 9
    order = np.random.default_rng(2).permutation(12)
    truth = Truth(labels=labels[order], domains=watermarked[order], classes=1000)
    found = {(f.metric, f.domain): f for f in evaluate(IMAGENET_W, truth, {"logits": logits[order]})}
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    cartons = chances[:, CARTON]
    grown = cartons[6:] - cartons[:6]
    expected = {
        "watermark-drop": 4 / 6 - 3 / 6,
        "carton-gap": 1.0,
        "carton-probability-gap": grown.mean(),
        "carton-probability-gap-of-cartons": grown[4:].mean(),
    }
    values = {metric: found[metric, "imagenet-w"].value for metric in expected}
    assert values == pytest.approx(expected, abs=1e-12)
    assert [found[metric, "imagenet-w"].n for metric in expected] == [6, 2, 6, 2]
    assert found["accuracy", "imagenet-w"].value == 0.5


def test_a_part_without_cartons_is_refused(tmp_path: Path) -> None:
    import_release(few(VAL, TWO), grow(few(VAL, TWO), tmp_path / "val"), tmp_path / "packs")
    train_pack(tmp_path)
    with pytest.raises(PackError, match="imagenet/val has no image of cartons, class 478"):
        import_imagenet_w(tmp_path / "packs")
