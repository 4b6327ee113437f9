"""`farfield data build-glt` as somebody types it, up to the pack that is imported of what it writes."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.suites.imagenet.data.trees import picture
from tests.suites.longtail.glt.test_clusters import SIZES, blobs

from farfield.cli import main
from farfield_evaluators.data import imagenet_classes
from farfield_evaluators.suites.longtail.data.glt import BL, LT, import_annotations
from farfield_evaluators.suites.longtail.glt.command import BALANCED, LONG_TAILED

CLASSES = 7
SMALL = ("--test", "4", "--val", "4", "--most", "90", "--balanced", "60")
Files = dict[str, Path]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """Features of seven classes of 126 images, and the paths of the images."""
    wnids = imagenet_classes.wnids()[:CLASSES]
    features = np.concatenate([blobs(seed)[0] for seed in range(CLASSES)]).astype(np.float32)
    paths = [f"train/{wnid}/{wnid}_{number}.JPEG" for wnid in wnids for number in range(sum(SIZES))]
    np.save(tmp_path / "features.npy", features)
    (tmp_path / "paths.txt").write_text("".join(f"{path}\n" for path in paths))
    return {"features": tmp_path / "features.npy", "paths": tmp_path / "paths.txt", "out": tmp_path / "out"}


def build(files: Files, *options: str) -> int:
    return main(["data", "build-glt", *map(str, (files["features"], files["paths"], files["out"])), *SMALL, *options])


def refusal(files: Files, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    assert build(files, *options) == 1
    assert not files["out"].exists() or not list(files["out"].iterdir())
    return capsys.readouterr().err


def test_it_writes_both_files_and_says_what_is_in_them(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    assert build(files) == 0
    said = capsys.readouterr().out.splitlines()
    for name, line in zip((LONG_TAILED, BALANCED), said, strict=True):
        document = json.loads((files["out"] / name).read_text())
        sizes = {split: len(document[split]["label"]) for split in ("train", "val", "test_lt", "test_bl", "test_bbl")}
        assert all(f"{size:,} {split}" in line for split, size in sizes.items())
        assert sizes["test_bl"] == 10 * CLASSES
        assert sizes["test_bbl"] == 4 * 3 * CLASSES


def test_the_same_call_writes_the_same_bytes_and_another_seed_others(files: Files, tmp_path: Path) -> None:
    places = [tmp_path / name for name in ("one", "again", "other")]
    for place, seed in zip(places, ("25", "25", "26"), strict=True):
        assert build({**files, "out": place}, "--seed", seed) == 0
    one, again, other = ((place / LONG_TAILED).read_bytes() for place in places)
    assert one == again != other


def test_what_it_writes_is_imported(files: Files, tmp_path: Path) -> None:
    assert build(files) == 0
    for path in files["paths"].read_text().split():
        picture(files["out"] / path)
    for spec, per_set in ((LT, {"val": 12 * CLASSES, "test-bl": 10 * CLASSES}), (BL, {"val": 10 * CLASSES})):
        small = replace(spec, class_count=CLASSES, counts=per_set)
        pack = import_annotations(small, files["out"], tmp_path / "packs")
        assert pack.official
        tested = pack.members("test-bbl")
        groups = np.stack([pack.labels[tested], pack.column("attribute").values[tested]], axis=1)
        assert np.unique(groups, axis=0, return_counts=True)[1].tolist() == [4] * 3 * CLASSES
        frequency = pack.column("frequency").values[tested]
        assert [int(frequency[pack.labels[tested] == label][0]) for label in range(CLASSES)] == [0, 0, 0, 1, 1, 1, 2]


def test_counts_and_classes_may_be_given(files: Files, tmp_path: Path) -> None:
    labels, counts = tmp_path / "labels.txt", tmp_path / "counts.txt"
    labels.write_text("".join(f"class {number // sum(SIZES)}\n" for number in range(CLASSES * sum(SIZES))))
    counts.write_text("90\n60\n50\n40\n40\n40\n30\n")
    assert build(files, "--labels", str(labels), "--counts", str(counts)) == 0
    document = json.loads((files["out"] / LONG_TAILED).read_text())
    assert set(document["cat2id"]) == {f"class {number}" for number in range(CLASSES)}
    left = [document[name]["label"].values() for name in ("train", "val", "test_lt")]
    cut = [sum(labels == str(rank) for values in left for labels in values) for rank in range(CLASSES)]
    assert cut[0] <= 90
    assert cut[-1] == 30


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("9\n8\nx\n", "one whole number a line; line 3: 'x' is none"),
        ("9\n8\n7\n", "has 3 numbers, and there are 7 classes"),
        ("9\n8\n7\n6\n5\n4\n5\n", "no number may be larger than the one before it"),
    ],
)
def test_counts_that_are_no_tail_are_named(
    files: Files, tmp_path: Path, content: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "counts.txt").write_text(content)
    assert says in refusal(files, capsys, "--counts", str(tmp_path / "counts.txt"))


def _twice(files: Files) -> None:
    lines = files["paths"].read_text().splitlines()
    files["paths"].write_text("\n".join([lines[1], *lines[1:]]) + "\n")


def _short(files: Files) -> None:
    files["paths"].write_text("".join(files["paths"].read_text().splitlines(keepends=True)[:-1]))


def _infinite(files: Files) -> None:
    values = np.load(files["features"])
    values[3, 0] = np.inf
    np.save(files["features"], values)


def _of_whole_numbers(files: Files) -> None:
    np.save(files["features"], np.zeros((3, 2), np.int64))


def _pickled(files: Files) -> None:
    np.save(files["features"], np.array([{"a": 1}], dtype=object), allow_pickle=True)


def _tiny_class(files: Files) -> None:
    lines = files["paths"].read_text().splitlines()
    files["paths"].write_text("\n".join(["train/n00000001/a.JPEG", *lines[1:]]) + "\n")


def _no_folder(files: Files) -> None:
    lines = files["paths"].read_text().splitlines()
    files["paths"].write_text("\n".join(["a.JPEG", *lines[1:]]) + "\n")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_twice, "_1.JPEG: is there twice"),
        (_short, "882 features, 881 paths and 881 classes; there must be one of each"),
        (_infinite, "_3.JPEG: its feature is not finite"),
        (_of_whole_numbers, "holds int64 of the shape (3, 2); features are an array [images, numbers] of floats"),
        (_pickled, "cannot be read as a .npy without pickles"),
        (_tiny_class, "class n00000001: 1 images, and 6 clusters are to be made"),
        (_no_folder, "a.JPEG: lies in no class folder"),
        (lambda files: files["features"].unlink(), "features.npy cannot be read"),
        (lambda files: files["paths"].unlink(), "paths.txt cannot be read"),
    ],
)
def test_input_that_is_wrong_is_named_and_nothing_is_written(
    files: Files, spoil: Callable[[Files], None], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(files)
    assert says in refusal(files, capsys)


def test_a_class_with_too_few_images_is_named(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    assert "of the class n01440764 has 65 images left, and 126 are to be taken" in refusal(
        files, capsys, "--test", "60"
    )


def test_features_that_are_all_alike_are_named(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    np.save(files["features"], np.ones((CLASSES * sum(SIZES), 2), np.float32))
    said = refusal(files, capsys)
    assert f"class {imagenet_classes.wnids()[0]}: 1 images of different features" in said


def test_nothing_is_overwritten(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    files["out"].mkdir()
    (files["out"] / BALANCED).write_text("mine")
    assert build(files) == 1
    assert f"has {BALANCED} already" in capsys.readouterr().err
    assert [path.name for path in files["out"].iterdir()] == [BALANCED]
    assert (files["out"] / BALANCED).read_text() == "mine"


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "x"])
def test_sizes_are_whole_numbers_from_1_on(files: Files, value: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        build(files, "--val", value)
    assert f"'{value}' is no whole number from 1 on" in capsys.readouterr().err


@pytest.mark.parametrize("value", ["-1", "4294967296", "1e3"])
def test_a_seed_that_no_generator_takes_is_refused(
    files: Files, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        build(files, f"--seed={value}")
    assert f"'{value}' is no whole number from 0 to 4294967295" in capsys.readouterr().err
