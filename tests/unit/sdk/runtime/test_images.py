"""Decoding and preprocessing: equal to torchvision's transforms to the pixel, and plain about damaged input."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torchvision.transforms as tv  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from farfield import Images
from farfield.errors import JobError
from farfield.runtime import images
from farfield.runtime.images import EncodedImages, preprocess

MODES = {
    "bicubic": tv.InterpolationMode.BICUBIC,
    "bilinear": tv.InterpolationMode.BILINEAR,
    "nearest": tv.InterpolationMode.NEAREST,
}


def encoded(width: int, height: int, *, mode: str = "RGB", form: str = "PNG", seed: int = 0) -> bytes:
    rng = np.random.default_rng(seed)
    image = Image.fromarray(rng.integers(0, 256, (height, width, 3), dtype=np.uint8)).convert(mode)
    file = io.BytesIO()
    image.save(file, form)
    return file.getvalue()


@settings(max_examples=60)
@given(
    st.integers(1, 90),
    st.integers(1, 90),
    st.integers(8, 40),
    st.integers(0, 20),
    st.sampled_from(sorted(MODES)),
    st.sampled_from(["center", "squash"]),
)
def test_pixels_equal_torchvisions(
    width: int, height: int, size: int, extra: int, interpolation: Any, crop: Any
) -> None:
    data = encoded(width, height, seed=width)
    how = Images(size=size, resize=size + extra, interpolation=interpolation, crop=crop)
    filter_ = MODES[interpolation]
    centre = tv.Compose([tv.Resize(size + extra, filter_), tv.CenterCrop(size)])
    transform = centre if crop == "center" else tv.Resize((size, size), filter_)
    expected = np.asarray(transform(Image.open(io.BytesIO(data)).convert("RGB")))
    np.testing.assert_array_equal(preprocess(data, how), expected)


def test_without_resize_the_shorter_side_is_the_crop() -> None:
    data = encoded(50, 31)
    expected = tv.Compose([tv.Resize(24, MODES["bicubic"]), tv.CenterCrop(24)])(Image.open(io.BytesIO(data)))
    np.testing.assert_array_equal(preprocess(data, Images(size=24)), np.asarray(expected))


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "CMYK", "1"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    data = encoded(20, 20, mode=mode, form="JPEG" if mode == "CMYK" else "PNG")
    pixels = preprocess(data, Images(size=16))
    assert pixels.shape == (16, 16, 3)
    assert pixels.dtype == np.uint8


def test_uncropped_images_keep_their_size() -> None:
    assert preprocess(encoded(20, 31), Images(crop="none")).shape == (31, 20, 3)


def store(folder: Path, items: list[bytes]) -> tuple[Path, np.ndarray[Any, np.dtype[np.int64]]]:
    blob = folder / "images.bin"
    blob.write_bytes(b"".join(items))
    ends = np.cumsum([len(i) for i in items])
    return blob, np.stack([ends - [len(i) for i in items], ends], axis=1).astype(np.int64)


def test_reads_by_position_in_the_order_asked(tmp_path: Path) -> None:
    items = [encoded(20 + i, 24, seed=i) for i in range(5)]
    blob, spans = store(tmp_path, items)
    stored = EncodedImages(blob, spans[[4, 2, 0]], Images(size=16), threads=2)
    assert len(stored) == 3
    expected = [preprocess(items[i], Images(size=16)) for i in (0, 4, 0)]
    np.testing.assert_array_equal(stored.read([2, 0, 2]), np.stack(expected))
    stored.close()
    with pytest.raises(RuntimeError):
        stored.read([0])


def hostile() -> dict[str, bytes]:
    png, jpeg = encoded(40, 40), encoded(40, 40, form="JPEG")
    return {
        "empty": b"",
        "text": b"not an image at all",
        "cut png": png[: len(png) // 2],
        "cut jpeg": jpeg[: len(jpeg) // 3],
        "header only": png[:20],
        "flipped": png[:60] + bytes(255 - b for b in png[60:90]) + png[90:],
        "claims to be vast": png[:16] + (2**31 - 1).to_bytes(4, "big") * 2 + png[24:],
    }


@pytest.mark.parametrize("kind", sorted(hostile()))
def test_a_damaged_image_is_named_by_its_position(tmp_path: Path, kind: str) -> None:
    blob, spans = store(tmp_path, [encoded(20, 20), hostile()[kind]])
    stored = EncodedImages(blob, spans, Images(size=16))
    with pytest.raises(JobError, match=r"^image 1: cannot be decoded"):
        stored.read(np.arange(2))


@settings(max_examples=80)
@given(st.binary(max_size=60), st.integers(0, 2000), st.binary(min_size=1, max_size=4))
def test_any_damage_gives_pixels_or_a_job_error(noise: bytes, place: int, patch: bytes) -> None:
    for form in ("PNG", "JPEG", "WEBP"):
        good = encoded(16, 16, form=form)
        at = place % len(good)
        for data in (noise, good[:at] + patch + good[at + len(patch) :]):
            try:
                assert preprocess(data, Images(size=8)).shape == (8, 8, 3)
            except JobError as error:
                assert error.code == "platform.bad_job"


@pytest.mark.parametrize("size", [(9000, 8000), (70_000, 2), (2, 70_000)])
def test_an_image_beyond_the_rule_of_imports_is_refused_in_reading(size: tuple[int, int]) -> None:
    """`platform.bad_job` for what an import accepted: both go by the one rule."""
    assert "pixels" in images.size_problem(size)
    file = io.BytesIO()
    Image.new("1", size).save(file, "PNG")
    with pytest.raises(JobError, match=f"{size[0]} x {size[1]} pixels"):
        preprocess(file.getvalue(), Images(size=8))


@pytest.mark.parametrize("size", [(20_000, 10), (10, 20_000), (65_535, 1), (8000, 8000), (1, 1)])
@pytest.mark.parametrize("how", [Images(size=224), Images(size=64, resize=2048), Images(size=8, crop="squash")])
def test_what_an_import_accepts_every_method_can_read(size: tuple[int, int], how: Images) -> None:
    assert images.size_problem(size) == ""
    file = io.BytesIO()
    Image.new("L", size, 130).save(file, "PNG")
    pixels = preprocess(file.getvalue(), how)
    assert pixels.shape == (how.size, how.size, 3)
    assert (pixels == 130).all()


@pytest.mark.parametrize("size", [(300, 3), (3, 300), (90, 7), (31, 30)])
@pytest.mark.parametrize("interpolation", sorted(MODES))
def test_the_window_of_a_long_image_has_the_pixels_of_the_whole(
    size: tuple[int, int], interpolation: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, how = encoded(*size), Images(size=16, resize=40, interpolation=interpolation)
    whole = preprocess(data, how)
    monkeypatch.setattr(images, "MAX_PIXELS", 1000)  # now the scaled image is too large
    assert np.abs(whole.astype(int) - preprocess(data, how)).max() <= 1


def test_pillows_own_limit_becomes_a_job_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(JobError, match="cannot be decoded: DecompressionBomb"):
        preprocess(encoded(40, 40), Images(size=8))


@pytest.mark.parametrize(
    ("spans", "message"),
    [
        (np.array([[0, 10], [5, 99]]), "image 1 does not lie within the 10 bytes of images.bin"),
        (np.array([[-1, 3]]), "image 0 does not lie within"),
        (np.array([[5, 3]]), "image 0 does not lie within"),
        (np.array([0, 3]), "whole numbers"),
        (np.array([[0.0, 3.0]]), "whole numbers"),
        (np.array([[0, 1, 2]]), "whole numbers"),
    ],
)
def test_spans_that_cannot_be_are_refused(tmp_path: Path, spans: Any, message: str) -> None:
    blob = tmp_path / "images.bin"
    blob.write_bytes(b"0123456789")
    with pytest.raises(JobError, match=message):
        EncodedImages(blob, spans, Images())


@pytest.mark.parametrize(("size", "resize", "corner"), [(24, 32, 0), (24, None, 0), (16, 20, 4)])
def test_a_prepared_image_is_cropped_and_never_enlarged_first(
    size: int, resize: int | None, corner: int, tmp_path: Path
) -> None:
    blob, spans = store(tmp_path, [encoded(24, 24), encoded(24, 24, seed=1)])
    declared = Images(size=size, resize=resize)
    stored = EncodedImages(blob, spans, declared, prepared=np.array([24, 0]))
    pixels = np.asarray(Image.open(io.BytesIO(encoded(24, 24))))
    first, second = stored.read([0, 1])
    np.testing.assert_array_equal(first, pixels[corner : corner + size, corner : corner + size])
    np.testing.assert_array_equal(second, preprocess(encoded(24, 24, seed=1), declared))
    stored.close()


@pytest.mark.parametrize("declared", [Images(size=32), Images(size=16, crop="squash"), Images(crop="none")])
def test_a_prepared_image_is_otherwise_as_any_other(declared: Images) -> None:
    assert images.as_prepared(declared, 24) == (declared if declared.crop != "center" else Images(size=32, resize=32))
    assert images.as_prepared(declared, 0) == declared
