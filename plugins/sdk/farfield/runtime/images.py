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
# What the releases of benchmarks hold, and what is like it. No other decoder is asked: Pillow's for EPS runs a program.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "PPM")
MODES = frozenset({"1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr"})
MAX_SIDE = 65_535  # JPEG's own limit; the weights of a resize grow with a side alone


def size_problem(size: tuple[int, int]) -> str:
    """Why an image of (width, height) is not taken, "" for one that is: the one rule of import and of reading.

    It asks nothing of the method: what an import has taken, every method can read, whatever size it asks for.

    >>> size_problem((9000, 8000))
    '9000 x 8000 pixels are more than the 67108864 that are read'
    >>> size_problem((20000, 10))
    ''
    """
    width, height = size
    if min(size) < 1 or max(size) > MAX_SIDE:
        return f"{width} x {height} pixels: a side has 1 to {MAX_SIDE}"
    if width * height > MAX_PIXELS:
        return f"{width} x {height} pixels are more than the {MAX_PIXELS} that are read"
    return ""


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


def open_image(encoded: bytes) -> "Image.Image":
    """An image of one of FORMATS, not decoded yet. Raises JobError for its size, and Pillow's errors."""
    from PIL import Image

    opened = Image.open(io.BytesIO(encoded), formats=FORMATS)
    problem = size_problem(opened.size)
    if problem:
        raise JobError(problem)
    return opened


def as_rgb(image: "Image.Image") -> "Image.Image":
    """The picture as every reader here sees it, uint8 RGB; alpha is dropped, not blended with a colour.

    So do torchvision's, timm's and DomainBed's loaders: they call `convert("RGB")`. Of 16-bit grey the higher byte
    counts, as of 16-bit RGB, where Pillow would cut off at 255 and leave white. Raises JobError for other pixels.
    """
    from PIL import Image

    image.load()
    image.info.pop("transparency", None)  # of a palette; Pillow would only warn of it
    if image.mode.startswith("I;16") or (image.mode == "I" and image.format in ("PNG", "PPM")):
        return Image.fromarray((np.asarray(image).clip(0, 0xFFFF) >> 8).astype(np.uint8)).convert("RGB")
    if image.mode not in MODES:
        raise JobError(f"its pixels are {image.mode}, of which there is no one way to RGB; convert it")
    return image.convert("RGB")


def _decoded(encoded: bytes) -> "Image.Image":
    with open_image(encoded) as opened:
        return as_rgb(opened)


def _shaped(image: "Image.Image", how: Images) -> "Image.Image":
    if how.crop == "none":
        return image
    filter_ = _filter(how.interpolation)
    if how.crop == "squash":
        return image.resize((how.size, how.size), filter_)
    target = _scaled(image.size, how.resize or how.size)
    left, top = round((target[0] - how.size) / 2), round((target[1] - how.size) / 2)
    if target[0] * target[1] > MAX_PIXELS:
        image, left, top = _window(image, target, (left, top), how)
    elif target != image.size:
        image = image.resize(target, filter_)
    return image.crop((left, top, left + how.size, top + how.size))


def _window(
    image: "Image.Image", target: tuple[int, int], corner: tuple[int, int], how: Images
) -> "tuple[Image.Image, int, int]":
    """The part that the crop shows of a long image scaled to `target`, and where the crop lies in it.

    The same pixels, for Pillow filters a box of an image with what lies around the box, and one axis after the other.
    """
    spans = [(max(0, at), min(full, at + how.size)) for at, full in zip(corner, target, strict=True)]
    (left, right), (top, bottom) = spans
    filter_, across, down = _filter(how.interpolation), image.width / target[0], image.height / target[1]
    columns = (left * across, 0, min(right * across, image.width), image.height)
    part = image.resize((right - left, image.height), filter_, box=columns)
    rows = (0, top * down, part.width, min(bottom * down, image.height))
    part = part.resize((right - left, bottom - top), filter_, box=rows)
    return part, corner[0] - left, corner[1] - top


def _scaled(size: tuple[int, int], shorter: int) -> tuple[int, int]:
    """torchvision's rule: the longer side is truncated, not rounded."""
    width, height = size
    if width <= height:
        return shorter, int(shorter * height / width)
    return int(shorter * width / height), shorter


def _filter(name: str) -> Any:
    from PIL import Image

    return {
        "bicubic": Image.Resampling.BICUBIC,
        "bilinear": Image.Resampling.BILINEAR,
        "nearest": Image.Resampling.NEAREST,
    }[name]
