"""ObjectNet: the release's own mapping files, the border, groups of classes."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.suites.imagenet.data.trees import (
    CHAIR,
    OBJECTNET,
    PLATE,
    ROCKER,
    bordered,
    colour,
    labels_by_colour,
    objectnet,
    picture,
    write_json,
)

from farfield_evaluators.data.encoded import UnreadableImage
from farfield_evaluators.data.label_space import LabelSpace
from farfield_evaluators.data.packs import Pack, PackError, list_packs, verify
from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.suites.imagenet.data.objectnet import Expected, import_objectnet, without_border


def imported(root: Path, **options: object) -> Pack:
    return import_objectnet(root, root / "packs", expected=OBJECTNET, **options)


def mappings(root: Path, name: str) -> Path:
    return root / "objectnet-1.0" / "mappings" / name


def test_the_numbers_of_the_release() -> None:
    assert Expected() == Expected(folders=313, mapped=113, ids=125, counts=(18_574, 18_514))


def test_only_mapped_classes_and_their_groups(tmp_path: Path) -> None:
    pack = imported(objectnet(tmp_path))
    assert pack.counts() == {"objectnet": 4}
    assert pack.label_space("objectnet") == LabelSpace(kind="max", groups=((CHAIR, ROCKER), (PLATE,)))
    assert sorted(pack.labels.tolist()) == [CHAIR, CHAIR, PLATE, PLATE]
    assert pack.official
    verify(pack)


def test_the_border_is_gone_before_anything_else(tmp_path: Path) -> None:
    root = objectnet(tmp_path)
    pack = imported(root)
    inside = {}
    for folder, label in (("chair", CHAIR), ("plate_or_dish", PLATE)):
        for path in (root / "objectnet-1.0" / "images" / folder).iterdir():
            whole = Image.open(path)
            assert (whole.size, whole.getpixel((1, 1))) == ((10, 8), (255, 0, 0))
            inside[whole.getpixel((2, 2))] = label
    assert labels_by_colour(pack, "objectnet") == inside
    start, end = pack.spans[0].tolist()
    (tmp_path / "one.png").write_bytes(pack.blob.read_bytes()[start:end])
    stored = Image.open(tmp_path / "one.png")
    assert stored.size == (6, 4)
    assert len(np.unique(np.asarray(stored).reshape(-1, 3), axis=0)) == 1


def test_an_image_that_is_all_border(tmp_path: Path) -> None:
    with pytest.raises(UnreadableImage, match="4 x 9 pixels have nothing inside the border of 2"):
        without_border(picture(tmp_path / "a.png", (4, 9)).read_bytes())


def test_what_is_wrong_with_the_images_is_named(tmp_path: Path) -> None:
    root = objectnet(tmp_path)
    images = root / "objectnet-1.0" / "images"
    next((images / "chair").iterdir()).unlink()
    (images / "plate_or_dish").rename(images / "plates")
    with pytest.raises(ImportProblems) as caught:
        imported(root)
    assert caught.value.problems == (
        "class plate_or_dish: missing; expected the folder plate_or_dish",
        "1 images of mapped classes, not 4; 3 missing",
        "class plates: extra; folder_to_objectnet_label.json has no such folder",
    )
    assert list_packs(root / "packs") == []
    (images / "plates").rename(images / "plate_or_dish")
    assert not imported(root, subset=True).official


def test_an_unreadable_image_is_named(tmp_path: Path) -> None:
    root = objectnet(tmp_path)
    (root / "objectnet-1.0" / "images" / "chair" / "chair_0.png").write_bytes(b"?")
    with pytest.raises(ImportProblems, match=r"chair/chair_0.png: unreadable"):
        imported(root)


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("objectnet_to_imagenet_1k.json", {"Chair": "no such name"}, "'no such name' is no line of imagenet_to_label"),
        ("objectnet_to_imagenet_1k.json", {"Umbrella": "name 5"}, "4 folders, 3 of them mapped to 4 ImageNet ids; the"),
        ("objectnet_to_imagenet_1k.json", {"Chair": "name 1; name 923"}, "2 of them mapped to 2 ImageNet ids"),
        (
            "pytorch_to_imagenet_2012_id.json",
            {str(PLATE): 5},
            "gives line 76 of imagenet_to_label_2012_v2, 'name 923', no",
        ),
        ("folder_to_objectnet_label.json", {"lamp": "Lamp"}, "5 folders, 2 of them mapped"),
    ],
)
def test_mappings_that_are_not_the_releases(name: str, change: dict[str, object], said: str, tmp_path: Path) -> None:
    path = mappings(objectnet(tmp_path), name)
    write_json(path, {**json.loads(path.read_text()), **change})
    with pytest.raises(PackError, match=said):
        imported(tmp_path)


@pytest.mark.parametrize("line", ["x", None, 1.5, -1, [1], "9" * 5000])
def test_numbers_that_are_no_numbers(line: object, tmp_path: Path) -> None:
    path = mappings(objectnet(tmp_path), "pytorch_to_imagenet_2012_id.json")
    write_json(path, {"1": line})
    with pytest.raises(PackError, match=r"2012_id.json: '1' and '.*' are not a class number and a line; take the rel"):
        imported(tmp_path)
    write_json(path, {"a": 1})
    with pytest.raises(PackError, match=r"2012_id.json: 'a' and '1' are not a class number and a line"):
        imported(tmp_path)


def test_names_that_are_no_names(tmp_path: Path) -> None:
    path = mappings(objectnet(tmp_path), "folder_to_objectnet_label.json")
    write_json(path, {**json.loads(path.read_text()), "chair": ["Chair"]})
    with pytest.raises(PackError, match="4 folders, 1 of them mapped"):
        imported(tmp_path)
    path.write_text("[" * 100_000)
    with pytest.raises(PackError, match="is not JSON"):
        imported(tmp_path)


def test_a_part_has_no_more_images_than_the_largest_release(tmp_path: Path) -> None:
    root = objectnet(tmp_path)
    bordered(root / "objectnet-1.0" / "images" / "chair" / "new.png")
    bordered(root / "objectnet-1.0" / "images" / "umbrella" / "new.png")  # not ImageNet's: not counted
    for subset in (False, True):
        with pytest.raises(ImportProblems) as caught:
            imported(root, subset=subset)
        assert caught.value.problems == ("5 images of mapped classes, not 4; 1 too many",)


def test_mappings_that_cannot_be_read(tmp_path: Path) -> None:
    path = mappings(objectnet(tmp_path), "folder_to_objectnet_label.json")
    path.write_text("[]")
    with pytest.raises(PackError, match="must hold a JSON object"):
        imported(tmp_path)
    path.write_text("{")
    with pytest.raises(PackError, match="is not JSON"):
        imported(tmp_path)
    path.unlink()
    with pytest.raises(PackError, match="cannot be read"):
        imported(tmp_path)
    with pytest.raises(PackError, match="has no folder images; give objectnet-1.0"):
        import_objectnet(tmp_path / "packs", tmp_path / "packs")


def test_colours_differ(tmp_path: Path) -> None:
    assert colour(picture(tmp_path / "a.png")) != colour(picture(tmp_path / "b.png"))
