"""Image files made fit for a pack: decodable, RGB, and without metadata that could tell a label."""

import io

from PIL import Image, UnidentifiedImageError

from farfield import FarfieldError

_KEPT_APPS = {0xE0, 0xEE}  # JFIF, and Adobe's marker, which says how the colours are coded
_NO_LENGTH = {0x01, *range(0xD0, 0xD8)}


class UnreadableImage(FarfieldError):
    """A file that is not an image, or is cut short."""

    code = "data.unreadable_image"


def clean(encoded: bytes) -> bytes:
    """The same pixels, without metadata: JPEG keeps its coded data, anything else that is not bare becomes PNG.

    Raises UnreadableImage with the decoder's reason.
    """
    try:
        with Image.open(io.BytesIO(encoded)) as image:
            image.load()
            if image.format == "JPEG":
                return strip_jpeg(encoded)
            if _is_bare_webp(encoded) and image.mode == "RGB":
                return encoded
            return _as_png(image)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UnreadableImage(str(error)) from error


def strip_jpeg(encoded: bytes) -> bytes:
    """Drop comments and application segments (EXIF, XMP, ICC, thumbnails); the coded pixels stay as they are."""
    kept, position = [encoded[:2]], 2
    while position + 4 <= len(encoded) and encoded[position] == 0xFF:
        marker = encoded[position + 1]
        if marker == 0xFF:  # padding before a marker
            position += 1
            continue
        if marker == 0xDA:  # start of scan: all that follows is coded pixels
            break
        length = 2 if marker in _NO_LENGTH else 2 + int.from_bytes(encoded[position + 2 : position + 4], "big")
        if not (marker == 0xFE or (0xE0 <= marker <= 0xEF and marker not in _KEPT_APPS)):
            kept.append(encoded[position : position + length])
        position += length
    return b"".join([*kept, encoded[position:]])


def _is_bare_webp(encoded: bytes) -> bool:
    """A simple file has one chunk, VP8 or VP8L, and so no place for metadata."""
    size = int.from_bytes(encoded[16:20], "little")
    return encoded[8:15] == b"WEBPVP8" and encoded[15:16] in b" L" and 20 + size + size % 2 == len(encoded)


def _as_png(image: Image.Image) -> bytes:
    plain = Image.new("RGB", image.size)
    plain.paste(image.convert("RGB"))
    buffer = io.BytesIO()
    plain.save(buffer, "PNG")
    return buffer.getvalue()
