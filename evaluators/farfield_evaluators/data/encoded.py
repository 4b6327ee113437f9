"""Image files made fit for a pack: of a listed format, decodable, and without a byte that decoding does not need."""

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from PIL import Image, UnidentifiedImageError

from farfield import FarfieldError
from farfield.packaging.files import START_BYTES, impostor, read_regular
from farfield.runtime.images import FORMATS, as_rgb, open_image
from farfield_evaluators.data.jpeg import strip_jpeg
from farfield_evaluators.data.png import strip_png
from farfield_evaluators.data.webp import strip_webp

MOST_BYTES = 1 << 29  # more than the largest image that is read takes in any listed format
_KEPT_MODES = {"1", "L", "P", "RGB", "RGBA", "LA", "CMYK"}  # stored as coded; others are converted once, at import
_STRIPPERS: Mapping[str, Callable[[bytes], bytes | None]] = MappingProxyType(
    {"JPEG": strip_jpeg, "MPO": strip_jpeg, "PNG": strip_png, "WEBP": strip_webp}
)


class UnreadableImage(FarfieldError):
    """A file that is not an image, is cut short, or is of a kind that is not read."""

    code = "data.unreadable_image"


def read_image(path: Path) -> bytes:
    """An image file as a pack stores it. Raises OSError, also for a pipe or a device, and UnreadableImage."""
    return clean(read_regular(path, MOST_BYTES))


def clean(encoded: bytes) -> bytes:
    """The same pixels and nothing else: JPEG, PNG and WebP keep their coded data, what is another becomes an RGB PNG.

    What is kept as coded has the same bytes, and so the same fingerprint, whatever library imports it.
    Raises UnreadableImage with the decoder's reason.
    """
    try:
        with open_image(encoded) as image:
            image.load()
            return _stripped(encoded, image) or _as_png(image)
    except MemoryError:
        raise
    except UnidentifiedImageError as error:  # its own message names an address in memory
        raise UnreadableImage(_unidentified(encoded)) from error
    # Pillow answers damaged files with OSError, SyntaxError, ValueError, struct.error and others.
    except Exception as error:
        raise UnreadableImage(str(error) or type(error).__name__) from error


def _stripped(encoded: bytes, image: Image.Image) -> bytes | None:
    """The file without what its pixels do not need; None where it has to be coded anew."""
    strip = _STRIPPERS.get(image.format or "")
    several = getattr(image, "is_animated", False) and image.format != "MPO"  # whose first picture is a whole JPEG
    alpha = image.format == "WEBP" and image.mode != "RGB"
    return None if strip is None or several or alpha or image.mode not in _KEPT_MODES else strip(encoded)


def _as_png(image: Image.Image) -> bytes:
    plain = Image.new("RGB", image.size)
    plain.paste(as_rgb(image))
    buffer = io.BytesIO()
    plain.save(buffer, "PNG")
    return buffer.getvalue()


_OTHERS: Mapping[bytes, str] = MappingProxyType(
    {
        b"II*\0": "TIFF",
        b"MM\0*": "TIFF",
        b"%!PS": "EPS",
        b"\xc5\xd0\xd3\xc6": "EPS",
        b"%PDF": "PDF",
        b"8BPS": "PSD",
        b"\0\0\1\0": "ICO",
        b"<svg": "SVG",
    }
)


def _unidentified(encoded: bytes) -> str:
    """What the file is instead, where its first bytes tell."""
    accepted = f"read are {', '.join(FORMATS)}"
    other = _OTHERS.get(encoded[:4]) or ("AVIF or HEIC" if encoded[4:8] == b"ftyp" else "")
    what = impostor(encoded[:START_BYTES])
    if other:
        return f"it is {other}, which is not read; {accepted}: convert it"
    return f"it is {what}" if what else f"not an image of a known kind; {accepted}"
