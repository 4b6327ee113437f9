"""Image files made fit for a pack: decodable, RGB, and without metadata that could tell a label."""

import io

from PIL import Image, UnidentifiedImageError

from farfield import FarfieldError

_KEPT_APPS = {0xE0, 0xEE}  # JFIF, and Adobe's marker, which says how the colours are coded
_NO_LENGTH = {0x01, *range(0xD0, 0xD8)}
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KEPT_CHUNKS = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}


class UnreadableImage(FarfieldError):
    """A file that is not an image, or is cut short."""

    code = "data.unreadable_image"


def clean(encoded: bytes) -> bytes:
    """The same pixels, without metadata: JPEG and PNG keep their coded data, what else is not bare becomes PNG.

    What is kept as coded has the same bytes, and so the same fingerprint, whatever library imports it.
    Raises UnreadableImage with the decoder's reason.
    """
    try:
        with Image.open(io.BytesIO(encoded)) as image:
            image.load()
            if image.format == "JPEG":
                return strip_jpeg(encoded)
            if image.format == "PNG" and not getattr(image, "is_animated", False):
                return strip_png(encoded)
            if _is_bare_webp(encoded) and image.mode == "RGB":
                return encoded
            return _as_png(image)
    except MemoryError:
        raise
    except UnidentifiedImageError as error:  # its own message names an address in memory
        raise UnreadableImage("not an image of a known kind") from error
    # Pillow answers damaged files with OSError, SyntaxError, ValueError, struct.error and others.
    except Exception as error:
        raise UnreadableImage(str(error) or type(error).__name__) from error


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


def strip_png(encoded: bytes) -> bytes:
    """Drop every chunk (text, EXIF, ICC, times) and trailing byte that the pixels do not need; those stay as coded."""
    kept, position, kind = [_PNG_SIGNATURE], len(_PNG_SIGNATURE), b""
    while kind != b"IEND" and position + 12 <= len(encoded):
        kind = encoded[position + 4 : position + 8]
        end = position + 12 + int.from_bytes(encoded[position : position + 4], "big")
        if kind in _KEPT_CHUNKS:
            kept.append(encoded[position:end])
        position = end
    return b"".join(kept)


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
