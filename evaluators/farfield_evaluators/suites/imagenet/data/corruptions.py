"""Eight of ImageNet-C's corruptions as they are defined (Hendrycks & Dietterich 2019, section 3 and appendix B).

Functions take and give float64 [H, W, 3] in 0..1; severities are 1..5. In numpy and Pillow: the package with the
reference functions needs OpenCV, scikit-image and a setuptools of the past, and two of its fifteen fail with numpy 2.
Against it, imagecorruptions 1.1.2: six give the same pixels but for rounding, impulse noise the same statistics, and
zoom blur, whose enlargements are aligned by pixel centres here, differs by one grey level of 255 in the mean.
"""

import io
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from PIL import Image

Picture = npt.NDArray[np.float64]
Pixels = npt.NDArray[np.uint8]
Draws = np.random.RandomState
T = TypeVar("T")
SEVERITIES = (1, 2, 3, 4, 5)


def gaussian_noise(x: Picture, severity: int, draws: Draws) -> Picture:
    """Independent normal noise on every channel of every pixel."""
    noise: Picture = draws.normal(scale=_at(severity, (0.08, 0.12, 0.18, 0.26, 0.38)), size=x.shape)
    return x + noise


def impulse_noise(x: Picture, severity: int, draws: Draws) -> Picture:
    """Salt and pepper: a share of the values becomes 0 or 1, each half of the time."""
    hit = draws.random_sample(x.shape) <= _at(severity, (0.03, 0.06, 0.09, 0.17, 0.27))
    hurt: Picture = np.where(hit, (draws.random_sample(x.shape) <= 0.5).astype(np.float64), x)
    return hurt


def defocus_blur(x: Picture, severity: int, draws: Draws) -> Picture:
    """Convolution with a disk whose edge is smoothed."""
    radius, smoothing = _at(severity, ((3, 0.1), (4, 0.5), (6, 0.5), (8, 0.5), (10, 0.5)))
    return _convolved(x, disk(radius, smoothing))


def zoom_blur(x: Picture, severity: int, draws: Draws) -> Picture:
    """Mean of the picture and of enlargements of its centre, from 1 on."""
    most, step = _at(severity, ((1.11, 0.01), (1.16, 0.01), (1.21, 0.02), (1.26, 0.02), (1.31, 0.03)))
    zooms = np.arange(1, most, step)
    total = x + np.sum([_zoomed(x, float(zoom)) for zoom in zooms], axis=0)
    blurred: Picture = total / (len(zooms) + 1)
    return blurred


def brightness(x: Picture, severity: int, draws: Draws) -> Picture:
    """The value of HSV raised."""
    value = x.max(axis=-1, keepdims=True)
    raised = np.clip(value + _at(severity, (0.1, 0.2, 0.3, 0.4, 0.5)), 0, 1)
    # Hue and saturation stay when all channels are scaled alike; a black pixel becomes grey.
    brighter: Picture = np.where(value > 0, x * (raised / np.maximum(value, 1e-12)), raised)
    return brighter


def contrast(x: Picture, severity: int, draws: Draws) -> Picture:
    """Every channel drawn towards its mean."""
    mean = x.mean(axis=(0, 1), keepdims=True)
    flatter: Picture = (x - mean) * _at(severity, (0.4, 0.3, 0.2, 0.1, 0.05)) + mean
    return flatter


def pixelate(x: Picture, severity: int, draws: Draws) -> Picture:
    """Reduced by averaging boxes, and enlarged again."""
    share = _at(severity, (0.6, 0.5, 0.4, 0.3, 0.25))
    image = Image.fromarray(as_pixels(x))
    small = image.resize((int(image.width * share), int(image.height * share)), Image.Resampling.BOX)
    return as_picture(np.asarray(small.resize(image.size, Image.Resampling.BOX)))


def jpeg_compression(x: Picture, severity: int, draws: Draws) -> Picture:
    """Through JPEG at a low quality."""
    return as_picture(np.asarray(Image.open(io.BytesIO(as_jpeg(x, _at(severity, (25, 18, 15, 10, 7)))))))


Corruption = Callable[[Picture, int, Draws], Picture]
CORRUPTIONS: Mapping[str, Corruption] = MappingProxyType(
    {
        function.__name__: function
        for function in (
            gaussian_noise,
            impulse_noise,
            defocus_blur,
            zoom_blur,
            brightness,
            contrast,
            pixelate,
            jpeg_compression,
        )
    }
)


def corrupted(pixels: Pixels, name: str, severity: int, draws: Draws) -> Pixels:
    """uint8 [H, W, 3] -> uint8 [H, W, 3]. Raises KeyError for an unknown corruption, IndexError for a severity."""
    return as_pixels(CORRUPTIONS[name](as_picture(pixels), severity, draws))


def as_picture(pixels: Pixels) -> Picture:
    """uint8 0..255 to float64 0..1."""
    return pixels.astype(np.float64) / 255


def as_pixels(x: Picture) -> Pixels:
    """Float 0..1 to uint8, clipped and truncated, as the reference does it."""
    return (np.clip(x, 0, 1) * 255 + 1e-9).astype(np.uint8)


def as_jpeg(x: Picture, quality: int) -> bytes:
    """The picture as JPEG."""
    buffer = io.BytesIO()
    Image.fromarray(as_pixels(x)).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def disk(radius: int, smoothing: float) -> Picture:
    """A disk that sums to 1, blurred with a normal kernel of 3 or 5 pixels and this standard deviation.

    The blur mirrors at the edge, so that the largest disk sums to 1.01, as in the release.
    """
    reach = max(8, radius)
    line = np.arange(-reach, reach + 1)
    flat = (line[:, None] ** 2 + line**2 <= radius**2).astype(np.float64)
    near = np.arange(-1, 2) if radius <= 8 else np.arange(-2, 3)
    bell = np.exp(-(near**2) / (2 * smoothing**2))
    return _convolved((flat / flat.sum())[..., None], np.outer(bell, bell) / bell.sum() ** 2)[..., 0]


def _convolved(x: Picture, kernel: Picture) -> Picture:
    """[H, W, C] with a symmetric kernel; beyond the edge the picture is mirrored without its edge pixels."""
    reach = len(kernel) // 2
    padded = np.pad(x, ((reach, reach), (reach, reach), (0, 0)), mode="reflect")
    size = (padded.shape[0] + 2 * reach, padded.shape[1] + 2 * reach)
    product = np.fft.rfft2(padded, size, axes=(0, 1)) * np.fft.rfft2(kernel, size)[..., None]
    whole = np.fft.irfft2(product, size, axes=(0, 1))
    return whole[2 * reach : 2 * reach + x.shape[0], 2 * reach : 2 * reach + x.shape[1]]


def _zoomed(x: Picture, zoom: float) -> Picture:
    height, width = x.shape[:2]
    rows, columns = height / zoom, width / zoom
    left, top = (width - columns) / 2, (height - rows) / 2
    box = (left, top, left + columns, top + rows)
    channels = [Image.fromarray(x[..., c].astype(np.float32)) for c in range(x.shape[2])]
    return np.stack(
        [np.asarray(c.resize((width, height), Image.Resampling.BILINEAR, box=box)) for c in channels], axis=-1
    )


def _at(severity: int, values: Sequence[T]) -> T:
    if severity not in SEVERITIES:
        raise IndexError(f"a severity is from 1 to 5, not {severity}")
    return values[severity - 1]
