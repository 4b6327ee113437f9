"""Images that are decoded outside of the run: the bytes are those that its own process would have made."""

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.unit.workers.test_feed import Run, request

from farfield import Images
from farfield.choices import BY_SETTINGS
from farfield.runtime.dataset import open_source
from farfield.runtime.exchange import PREPARED, REQUEST, Kind, packed, unpacked
from farfield.runtime.images import FORMATS
from farfield.runtime.job import read_json
from farfield.runtime.streamed import StreamedSource
from farfield_workers.feed import BROKEN
from farfield_workers.pixel_store import Decoder, decoder_of
from farfield_workers.settings import SettingsError
from farfield_workers.withheld import feed_of, part_feeds

PREPARED_SIDE = 24
WAYS = (Images(size=16), Images(size=16, resize=20, interpolation="bilinear"), Images(size=9, crop="squash"))


def pictures() -> list[bytes]:
    """One of each format that a pack may hold, of several sizes, modes and qualities."""
    rng, found = np.random.default_rng(0), []
    for number, (form, mode) in enumerate([(form, "RGB") for form in FORMATS] + [("PNG", "P"), ("JPEG", "CMYK")]):
        pixels = rng.integers(0, 256, (PREPARED_SIDE, PREPARED_SIDE + 3 * number, 3), dtype=np.uint8)
        file = io.BytesIO()
        Image.fromarray(pixels).convert(mode).save(file, form)
        found.append(file.getvalue())
    return found


def lay_out(folder: Path, images: list[bytes]) -> Path:
    """As staging does; every second one is prepared already."""
    folder.mkdir(parents=True)
    (folder / "images.bin").write_bytes(b"".join(images))
    ends = np.cumsum([len(image) for image in images])
    np.save(folder / "spans.npy", np.stack([ends - [len(image) for image in images], ends], axis=1))
    np.save(folder / "prepared.npy", np.arange(len(images)) % 2 * PREPARED_SIDE)
    return folder


def description(how: Images) -> dict[str, object]:
    return {"batch_size": 3, "transductive": False, "inputs": {"kind": "images", **vars(how)}}


@pytest.fixture
def decoder(tmp_path: Path) -> Iterator[Decoder]:
    made = decoder_of(tmp_path / "var", 2, {**description(WAYS[0]), BY_SETTINGS: True}, trusted=False)
    yield made
    made.close()


def given(tmp_path: Path, name: str, how: Images, images: list[bytes], decoder: Decoder) -> np.ndarray:
    """What a run is given of these test images, in order."""
    lay_out(tmp_path / name / "in" / "test", images)
    feed = feed_of(tmp_path / name, description(how), decoder=decoder)
    with feed:
        source = StreamedSource(tmp_path / name / "in" / "test", how, 1)
        batches = []
        for start in range(0, len(images), 3):
            batches.append(source.read(np.arange(start, min(start + 3, len(images)))))
            source.predicted({"logits": np.zeros((len(batches[-1]), 1))})
        source.finish()
        feed.check()
    return np.concatenate(batches)


@pytest.mark.parametrize("how", WAYS)
def test_the_bytes_are_the_same_without_cold_and_warm(tmp_path: Path, how: Images) -> None:
    images = pictures()
    expected = open_source(lay_out(tmp_path / "plain", images), how, 1).read(np.arange(len(images)))
    shares = []
    for name in ("cold", "warm"):
        made = decoder_of(tmp_path / "var", 2, description(how), trusted=False)
        assert given(tmp_path, name, how, images, made).tobytes() == expected.tobytes()
        made.close()
        shares.append(made.cached)
    assert shares == [0.0, 1.0]


def test_another_way_of_preparing_finds_nothing_of_the_first(tmp_path: Path, decoder: Decoder) -> None:
    images = pictures()
    given(tmp_path, "a", Images(size=16), images, decoder)
    given(tmp_path, "b", Images(size=16, interpolation="nearest"), images, decoder)
    assert decoder.cached == 0.0


def test_training_images_are_given_at_any_position_to_several_threads(tmp_path: Path, decoder: Decoder) -> None:
    images, how = pictures(), Images(size=16)
    part = lay_out(tmp_path / "in" / "train", images)
    np.save(part / "labels.npy", np.arange(len(images)))
    expected = open_source(part, how, 1).read(np.arange(len(images)))
    [feed] = part_feeds(tmp_path, decoder)
    assert sorted(path.name for path in part.iterdir()) == ["ask", "give", "labels.npy", "stream.json"]
    with feed, ThreadPoolExecutor(3) as pool:
        source = open_source(part, how, 1)
        orders = [np.random.default_rng(seed).permutation(len(images)) for seed in range(12)]
        for order, found in zip(orders, pool.map(source.read, orders), strict=True):
            np.testing.assert_array_equal(found, expected[order])
        feed.check()


def test_a_method_that_takes_images_as_they_are_gets_them_encoded(tmp_path: Path, decoder: Decoder) -> None:
    lay_out(tmp_path / "in" / "train", pictures()[:2])
    [feed] = part_feeds(tmp_path, decoder)
    with feed:
        [second] = open_source(tmp_path / "in" / "train", Images(crop="none"), 1).read(np.array([1]))
        assert second.shape == (PREPARED_SIDE, PREPARED_SIDE + 3, 3)
    assert decoder.cached is None


def test_an_image_that_cannot_be_decoded_is_the_platforms_fault_and_is_named(tmp_path: Path, decoder: Decoder) -> None:
    lay_out(tmp_path / "in" / "test", [*pictures()[:2], b"no image"])
    feed = feed_of(tmp_path, description(WAYS[0]), decoder=decoder)
    run = Run(tmp_path / "in" / "test", feed)
    with feed:
        run.say(REQUEST.pack(b"FFT1", Kind.PIXELS, 0, bytes(32)) + packed(WAYS[0]) + request(Kind.NEXT, 3))
        failure = run.failure()
    assert (failure.code, failure.infrastructure) == (BROKEN, True)
    assert "image 2: cannot be decoded" in failure.message


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (PREPARED.pack(4, 0, 0, 0), "size 4 is not a whole number in 8..1024"),
        (PREPARED.pack(1 << 31, 0, 0, 0), "is not a whole number in 8..1024"),
        (PREPARED.pack(16, 8, 0, 0), "resize 8 is outside"),
        (PREPARED.pack(16, 0, 3, 0), "no way of preparing"),
        (PREPARED.pack(16, 0, 0, 2), "no way of preparing"),
        (packed(WAYS[0]) + request(Kind.PIXELS, 0) + packed(WAYS[1]), "a second time"),
    ],
)
def test_a_wish_that_is_none_ends_the_run(tmp_path: Path, decoder: Decoder, message: bytes, said: str) -> None:
    lay_out(tmp_path / "in" / "test", pictures()[:2])
    feed = feed_of(tmp_path, description(WAYS[0]), decoder=decoder)
    run = Run(tmp_path / "in" / "test", feed)
    with feed:
        run.say(request(Kind.PIXELS, 0) + message)
        assert said in run.refused()


@pytest.mark.parametrize(("declared", "said"), [(WAYS[0], "declares Images(size=16"), (Images(crop="none"), "none of")])
def test_pixels_that_the_method_does_not_declare_end_the_run(tmp_path: Path, declared: Images, said: str) -> None:
    lay_out(tmp_path / "in" / "test", pictures()[:2])
    made = decoder_of(tmp_path / "var", 2, description(declared), trusted=True)
    feed = feed_of(tmp_path, description(declared), decoder=made)
    run = Run(tmp_path / "in" / "test", feed)
    with feed:
        run.say(request(Kind.PIXELS, 0) + packed(Images(size=1024)))
        refused = run.refused()
    made.close()
    assert "prepared as Images(size=1024" in refused
    assert said in refused


@pytest.mark.parametrize("trusted", [False, True])
def test_what_a_packages_settings_choose_removes_nothing(
    tmp_path: Path, trusted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    images, asked = pictures()[:4], {**description(WAYS[0]), BY_SETTINGS: True}
    monkeypatch.setenv("FARFIELD_PIXELS_GIB", str(4 * (3 * 16**2 + 36) / 2**30))
    shares = []
    for number, how in enumerate((WAYS[0], Images(size=10), WAYS[0])):
        made = decoder_of(tmp_path / "var", 2, asked, trusted=trusted)
        given(tmp_path, str(number), how, images, made)
        made.close()
        shares.append(made.cached)
        notes = "".join(made.notes)
        assert ("a package's settings chose" in notes) == (number == 1 and not trusted)
    assert (shares[:2], shares[2] == 1.0) == ([0.0, 0.0], not trusted)


def test_rows_of_an_array_are_no_pixels_to_be_had(tmp_path: Path, decoder: Decoder) -> None:
    (tmp_path / "in" / "test").mkdir(parents=True)
    np.save(tmp_path / "in" / "test" / "images.npy", np.zeros((3, 2, 2, 1), np.uint8))
    feed = feed_of(tmp_path, description(WAYS[0]), decoder=decoder)
    run = Run(tmp_path / "in" / "test", feed)
    with feed:
        run.say(request(Kind.PIXELS, 0) + packed(WAYS[0]))
        assert "none to be had" in run.refused()


def test_an_older_runner_is_told_nothing_that_it_does_not_know(tmp_path: Path) -> None:
    lay_out(tmp_path / "in" / "test", pictures()[:2])
    with feed_of(tmp_path, description(WAYS[0])):
        assert "pixels" not in read_json(tmp_path / "in" / "test" / "stream.json")


@pytest.mark.parametrize("how", WAYS)
def test_a_way_is_said_as_it_is(how: Images) -> None:
    assert unpacked(packed(how)) == how


def test_a_room_that_is_no_number_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FARFIELD_PIXELS_GIB", "much")
    with pytest.raises(SettingsError, match="FARFIELD_PIXELS_GIB is 'much', which is not a number"):
        decoder_of(tmp_path, 1, description(WAYS[0]), trusted=False)
