"""MNIST's four idx files: what is read, and what is said when one is missing, damaged or another."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.suites.domainbed.data.trees import DIGITS, digit_files, idx

from farfield_evaluators.data.packs import PackError, list_packs, verify
from farfield_evaluators.suites.domainbed.data.digits import FASHION, MNIST, import_digits
from farfield_evaluators.suites.domainbed.data.idx import FILES, IdxError, parse, read_digits

TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS = FILES


def error_of(folder: Path, tmp_path: Path, *, subset: bool = True) -> str:
    with pytest.raises(IdxError) as caught:
        import_digits(MNIST, folder, tmp_path / "packs", subset=subset)
    assert list_packs(tmp_path / "packs") == []
    return str(caught.value)


@pytest.mark.parametrize("zipped", [False, True], ids=["plain", "gz"])
def test_the_pack_holds_every_digit_in_the_files_order(zipped: bool, tmp_path: Path) -> None:
    folder = digit_files(tmp_path / "files", zipped=zipped)
    images, labels = read_digits(folder, None)
    pack = import_digits(MNIST, folder, tmp_path / "packs", subset=True)
    order = pack.environment(0)
    assert pack.pixels.shape == (sum(DIGITS), 28, 28)
    assert np.array_equal(pack.pixels[order], images)
    assert pack.labels[order].tolist() == labels.tolist() == [n % 10 for count in DIGITS for n in range(count)]
    assert (pack.official, pack.release) == (False, "subset")
    verify(pack)


def test_plain_and_zipped_files_make_the_same_pack(tmp_path: Path) -> None:
    plain = import_digits(MNIST, digit_files(tmp_path / "a"), tmp_path / "p", subset=True)
    zipped = import_digits(MNIST, digit_files(tmp_path / "b", zipped=True), tmp_path / "q", subset=True)
    assert plain.fingerprint == zipped.fingerprint


def test_the_published_sums_make_it_official(tmp_path: Path) -> None:
    folder = digit_files(tmp_path / "files")
    sums = {name: md5((folder / name).read_bytes()) for name in FILES}
    pack = import_digits(replace(MNIST, sums=sums), folder, tmp_path / "packs")
    assert (pack.official, pack.release) == (True, "published")
    before = (pack.folder / "manifest.json").stat().st_mtime_ns
    assert import_digits(replace(MNIST, sums=sums), folder, tmp_path / "packs") == pack
    assert (pack.folder / "manifest.json").stat().st_mtime_ns == before
    assert import_digits(MNIST, folder, tmp_path / "q", subset=True).fingerprint != pack.fingerprint


def test_another_file_is_named_with_both_sums(tmp_path: Path) -> None:
    folder = digit_files(tmp_path / "files")
    found = md5((folder / TRAIN_IMAGES).read_bytes())
    assert error_of(folder, tmp_path, subset=False) == (
        f"{folder / TRAIN_IMAGES}: MD5 of the contents is {found}, not the published "
        "6bbc9ace898e44ae57da46a324031adb; fetch it again"
    )


def test_mnist_and_fashion_are_not_taken_for_each_other() -> None:
    assert not set(MNIST.sums.values()) & set(FASHION.sums.values())
    assert len(MNIST.classes) == len(FASHION.classes) == 10


@pytest.mark.parametrize("below", ["", "raw", "MNIST/raw", "FashionMNIST/raw"])
def test_torchvisions_folders_and_dotted_names_are_found(below: str, tmp_path: Path) -> None:
    folder = digit_files(tmp_path / "files" / below)
    (folder / TEST_IMAGES).rename(folder / "t10k-images.idx3-ubyte")
    assert len(import_digits(MNIST, tmp_path / "files", tmp_path / "packs", subset=True).labels) == sum(DIGITS)


def test_every_missing_file_is_named(tmp_path: Path) -> None:
    folder = digit_files(tmp_path / "files")
    (folder / TRAIN_LABELS).unlink()
    (folder / TEST_IMAGES).unlink()
    assert error_of(folder, tmp_path) == (
        f"{folder}: missing train-labels-idx1-ubyte, t10k-images-idx3-ubyte (or each with .gz); put MNIST's four "
        "files there"
    )


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(
        PackError, match="nowhere is no folder; give the one with the four idx files of domainbed/mnist"
    ):
        import_digits(MNIST, tmp_path / "nowhere", tmp_path / "packs")


def test_a_cut_gz_file_is_named(tmp_path: Path) -> None:
    folder = digit_files(tmp_path / "files", zipped=True)
    file = folder / f"{TEST_LABELS}.gz"
    file.write_bytes(file.read_bytes()[:-9])
    assert error_of(folder, tmp_path).startswith(f"{file}: cannot be read: ")


def test_a_file_that_is_no_gz_is_named(tmp_path: Path) -> None:
    folder = digit_files(tmp_path / "files", zipped=True)
    (folder / f"{TEST_LABELS}.gz").write_bytes(b"<html>moved</html>")
    assert error_of(folder, tmp_path) == (
        f"{folder / TEST_LABELS}.gz: cannot be read: Not a gzipped file (b'<h'); fetch it again"
    )


def test_a_broken_stream_inside_a_gz_is_named(tmp_path: Path) -> None:
    folder = digit_files(tmp_path / "files", zipped=True)
    file = folder / f"{TRAIN_IMAGES}.gz"
    stored = bytearray(file.read_bytes())
    stored[12:40] = b"\xff" * 28
    file.write_bytes(stored)
    assert error_of(folder, tmp_path).startswith(f"{file}: cannot be read: ")


@pytest.mark.parametrize(
    ("name", "contents", "said"),
    [
        (TRAIN_IMAGES, b"", "no idx file of unsigned bytes; it begins with nothing"),
        (TRAIN_IMAGES, b"\0\0\x0d\x03" + bytes(16), "no idx file of unsigned bytes; it begins with 00000d03"),
        (TRAIN_IMAGES, b"\0\0\x08\x03\0\0", "cut short inside its header"),
        (
            TRAIN_LABELS,
            idx(np.zeros(36))[:-1],
            "35 bytes of data, not the 36 of its shape (36,)",
        ),
        (TRAIN_IMAGES, idx(np.zeros((36, 14, 14))), "shape (36, 14, 14), not [N, 28, 28]"),
        (TRAIN_LABELS, idx(np.zeros(35)), "shape (35,), not a label for each of 36 images"),
        (TEST_LABELS, idx(np.array([0, 1, 10] * 4)), "label 10 at position 2; labels are 0 to 9"),
    ],
    ids=["empty", "floats", "header", "short", "small", "fewer", "ten"],
)
def test_a_damaged_file_is_named(name: str, contents: bytes, said: str, tmp_path: Path) -> None:
    folder = digit_files(tmp_path / "files")
    (folder / name).write_bytes(contents)
    assert error_of(folder, tmp_path) == f"{folder / name}: {said}"


def test_a_shape_that_overflows_is_refused() -> None:
    header = b"\0\0\x08\x03" + b"\xff" * 12
    with pytest.raises(IdxError, match="bytes of data, not the"):
        parse(Path("x"), header)


def md5(contents: bytes) -> str:
    return hashlib.md5(contents).hexdigest()
