"""Corrupted packs: the package's corruptions with every draw seeded, for any imported detection set."""

import doctest
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.suites.fsdet import made

from farfield.cli import main
from farfield_evaluators.data.packs import Example, Pack, PackClass, PackError, Source, build, open_pack
from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.metrics.corruption import MAIN
from farfield_evaluators.suites.coco_c.data import coco2017, corrupting
from farfield_evaluators.suites.coco_c.data.coco2017 import import_coco
from farfield_evaluators.suites.coco_c.data.corrupting import corrupted, seed_of
from farfield_evaluators.suites.coco_c.data.importers import in_parallel
from farfield_evaluators.suites.coco_c.data.pack import Recipe, corrupt
from farfield_evaluators.suites.imagenet.data import corruptions as own

SIZE = (48, 40)  # width and height


def picture(seed: int = 0) -> np.ndarray:
    """A smooth picture, of which noise and blur leave something."""
    y, x = np.mgrid[: SIZE[1], : SIZE[0]]
    return np.stack([(x * 5 + seed) % 256, y * 6 % 256, (x + y) * 2 % 256], axis=-1).astype(np.uint8)


@pytest.mark.parametrize("severity", [1, 5])
@pytest.mark.parametrize("name", MAIN)
def test_a_corruption_depends_on_its_seed_and_on_nothing_else(name: str, severity: int) -> None:
    np.random.seed(1)
    before = np.random.get_state()[1].copy()
    first = corrupted(picture(), name, severity, seed=7)
    assert (np.random.get_state()[1] == before).all()  # the shared generator is as it was
    np.random.seed(2)
    again = corrupted(picture(), name, severity, seed=7)
    assert first.shape == picture().shape
    assert first.dtype == np.uint8
    assert (first == again).all()
    assert (first != picture()).any()


@pytest.mark.parametrize("name", ["gaussian_noise", "impulse_noise", "glass_blur", "frost", "snow", "motion_blur"])
def test_another_seed_is_another_draw(name: str) -> None:
    assert (corrupted(picture(), name, 3, seed=7) != corrupted(picture(), name, 3, seed=8)).any()


@pytest.mark.parametrize("name", ["gaussian_noise", "brightness", "contrast", "defocus_blur", "jpeg_compression"])
def test_pixels_are_those_of_the_definitions_written_anew(name: str) -> None:
    """ImageNet-C's eight are written out beside `imagenet-ood/mini-c`; these five take images of any size alike."""
    expected = own.corrupted(picture(), name, 2, np.random.RandomState(7)).astype(int)
    assert np.abs(corrupted(picture(), name, 2, seed=7).astype(int) - expected).max() <= 1


def scenes(folder: Path, images: int = 1, size: tuple[int, int] = SIZE) -> Pack:
    """A pack of detection data: so many test images, and one to learn from."""
    folder.mkdir()
    examples = []
    for number in range(images + 1):
        Image.fromarray(picture(number)).resize(size).save(folder / f"{number}.png")
        more = {
            "boxes": [[4, 4, 10, 8]],
            "box-labels": [number % 2],
            "box-area": [80],
            "box-crowd": [0],
            "masks": b"[[4,4,14,4,14,12,4,12]]",
            "size": [[size[1], size[0]]],
        }
        examples.append(Example(path=folder / f"{number}.png", set="val" if number < images else "train", more=more))
    classes = tuple(PackClass(name=name) for name in ("one", "other"))
    source = Source(
        name="own/scenes", title="Scenes", licence="CC0", classes=classes, domains=("all",), examples=examples,
        columns=made.COLUMNS,
    )  # fmt: skip
    return build(source, folder.parent / "packs")


def test_a_set_of_any_pack_under_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the command and another process; here, image by image, it is the same pack."""
    source, packs = scenes(tmp_path / "images"), tmp_path / "packs"
    monkeypatch.setenv("FARFIELD_VAR", str(tmp_path))
    command = ["data", "corrupt", "own/scenes", "own/scenes-c", "--train", "train", "--processes", "1"]
    assert main(command) == 0
    assert "76 images of 1" in capsys.readouterr().out
    pack = open_pack(packs, "own/scenes-c")
    assert pack.counts() == {"clean": 1, **{f"c/{n}/{s}": 1 for n in MAIN for s in range(1, 6)}, "train": 1}
    lender, positions = pack.training("train")
    assert (lender.name, lender.fingerprint, len(positions)) == ("own/scenes", source.fingerprint, 1)
    assert pack.column("boxes").values.tolist() == [[4, 4, 10, 8]] * 76
    assert pack.column("masks").of(0).tobytes() == b"[[4,4,14,4,14,12,4,12]]"
    assert pack.domains == ("clean", *(f"severity {level}" for level in range(1, 6)))
    assert pack.official
    assert any("imagecorruptions-imaug" in note and "opencv" in note for note in pack.notes)
    assert (
        corrupt(source, Recipe(name="own/scenes-c", test="val", lent=("train",)), packs).fingerprint == pack.fingerprint
    )


def test_jpeg_and_another_seed_are_not_the_official_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from farfield_evaluators.suites.coco_c.data import pack as making

    monkeypatch.setattr(making, "MAIN", ("contrast", "gaussian_noise"))
    monkeypatch.setattr(making, "LEVELS", (1,))
    source, packs = scenes(tmp_path / "images"), tmp_path / "packs"
    found = {
        key: corrupt(source, Recipe(name="own/c", test="val", **more), packs)
        for key, more in {"usual": {}, "seed": {"seed": 1}, "jpeg": {"jpeg": 90}}.items()
    }
    assert {key: pack.official for key, pack in found.items()} == {"usual": True, "seed": False, "jpeg": False}
    assert len({pack.fingerprint for pack in found.values()}) == 3
    noisy = [pack.members("c/gaussian_noise/1")[0] for pack in found.values()]
    starts = [
        bytes(np.memmap(p.blob, np.uint8)[slice(*p.spans[n])][:4]) for p, n in zip(found.values(), noisy, strict=True)
    ]
    assert starts == [b"\x89PNG", b"\x89PNG", b"\xff\xd8\xff\xe0"]


def test_what_cannot_be_corrupted(tmp_path: Path) -> None:
    small = scenes(tmp_path / "images", size=(40, 31))
    packs = tmp_path / "packs"
    with pytest.raises(PackError, match="40 x 31 pixels; corruptions are defined from 32"):
        corrupt(small, Recipe(name="own/c", test="val"), packs)
    with pytest.raises(PackError, match="has no set 'nothing'"):
        corrupt(small, Recipe(name="own/c", test="nothing"), packs)
    with pytest.raises(PackError, match="the name of their source"):
        corrupt(small, Recipe(name="own/scenes", test="val"), packs)
    plain = Source(
        name="own/plain", title="", licence="", classes=(PackClass(name="one"),), domains=("all",),
        examples=[Example(path=tmp_path / "images" / "0.png", set="val", label=0)],
    )  # fmt: skip
    with pytest.raises(PackError, match="no detection data: it has no boxes, box-labels"):
        in_parallel(build(plain, packs), Recipe(name="own/c", test="val"), packs, processes=1)


def test_without_the_package_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "imagecorruptions", None)
    with pytest.raises(PackError, match="install it with the extra `corruptions`"):
        corrupted(picture(), "fog", 1, seed=0)


def coco(root: Path, names: tuple[str, ...] = ("person", "bicycle")) -> Path:
    """COCO 2017's layout with an image in each split."""
    (root / "annotations").mkdir(parents=True)
    for number, split in enumerate(("train", "val")):
        (root / f"{split}2017").mkdir()
        Image.fromarray(picture(number)).save(root / f"{split}2017" / f"{number:012}.jpg")
        annotation = {"id": 1, "image_id": 1, "category_id": 3, "bbox": [4, 4, 10, 8], "area": 70.5, "iscrowd": 0}
        values = {
            "images": [{"id": 1, "file_name": f"{number:012}.jpg", "height": SIZE[1], "width": SIZE[0]}],
            "annotations": [{**annotation, "segmentation": [[4, 4, 14, 4, 14, 12]]}],
            "categories": [{"id": id_, "name": name} for id_, name in zip((1, 3), names, strict=True)],
        }
        (root / "annotations" / f"instances_{split}2017.json").write_text(json.dumps(values))
    return root


def test_coco_in_its_own_layout(tmp_path: Path) -> None:
    root = coco(tmp_path / "coco")
    with pytest.raises(ImportProblems, match=r"train2017 has 1 images, not 118,287") as refused:
        import_coco(root, tmp_path / "packs")
    assert refused.value.problems[-1] == "2 categories, not 80"
    pack = import_coco(root, tmp_path / "packs", subset=True)
    assert pack.counts() == {"train": 1, "val": 1}
    assert not pack.official
    assert [c.name for c in pack.classes] == ["person", "bicycle"]
    assert pack.column("box-labels").values.reshape(-1).tolist() == [1, 1]
    assert pack.column("box-area").values.reshape(-1).tolist() == [70.5, 70.5]


def test_both_splits_have_the_same_categories(tmp_path: Path) -> None:
    root = coco(tmp_path / "coco")
    file = root / "annotations" / "instances_val2017.json"
    file.write_text(file.read_text().replace("bicycle", "car"))
    with pytest.raises(ImportProblems, match="categories of train2017 and val2017 are not the same"):
        import_coco(root, tmp_path / "packs", subset=True)


def test_the_examples_in_the_docstrings() -> None:
    assert doctest.testmod(corrupting).failed == doctest.testmod(coco2017).failed == 0
    assert 0 <= seed_of(b"x", "fog", 1, 0) < 2**31
