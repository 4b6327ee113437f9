"""A memory-mapped set of encoded images, decoded and preprocessed batch by batch.

On disk: `images.bin` holds the encoded images end to end, `spans.npy` int64 [N, 2] the (start, end) of each
example, in the order in which the examples are to be read. Several span files may share one `images.bin`.
`prepared.npy`, if it is there, int64 [N]: the side in pixels to which an image is resized and cropped already,
0 for one that is not.
"""

import io
import mmap
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from farfield.errors import JobError
from farfield.method import Images

if TYPE_CHECKING:
    from PIL import Image

Pixels = npt.NDArray[np.uint8]
# An image is held several times over while it is resized; beyond this, one picture could fill a worker's memory.
MAX_PIXELS = 64 * 2**20


class EncodedImages:
    """N encoded images behind one memory map; `read` gives uint8 [B, H, W, 3]."""

    def __init__(
        self,
        blob: Path,
        spans: npt.NDArray[np.int64],
        preprocessing: Images,
        threads: int = 2,
        prepared: npt.NDArray[np.int64] | None = None,
    ) -> None:
        with blob.open("rb") as opened:
            self._map = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
        _check_spans(spans, len(self._map), blob.name)
        self._spans = spans
        self._preprocessing = preprocessing
        self._prepared = prepared
        self._pool = ThreadPoolExecutor(threads)

    def __len__(self) -> int:
        return len(self._spans)

    @property
    def largest_batch(self) -> int | None:
        """1 when the images keep their own sizes and so cannot be stacked; None when there is no limit."""
        return 1 if self._preprocessing.crop == "none" else None

    def read(self, indices: Sequence[int] | npt.NDArray[np.int64]) -> Pixels:
        """The images at these positions, decoded and preprocessed. Raises JobError for one that cannot be."""
        return np.stack(list(self._pool.map(self._one, indices)))

    def close(self) -> None:
        """End the threads and release the file; the set cannot be read afterwards."""
        self._pool.shutdown()
        self._map.close()

    def _one(self, index: int) -> Pixels:
        start, end = self._spans[index]
        side = 0 if self._prepared is None else int(self._prepared[index])
        try:
            return preprocess(self._map[start:end], as_prepared(self._preprocessing, side))
        except JobError as error:
            raise JobError(f"image {index}: {error}") from error


def _check_spans(spans: npt.NDArray[np.int64], length: int, name: str) -> None:
    if spans.ndim != 2 or spans.shape[1] != 2 or not np.issubdtype(spans.dtype, np.integer):
        raise JobError(f"the spans must be whole numbers [N, 2], got {spans.dtype} {list(spans.shape)}")
    broken = np.flatnonzero((spans[:, 0] < 0) | (spans[:, 1] < spans[:, 0]) | (spans[:, 1] > length))
    if len(broken):
        raise JobError(f"image {broken[0]} does not lie within the {length} bytes of {name}")


def as_prepared(how: Images, side: int) -> Images:
    """The preprocessing of an image that is resized and cropped to `side` pixels already; 0 = it is not.

    It is cropped at its centre, and resized only where more pixels are asked for. ImageNet-C's files have 224 pixels
    a side; to resize them to 256 first gives other errors than the published ones.

    >>> as_prepared(Images(size=192, resize=256), 224).resize, as_prepared(Images(size=336), 224).resize
    (224, 336)
    """
    return replace(how, resize=max(how.size, side)) if side and how.crop == "center" else how


def preprocess(encoded: bytes, how: Images) -> Pixels:
    """Decode one image to RGB and apply the declared preprocessing: uint8 [H, W, 3].

    Resizing is Pillow's, which torchvision's and open_clip's own transforms use, so the pixels are equal.
    Raises JobError for bytes that are no image, a damaged image, or one that is too large.
    """
    try:
        return np.array(_shaped(_decoded(encoded), how))
    except (JobError, MemoryError, ImportError):
        raise
    # Pillow answers damaged files with OSError, SyntaxError, ValueError, struct.error and others.
    except Exception as error:
        raise JobError(f"cannot be decoded: {type(error).__name__}: {error}") from error


def _decoded(encoded: bytes) -> "Image.Image":
    from PIL import Image

    with Image.open(io.BytesIO(encoded)) as opened:
        _check_area(opened.size)
        return opened.convert("RGB")


def _shaped(image: "Image.Image", how: Images) -> "Image.Image":
    if how.crop == "none":
        return image
    filter_ = _filter(how.interpolation)
    if how.crop == "squash":
        return image.resize((how.size, how.size), filter_)
    target = _scaled(image.size, how.resize or how.size)
    if target != image.size:
        _check_area(target)
        image = image.resize(target, filter_)
    left, top = round((target[0] - how.size) / 2), round((target[1] - how.size) / 2)
    return image.crop((left, top, left + how.size, top + how.size))


def _scaled(size: tuple[int, int], shorter: int) -> tuple[int, int]:
    """torchvision's rule: the longer side is truncated, not rounded."""
    width, height = size
    if width <= height:
        return shorter, int(shorter * height / width)
    return int(shorter * width / height), shorter


def _check_area(size: tuple[int, int]) -> None:
    if size[0] * size[1] > MAX_PIXELS:
        raise JobError(f"{size[0]} x {size[1]} pixels are more than the {MAX_PIXELS} that are read")


def _filter(name: str) -> Any:
    from PIL import Image

    return {
        "bicubic": Image.Resampling.BICUBIC,
        "bilinear": Image.Resampling.BILINEAR,
        "nearest": Image.Resampling.NEAREST,
    }[name]
