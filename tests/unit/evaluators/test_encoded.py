"""Images in packs: the same pixels, no metadata."""

import io

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from farfield_evaluators.data.encoded import UnreadableImage, clean

PIXELS = np.random.default_rng(0).integers(0, 256, (24, 31, 3), dtype=np.uint8)


def encode(kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(PIXELS).save(buffer, kind, **options)
    return buffer.getvalue()


def decode(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def with_exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010E] = "class-is-zebra"
    return exif


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"quality": 30}, {"subsampling": 0}])
def test_jpeg_keeps_its_pixels_and_loses_its_metadata(options: dict) -> None:
    encoded = encode("JPEG", exif=with_exif(), comment=b"class-is-zebra", icc_profile=b"zebra" * 9, **options)
    cleaned = clean(encoded)
    assert b"zebra" in encoded
    assert b"zebra" not in cleaned
    assert np.array_equal(decode(cleaned), decode(encoded))


def test_png_text_is_dropped() -> None:
    notes = PngInfo()
    notes.add_text("label", "class-is-zebra")
    encoded = encode("PNG", pnginfo=notes)
    assert b"zebra" not in clean(encoded)
    assert np.array_equal(decode(clean(encoded)), PIXELS)


def test_bare_webp_stays_and_webp_with_metadata_is_rewritten() -> None:
    bare = encode("WEBP", lossless=True)
    assert clean(bare) == bare
    tagged = encode("WEBP", lossless=True, exif=with_exif().tobytes())
    assert b"zebra" not in clean(tagged)
    assert np.array_equal(decode(clean(tagged)), PIXELS)


@pytest.mark.parametrize("data", [b"", b"hello", encode("PNG")[:60], encode("JPEG")[:200]])
def test_what_cannot_be_decoded_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableImage):
        clean(data)
