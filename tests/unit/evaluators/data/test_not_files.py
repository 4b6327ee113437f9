"""What is no file among somebody's data: named with its path, and not waited for, by every importer and by `score`."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.suites.domainbed.data import trees
from tests.suites.imagenet.data.trees import few, grow

from farfield.errors import FarfieldError
from farfield_evaluators.arrays import read_arrays
from farfield_evaluators.data.image_lists import ImageList, read_list
from farfield_evaluators.npz import ArrayRule, open_npz
from farfield_evaluators.suites.domainbed.data.digits import MNIST, import_digits
from farfield_evaluators.suites.domainbed.data.folders import import_folders
from farfield_evaluators.suites.domainbed.data.official import DOMAIN_NET, PACS
from farfield_evaluators.suites.domainbed.folder import read_sweep
from farfield_evaluators.suites.imagenet.data.flat_val import import_flat
from farfield_evaluators.suites.imagenet.data.folders import import_release
from farfield_evaluators.suites.imagenet.data.objectnet import Expected, read_mapping
from farfield_evaluators.suites.imagenet.data.official import VAL

THREE = ("n01440764", "n01443537", "n15075141")


def refusal(read: Callable[[], object]) -> str:
    """What it says, within ten seconds."""
    said: list[str] = []

    def attempt() -> None:
        try:
            read()
        except FarfieldError as error:
            said.append(str(error))

    thread = threading.Thread(target=attempt, daemon=True)
    thread.start()
    thread.join(10)
    assert said, "it waits, or took what is no file"
    return said[0]


def pipe(path: Path) -> Path:
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    return path


def test_no_file_among_the_images_of_domainbed_is_named(tmp_path: Path) -> None:
    spec = trees.tiny(PACS)
    root = trees.grow(spec, tmp_path)
    pipe(root / "photo" / "dog" / "pic_0.jpg")
    says = refusal(lambda: import_folders(spec, root, tmp_path / "packs"))
    assert "photo/dog/pic_0.jpg: unreadable: it is a named pipe, not a regular file" in says
    (root / "photo" / "horse" / "pic_1.png").unlink()  # another problem, so that the files are read for the report
    says = refusal(lambda: import_folders(spec, root, tmp_path / "packs"))
    assert "photo/dog/pic_0.jpg: unreadable: it is a named pipe" in says


def test_no_file_in_place_of_a_list_is_named(tmp_path: Path) -> None:
    spec = trees.tiny(DOMAIN_NET)
    root = trees.grow(spec, tmp_path)
    path = pipe(root / "domain_net_duplicates.txt")
    says = refusal(lambda: import_folders(spec, root, tmp_path / "packs"))
    assert says == f"{path}: cannot be read: it is a named pipe, not a regular file; mend it, or take it away"


def test_no_file_among_the_images_of_imagenet_is_named(tmp_path: Path) -> None:
    release = few(VAL, THREE)
    root = grow(release, tmp_path / "val")
    pipe(root / THREE[1] / f"{THREE[1]}_0.JPEG")
    (root / THREE[2] / f"{THREE[2]}_0.JPEG").unlink()
    (root / THREE[2] / f"{THREE[2]}_0.JPEG").symlink_to(f"{THREE[2]}_0.JPEG")  # leads in a circle
    says = refusal(lambda: import_release(release, root, tmp_path / "packs"))
    assert f"{THREE[1]}/{THREE[1]}_0.JPEG: unreadable: it is a named pipe, not a regular file" in says
    assert f"{THREE[2]}/{THREE[2]}_0.JPEG: unreadable: Too many levels of symbolic links" in says


def test_no_file_in_place_of_what_a_release_brings_along_is_named(tmp_path: Path) -> None:
    meta = pipe(tmp_path / "meta.mat")
    (tmp_path / "ILSVRC2012_validation_ground_truth.txt").write_text("1\n")
    (tmp_path / "ILSVRC2012_val_00000001.JPEG").write_bytes(b"x")
    assert "meta.mat: is missing or not the devkit's: it is a named pipe" in refusal(
        lambda: import_flat(VAL, tmp_path, tmp_path, tmp_path / "packs")
    )
    mapping = pipe(tmp_path / "folder_to_objectnet_label.json")
    assert f"{mapping}: cannot be read: it is a named pipe" in refusal(lambda: read_mapping(tmp_path, Expected()))
    problems: list[str] = []
    read_list(meta, tmp_path, "id/test", 0, problems, of=ImageList(file="x", count=1, id=True), classes=1000)
    assert problems == ["meta.mat: cannot be read: it is a named pipe, not a regular file"]


def test_no_file_among_idx_files_is_missing(tmp_path: Path) -> None:
    trees.digit_files(tmp_path)
    pipe(tmp_path / "train-images-idx3-ubyte")
    assert "missing train-images-idx3-ubyte" in refusal(
        lambda: import_digits(MNIST, tmp_path, tmp_path / "packs", subset=True)
    )


def test_no_file_handed_to_score_is_named(tmp_path: Path) -> None:
    path = pipe(tmp_path / "x.npz")
    assert "it is a named pipe, not a regular file" in refusal(lambda: read_arrays(path, ["score"]))
    rules = {"ids": ArrayRule(types=("<f4",), shape=(1,))}
    assert "it is a named pipe, not a regular file" in refusal(lambda: open_npz(path, rules).__enter__())
    (tmp_path / "sweep" / "run").mkdir(parents=True)
    pipe(tmp_path / "sweep" / "run" / "results.jsonl")
    assert "the file cannot be read: it is a named pipe" in refusal(lambda: read_sweep(tmp_path / "sweep"))


@pytest.mark.parametrize(
    ("content", "what"), [(b"", "empty"), (b"version https://git-lfs.github.com/spec/v1\n", "a pointer of Git LFS")]
)
def test_what_was_saved_in_place_of_arrays_is_named(tmp_path: Path, content: bytes, what: str) -> None:
    (tmp_path / "x.npz").write_bytes(content)
    assert f"x.npz is {what}" in refusal(lambda: read_arrays(tmp_path / "x.npz", ["score"]))
