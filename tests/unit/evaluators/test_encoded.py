"""Images in packs: the same pixels, and no byte that decoding does not need."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import EpsImagePlugin, Image, ImageCms
from PIL.PngImagePlugin import PngInfo

import farfield_demo
from farfield import Images
from farfield.runtime.images import preprocess
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


@pytest.mark.parametrize("mode", ["L", "1", "P", "RGB", "RGBA", "LA"])
def test_png_keeps_its_coded_pixels_in_every_mode(mode: str) -> None:
    image = Image.fromarray(PIXELS).convert(mode)
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


@pytest.mark.parametrize("lossless", [True, False])
def test_webp_keeps_its_coded_pixels_and_nothing_else(lossless: bool) -> None:
    bare = encode("WEBP", lossless=lossless)
    assert clean(bare) == bare
    tagged = encode("WEBP", lossless=lossless, exif=with_exif().tobytes(), xmp=b"zebra", icc_profile=b"zebra" * 9)
    assert clean(tagged + b"zebra") == clean(bare + b"zebra") == bare


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def scans(encoded: bytes) -> list[int]:
    """Where the scans of a JPEG begin."""
    return [i for i in range(len(encoded) - 1) if encoded[i : i + 2] == b"\xff\xda"]


SECRET = b"class-is-zebra"
JPEG_HIDING_PLACES = {
    "behind the end": lambda e: e + SECRET,
    "a second image behind the end": lambda e: e + encode("JPEG", comment=SECRET),
    "a comment between scans": lambda e: e[: (at := scans(e)[1])] + segment(0xFE, SECRET) + e[at:],
    "application data between scans": lambda e: e[: (at := scans(e)[-1])] + segment(0xE5, SECRET) + e[at:],
    "a JFIF header between scans": lambda e: e[: (at := scans(e)[1])] + segment(0xE0, b"JFIF\0" + SECRET) + e[at:],
    "EXIF behind junk": lambda e: e[:20] + b"junk" + segment(0xE1, b"Exif\0\0" + SECRET) + e[20:],
    "junk between segments": lambda e: e[:20] + b"\0\xff\0" + SECRET + e[20:],
    "EXIF behind padding": lambda e: e[:2] + b"\xff" * 5 + segment(0xE1, SECRET) + e[2:],
    "a thumbnail of JFIF": lambda e: e[:2] + segment(0xE0, e[6:18] + b"\5\1" + SECRET + b"x") + e[20:],
    "an extension of JFIF": lambda e: e[:20] + segment(0xE0, b"JFXX\0\x10" + SECRET) + e[20:],
    "behind Adobe's marker": lambda e: e[:2] + segment(0xEE, b"Adobe\0\x64\0\0\0\0\1" + SECRET) + e[2:],
    "a marker of Adobe's that is none": lambda e: e[:2] + segment(0xEE, SECRET) + e[2:],
}


@pytest.mark.parametrize("place", JPEG_HIDING_PLACES)
def test_bytes_that_are_no_pixels_of_a_jpeg_are_dropped(place: str) -> None:
    bare = encode("JPEG", progressive=True)
    hiding = JPEG_HIDING_PLACES[place](bare)
    cleaned = clean(hiding)
    assert SECRET in hiding
    assert SECRET not in cleaned
    assert len(cleaned) <= len(bare) + 16  # Adobe's marker
    assert np.array_equal(decode(cleaned), decode(hiding))
    assert clean(cleaned) == cleaned


def test_bytes_that_are_no_pixels_of_a_jpeg_from_pillow_are_none() -> None:
    for options in ({}, {"progressive": True}, {"quality": 85}, {"restart_marker_blocks": 2}, {"subsampling": 2}):
        assert clean(encode("JPEG", **options)) == encode("JPEG", **options)


@pytest.mark.parametrize("inverted", [False, True])
def test_a_jpeg_of_four_colours_keeps_its_own_reading(inverted: bool) -> None:
    buffer = io.BytesIO()
    Image.fromarray(255 - PIXELS if inverted else PIXELS).convert("CMYK").save(buffer, "JPEG", comment=SECRET)
    cleaned = clean(buffer.getvalue())
    assert SECRET not in cleaned
    assert np.array_equal(decode(cleaned), decode(buffer.getvalue()))
    assert np.array_equal(preprocess(cleaned, Images(crop="none")), decode(cleaned))


def test_a_jpeg_of_several_pictures_is_its_first() -> None:
    buffer = io.BytesIO()
    first, second = Image.fromarray(PIXELS), Image.fromarray(255 - PIXELS)
    first.save(buffer, "MPO", save_all=True, append_images=[second])
    assert Image.open(io.BytesIO(buffer.getvalue())).format == "MPO"
    cleaned = clean(buffer.getvalue())
    assert Image.open(io.BytesIO(cleaned)).format == "JPEG"
    assert len(cleaned) < 0.6 * len(buffer.getvalue())
    assert np.array_equal(decode(cleaned), decode(buffer.getvalue()))


def test_a_damaged_jpeg_that_is_decoded_all_the_same_keeps_its_pixels() -> None:
    draws, taken = np.random.default_rng(0), 0
    original = encode("JPEG", progressive=True, comment=SECRET)
    for _ in range(300):
        damaged = bytearray(original)
        damaged[draws.integers(2, len(damaged))] = draws.integers(256)
        try:
            cleaned = clean(bytes(damaged))
        except UnreadableImage:
            continue
        taken += 1
        assert np.array_equal(decode(cleaned), decode(bytes(damaged)))
    assert taken > 50


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*each) for each in chunks)


HEADER = struct.pack(">IIBBBBB", 31, 24, 8, 2, 0, 0, 0)
ROWS = b"".join(b"\0" + row.tobytes() for row in PIXELS)
STREAM = zlib.compress(ROWS)
END = (b"IEND", b"")
PNG_HIDING_PLACES = {
    "behind the end": png((b"IHDR", HEADER), (b"IDAT", STREAM), END) + SECRET,
    "in the end": png((b"IHDR", HEADER), (b"IDAT", STREAM), (b"IEND", SECRET)),
    "a palette that nothing points into": png((b"IHDR", HEADER), (b"PLTE", SECRET + b"x"), (b"IDAT", STREAM), END),
    "a colour that is transparent": png((b"IHDR", HEADER), (b"tRNS", SECRET[:6]), (b"IDAT", STREAM), END),
    "behind the compressed pixels": png((b"IHDR", HEADER), (b"IDAT", STREAM + SECRET), END),
    "in image data that is not read": png(
        (b"IHDR", HEADER), (b"IDAT", STREAM), (b"tEXt", b"a\0b"), (b"IDAT", SECRET), END
    ),
    "in rows below the last": png((b"IHDR", HEADER), (b"IDAT", zlib.compress(ROWS + SECRET, 0)), END),
    "in a chunk of one's own": png((b"IHDR", HEADER), (b"zeBr", SECRET), (b"IDAT", STREAM), END),
}


@pytest.mark.parametrize("place", PNG_HIDING_PLACES)
def test_bytes_that_are_no_pixels_of_a_png_are_dropped(place: str) -> None:
    hiding = PNG_HIDING_PLACES[place]
    cleaned = clean(hiding)
    assert SECRET[:6] in hiding
    assert SECRET[:6] not in cleaned
    assert np.array_equal(decode(cleaned), PIXELS)
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize(("width", "height"), [(1, 1), (3, 9), (5, 4), (8, 8), (17, 2)])
@pytest.mark.parametrize(("kind", "bits"), [(0, 1), (0, 4), (3, 2), (2, 8), (6, 16)])
def test_an_interlaced_png_keeps_its_coded_pixels(width: int, height: int, kind: int, bits: int) -> None:
    samples = {0: 1, 2: 3, 3: 1, 6: 4}[kind]
    steps = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
    rows = b""
    for x, y, across, down in steps:
        columns = len(range(x, width, across))
        rows += len(range(y, height, down)) * bytes(1 + -(-columns * samples * bits // 8)) if columns else b""
    header = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 1)
    palette = [(b"PLTE", bytes(range(12)))] if kind == 3 else []
    bare = png((b"IHDR", header), *palette, (b"IDAT", zlib.compress(rows)), END)
    assert clean(bare + SECRET) == bare


def test_a_webp_with_alpha_and_a_gif_become_plain() -> None:
    image = Image.fromarray(PIXELS)
    for kind, options in (("WEBP", {"lossless": True, "exact": True}), ("GIF", {"comment": SECRET}), ("BMP", {})):
        buffer = io.BytesIO()
        given = image.convert("RGBA" if kind == "WEBP" else "RGB")
        if kind == "WEBP":
            given.putalpha(128)
        given.save(buffer, kind, **options)
        cleaned = clean(buffer.getvalue())
        assert Image.open(io.BytesIO(cleaned)).format == "PNG"
        assert Image.open(io.BytesIO(cleaned)).mode == "RGB"
        assert SECRET not in cleaned
        assert np.array_equal(decode(cleaned), decode(buffer.getvalue()))


@pytest.mark.parametrize("kind", ["PNG", "PPM"])
def test_sixteen_bits_of_grey_keep_their_greys_and_do_not_become_white(kind: str) -> None:
    grey = PIXELS[..., 0].astype(np.uint16) * 256 + PIXELS[..., 1]
    buffer = io.BytesIO()
    Image.fromarray(grey).save(buffer, kind)
    expected = np.repeat(PIXELS[..., :1], 3, axis=2)
    assert np.array_equal(preprocess(buffer.getvalue(), Images(crop="none")), expected)
    assert np.array_equal(decode(clean(buffer.getvalue())), expected)


def test_palettes_with_transparency_lose_only_that() -> None:
    image = Image.fromarray(PIXELS).convert("P")
    buffer = io.BytesIO()
    image.save(buffer, "PNG", transparency=bytes(range(200)))
    assert b"tRNS" in buffer.getvalue()
    cleaned = clean(buffer.getvalue())
    assert b"tRNS" not in cleaned
    expected = np.asarray(image.convert("RGB"))
    assert np.array_equal(decode(cleaned), expected)
    assert np.array_equal(preprocess(buffer.getvalue(), Images(crop="none")), expected)


def test_decoders_that_are_not_listed_are_never_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EpsImagePlugin, "Ghostscript", lambda *_, **__: pytest.fail("Ghostscript was asked"))
    for kind, name in (("EPS", "EPS"), ("TIFF", "TIFF"), ("PDF", "PDF"), ("ICO", "ICO"), ("AVIF", "AVIF or HEIC")):
        with pytest.raises(UnreadableImage, match=f"it is {name}, which is not read; read are JPEG, PNG, WEBP, GIF"):
            clean(encode(kind))
    with pytest.raises(UnreadableImage, match="it is a pointer of Git LFS; fetch the file itself"):
        clean(b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n")


def test_decoders_pixels_without_one_way_to_rgb_are_refused() -> None:
    buffer = io.BytesIO()
    Image.fromarray(PIXELS[..., 0].astype(np.float32)).save(buffer, "PPM")
    with pytest.raises(UnreadableImage, match="its pixels are F"):
        clean(buffer.getvalue())


def test_an_image_that_reading_would_refuse_is_refused_by_import() -> None:
    with pytest.raises(UnreadableImage, match="9000 x 8000 pixels are more than"):
        clean(png((b"IHDR", struct.pack(">IIBBBBB", 9000, 8000, 1, 0, 0, 0, 0)), (b"IDAT", STREAM), END))


def test_colour_profiles_and_orientation_are_not_read_and_so_not_kept() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # rotated
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for kind in ("JPEG", "PNG"):
        tagged = encode(kind, exif=exif, icc_profile=profile)
        assert clean(tagged) == encode(kind)
        assert np.array_equal(preprocess(tagged, Images(crop="none")), decode(encode(kind)))


def test_the_shipped_images_are_clean_already_byte_by_byte() -> None:
    shipped = sorted(Path(farfield_demo.__file__).parent.rglob("*.webp"))
    assert len(shipped) > 2000
    assert [path for path in shipped if clean(encoded := path.read_bytes()) != encoded] == []


@pytest.mark.parametrize("data", [b"", b"hello", encode("PNG")[:60], encode("JPEG")[:200]])
def test_what_cannot_be_decoded_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableImage):
        clean(data)


@pytest.mark.parametrize(("size", "taken"), [((9000, 8000), False), ((70_000, 2), False), ((20_000, 10), True)])
def test_an_import_takes_what_every_method_can_read_and_nothing_else(size: tuple[int, int], taken: bool) -> None:
    """`platform.bad_job` for an image that import accepted and reading refused: they share one rule."""
    file = io.BytesIO()
    Image.new("1", size).save(file, "PNG")
    if taken:
        assert preprocess(clean(file.getvalue()), Images(size=224)).shape == (224, 224, 3)
        return
    with pytest.raises(UnreadableImage, match=f"{size[0]} x {size[1]} pixels"):
        clean(file.getvalue())
