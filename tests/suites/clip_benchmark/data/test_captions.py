"""Images with captions are imported as CLIP_benchmark reads them, from its webdatasets and from files of captions."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from clip_benchmark import webdataset_builder as builder
from clip_benchmark.datasets.builder import build_wds_dataset
from clip_benchmark.datasets.flickr import Flickr
from PIL import Image
from torchvision.datasets import CocoCaptions

from farfield.runtime.images import as_rgb, open_image
from farfield_evaluators.captions import MOST_CHARACTERS, captions_of
from farfield_evaluators.data.errors import PackError
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.suites.clip_benchmark.captions import CAPTION_SETS, CaptionSet
from farfield_evaluators.suites.clip_benchmark.data import caption_files
from farfield_evaluators.suites.clip_benchmark.data.captions import import_captions
from farfield_evaluators.suites.clip_benchmark.data.drawn_captions import captions_of as drawn_captions

# webdataset leaves its files to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:WebDataset.shardshuffle", "ignore::ResourceWarning")
SIDE = 9
TEXTS = (
    ["a zebra, in a zoo", "two stripes"],
    ["a cat"],
    ["a bird on a wire", "a bird, flying, away", 'a "bird"'],
    ["a cat"],
)
MINE = CaptionSet(key="mine", title="Mine", what="Things", images=4, captions=7, paper="None", files="coco")
AS_COCO, AS_FLICKR = replace(MINE, images_in="val2014"), replace(MINE, files="flickr8k")
Read = dict[bytes, list[str]]


def pictures() -> list[Image.Image]:
    return [Image.fromarray(np.full((SIDE, SIDE, 3), 40 * number, np.uint8)) for number in range(len(TEXTS))]


def read(samples: Any) -> Read:
    return {np.asarray(image).tobytes(): list(texts) for image, texts in samples}


def packed(pack: Pack) -> Read:
    def image(position: int) -> Any:
        start, end = pack.spans[position]
        with open_image(pack.blob.read_bytes()[start:end]) as opened:
            return np.asarray(as_rgb(opened))

    positions = pack.members("test")
    return read(zip(map(image, positions.tolist()), captions_of(pack, positions), strict=True))


def export(root: Path, texts: Any = TEXTS) -> Path:
    """As CLIP_benchmark exports it."""
    images = [builder.PIL_to_bytes("webp")(image) for image in pictures()]
    listed = list(zip(images, texts, strict=False))
    builder.convert_retrieval_dataset(listed, "test", str(root), max_count=3, verbose=False)
    return root


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The exporter starts eight workers, for four images."""
    plain = torch.utils.data.DataLoader
    monkeypatch.setattr(torch.utils.data, "DataLoader", lambda *args, **of: plain(*args, **{**of, "num_workers": 0}))


def save(folder: Path) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"{number}_{number}.jpg" for number in range(len(TEXTS))]
    for name, image in zip(names, pictures(), strict=True):
        image.save(folder / name, quality=100)
    return names


def coco(root: Path) -> Path:
    """Ids that are in another order than names, and captions of images mixed."""
    names = save(root / "val2014")
    images = [{"id": 90 - number, "file_name": name} for number, name in enumerate(names)]
    longest = max(map(len, TEXTS))
    annotations = [
        {"id": 100 * turn + number, "image_id": 90 - number, "caption": texts[turn]}
        for turn in range(longest)
        for number, texts in enumerate(TEXTS)
        if turn < len(texts)
    ]
    (root / "coco_test_karpathy.json").write_text(json.dumps({"images": images, "annotations": annotations}))
    return root


def lines(root: Path, files: str = "flickr8k") -> Path:
    names = save(root)
    rows = [f"{name},{text}" for name, texts in zip(names, TEXTS, strict=True) for text in texts]
    (root / f"{files}_test_karpathy.txt").write_text("image,caption\n" + "\n".join(rows) + "\n\n")
    return root


def karpathy(root: Path) -> Path:
    names = save(root / "images")
    listed = [
        {"filename": name, "split": "test", "sentences": [{"raw": text} for text in texts]}
        for name, texts in zip(names, TEXTS, strict=True)
    ]
    listed.append({"filename": "none.jpg", "split": "restval", "sentences": [{"raw": "not of the test split"}]})
    (root / "dataset_coco.json").write_text(json.dumps({"images": listed}))
    return root


def test_an_exported_data_set_is_imported_as_clip_benchmark_reads_it(tmp_path: Path) -> None:
    root = export(tmp_path / "data")
    pack = import_captions(MINE, root, tmp_path / "packs")
    theirs = read(build_wds_dataset("", None, "test", str(root)))
    assert len(theirs) == len(TEXTS)
    assert packed(pack) == theirs
    assert (pack.official, pack.classes, pack.counts()) == (True, (), {"test": 4})


def test_a_file_in_cocos_form_is_read_as_torchvision_reads_it(tmp_path: Path) -> None:
    pytest.importorskip("pycocotools")
    root = coco(tmp_path / "data")
    theirs = read(CocoCaptions(str(root / "val2014"), str(root / "coco_test_karpathy.json")))
    assert packed(import_captions(AS_COCO, root, tmp_path / "packs")) == theirs


@pytest.mark.parametrize("files", ["flickr8k", "flickr30k"])
def test_a_file_of_lines_is_read_as_clip_benchmark_reads_it(tmp_path: Path, files: str) -> None:
    root = lines(tmp_path / "data", files)
    theirs = read(Flickr(str(root), str(root / f"{files}_test_karpathy.txt")))
    assert packed(import_captions(replace(MINE, files=files), root, tmp_path / "packs")) == theirs


def test_karpathys_own_file_has_the_same(tmp_path: Path) -> None:
    root = karpathy(tmp_path / "data")
    found = packed(import_captions(MINE, root, tmp_path / "packs"))
    assert sorted(found.values()) == sorted(TEXTS)


def test_a_pack_does_not_depend_on_the_form_but_on_captions(tmp_path: Path) -> None:
    def fingerprint(root: Path) -> str:
        return import_captions(AS_COCO, root, tmp_path / "packs").fingerprint

    root = karpathy(tmp_path / "one")
    one = fingerprint(root)
    assert fingerprint(coco(tmp_path / "two")) == one
    text = (root / "dataset_coco.json").read_text()
    (root / "dataset_coco.json").write_text(text.replace("two stripes", "three stripes"))
    assert fingerprint(root) != one


def test_the_numbers_are_those_of_the_data_set_or_a_part_of_it(tmp_path: Path) -> None:
    root = export(tmp_path / "data", TEXTS[:3])
    with pytest.raises(ImportProblems) as refused:
        import_captions(MINE, root, tmp_path / "packs")
    assert refused.value.problems == (
        "test: 3 images, not 4; 1 missing",
        "test: 6 captions, not 7; 1 missing",
    )
    pack = import_captions(MINE, root, tmp_path / "packs", subset=True)
    assert (pack.official, pack.release) == (False, "subset")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "a caption that is no text, or an empty one"),
        ("x" * 1001, "a caption of 1,001 characters; at most 1,000 are read"),
        (7, "a caption that is no text"),
        ("\\ud83d", "a caption with half a character"),
    ],
)
def test_what_is_no_caption_is_named_with_its_image(tmp_path: Path, text: Any, says: str) -> None:
    root = karpathy(tmp_path / "data")
    file = root / "dataset_coco.json"
    written = file.read_text()
    file.write_text(written.replace('"two stripes"', f'"{text}"' if isinstance(text, str) else str(text)))
    with pytest.raises(ImportProblems, match=f"images/0_0.jpg: {says}"):
        import_captions(MINE, root, tmp_path / "packs")


def test_more_text_than_a_run_can_be_told_is_refused(tmp_path: Path) -> None:
    root = karpathy(tmp_path / "data")
    file, many = root / "dataset_coco.json", MOST_CHARACTERS // 1000 + 1
    listed = json.loads(file.read_text())
    listed["images"][0]["sentences"] = [{"raw": "x" * 1000}] * many
    file.write_text(json.dumps(listed))
    with pytest.raises(ImportProblems, match="at most 100,000 of 2,000,000 characters together are read"):
        import_captions(MINE, root, tmp_path / "packs", subset=True)


WRONG: dict[str, tuple[Callable[[Path], Any], str]] = {
    "no json": (lambda file: file.write_text("{"), "is not of the form that it should have: JSONDecodeError"),
    "a list": (lambda file: file.write_text("[]"), "is not of the form that it should have: TypeError"),
    "no images": (lambda file: file.write_text("{}"), "is not of the form that it should have: KeyError: 'images'"),
    "deep": (lambda file: file.write_text("[" * 100_000), "is not of the form that it should have: RecursionError"),
    "latin": (lambda file: file.write_bytes(b'{"images": "\xe9"}'), "line 1 is not UTF-8"),
    "out": (
        lambda file: file.write_text(file.read_text().replace("1_1.jpg", "../1_1.jpg")),
        "leads out of the folder of images",
    ),
    "root": (
        lambda file: file.write_text(file.read_text().replace("1_1.jpg", "/etc/passwd")),
        "leads out of the folder of images",
    ),
    "missing": (
        lambda file: file.write_text(file.read_text().replace("1_1.jpg", "9_9.jpg")),
        r"9_9\.jpg: unreadable",
    ),
    "nothing": (Path.unlink, r"expected test/nshards\.txt and tar files, or one of coco_test_karpathy\.json, coco_"),
}


@pytest.mark.parametrize(("spoil", "says"), WRONG.values(), ids=list(WRONG))
def test_what_is_wrong_with_a_copy_is_said(tmp_path: Path, spoil: Callable[[Path], Any], says: str) -> None:
    root = karpathy(tmp_path / "data")
    spoil(root / "dataset_coco.json")
    with pytest.raises(PackError, match=says):
        import_captions(MINE, root, tmp_path / "packs")


def test_a_file_of_captions_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = karpathy(tmp_path / "data")
    monkeypatch.setattr(caption_files, "MOST_BYTES", 100)
    with pytest.raises(PackError, match=r"dataset_coco\.json cannot be read: .*at most 100 are read"):
        import_captions(MINE, root, tmp_path / "packs")


def test_a_line_without_a_name_is_told_by_its_number(tmp_path: Path) -> None:
    root = lines(tmp_path / "data")
    with (root / "flickr8k_test_karpathy.txt").open("a") as file:
        file.write("no image here\n")
    with pytest.raises(PackError, match=r"ValueError: line 10 is not `name\.jpg,caption`"):
        import_captions(AS_FLICKR, root, tmp_path / "packs")


def test_captions_of_a_webdataset_are_text(tmp_path: Path) -> None:
    root = tmp_path / "data"
    images = [builder.PIL_to_bytes("webp")(image) for image in pictures()]
    builder.convert_dataset(_Listed(zip(images, [0, 1, 2, 3], strict=True)), "test", str(root), verbose=False)
    with pytest.raises(PackError, match=r"s0000000 has no image \(webp, png, jpg, jpeg\) and label \(txt\)"):
        import_captions(MINE, root, tmp_path / "packs")


class _Listed(list[Any]):
    classes = templates = None


def test_the_official_numbers_are_those_by_which_published_recalls_are_whole() -> None:
    """Such as 0.6364254355430603 of COCO's captions, and 0.7961999773979187 of its images (ViT-B-16, laion400m_e32)."""
    (dataset,) = (each for each in CAPTION_SETS if each.key == "mscoco_captions")
    for share, count in ((0.6364254355430603, dataset.captions), (0.7961999773979187, dataset.images)):
        assert abs(share * count - round(share * count)) < 1e-3
    assert abs(0.6364254355430603 * 25_000 - round(0.6364254355430603 * 25_000)) > 0.3


def test_a_drawings_captions_are_its_name_and_how_it_is_drawn() -> None:
    assert drawn_captions("twemoji", "ox") == ("a flat drawing of an ox", "a colourful icon of an ox")
    assert drawn_captions("fluent-3d", "ear-of-corn")[0] == "a 3D render of an ear of corn"
