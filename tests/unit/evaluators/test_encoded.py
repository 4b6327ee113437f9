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


@pytest.mark.parametrize("mode", ["L", "1", "P", "RGB", "RGBA", "LA", "I;16"])
def test_png_keeps_its_coded_pixels_in_every_mode(mode: str) -> None:
    image = Image.fromarray(PIXELS)
    image = Image.fromarray(PIXELS[..., 0].astype(np.uint16) * 200) if mode == "I;16" else image.convert(mode)
    notes = PngInfo()
    notes.add_text("label", "class-is-zebra")
    notes.add_itxt("more", "class-is-zebra", zip=True)
    bare, tagged = io.BytesIO(), io.BytesIO()
    image.save(bare, "PNG")
    image.save(tagged, "PNG", pnginfo=notes, exif=with_exif(), icc_profile=b"zebra" * 9, dpi=(72, 72))
    assert clean(tagged.getvalue() + b"zebra") == bare.getvalue() == clean(bare.getvalue())
    assert np.array_equal(decode(clean(tagged.getvalue())), decode(tagged.getvalue()))


def test_an_animated_png_becomes_its_first_picture() -> None:
    buffer = io.BytesIO()
    first = Image.fromarray(PIXELS)
    first.save(buffer, "PNG", save_all=True, append_images=[Image.fromarray(255 - PIXELS)])
    assert np.array_equal(decode(clean(buffer.getvalue())), PIXELS)
    assert not getattr(Image.open(io.BytesIO(clean(buffer.getvalue()))), "is_animated", False)


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
