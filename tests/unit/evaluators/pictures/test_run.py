import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.suites.fsdet.made import BASE, BOXES, CLASSES, HEIGHT, NOVEL, WIDTH, board
from tests.suites.fsdet.made import pack as made_pack

from farfield.runtime.masks import encode
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.evaluate import Truth
from farfield_evaluators.pictures.drawing import LEAST_SIDE, colour
from farfield_evaluators.pictures.objects import MOST
from farfield_evaluators.pictures.run import Picture, pictures_of

SCALE = LEAST_SIDE / WIDTH
DOG = NOVEL[1]


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return made_pack(tmp_path_factory.mktemp("made") / "images")


@pytest.fixture
def benchmark() -> Benchmark:
    return replace(board("gfsis"), shows="truth")


@pytest.fixture
def truth(pack: Pack) -> Truth:
    positions = pack.members("test")[::-1]  # a run's order is not the pack's
    count = len(positions)
    labels = np.full(count, -1)
    return Truth(labels=labels, domains=np.zeros(count, np.int64), classes=len(CLASSES), positions=positions)


def outputs(counts: list[int], label: int = DOG, masked: bool = True) -> dict[str, Any]:
    """So many detections of a class at its own place in each image, with falling scores; the mask is a half of it."""
    x, y, w, h = BOXES[label]
    half = np.zeros((HEIGHT, WIDTH), bool)
    half[y : y + h, x : x + w // 2] = True
    runs, total = encode(half), sum(counts)
    arrays = {
        "boxes-rows": np.array(counts),
        "boxes": np.tile(np.array([x, y, x + w, y + h], np.float32), (total, 1)),
        "scores": np.concatenate([np.linspace(0.9, 0.1, count) for count in counts]).astype(np.float32),
        "labels": np.full(total, label, np.int32),
    }
    masks = {
        "mask-runs": np.full(total, len(runs), np.int32),
        "masks": np.tile(runs, total),
        "masks-rows": np.array(counts) * len(runs),
    }
    return arrays | (masks if masked else {})


def by_layer(pictures: list[Picture]) -> dict[tuple[int, str], np.ndarray]:
    """The pixels of each, RGBA."""
    return {(p.place, p.layer): np.asarray(Image.open(io.BytesIO(p.content)).convert("RGBA")) for p in pictures}


def at(pixels: np.ndarray, x: float, y: float) -> tuple[int, ...]:
    """The pixel at a place of the original image."""
    return tuple(pixels[round((y + 0.5) * SCALE), round((x + 0.5) * SCALE)].tolist())


def test_layers_lie_over_the_image_where_things_are(benchmark: Benchmark, pack: Pack, truth: Truth) -> None:
    pictures = list(pictures_of(benchmark, pack, truth, outputs([1, 1])))
    assert [(p.place, p.layer) for p in pictures] == [
        (n, layer) for n in (0, 1) for layer in ("image", "said", "truth")
    ]
    layers = by_layer(pictures)
    assert {pixels.shape for pixels in layers.values()} == {(round(HEIGHT * SCALE), LEAST_SIDE, 4)}
    x, y, w, h = BOXES[DOG]
    said, right = layers[0, "said"], layers[0, "truth"]
    hue = colour(DOG)
    assert at(said, x + w / 4, y + h * 0.75)[:3] == pytest.approx(hue, abs=3)  # within the mask, below the name
    assert at(said, x + w * 0.9, y + h * 0.75)[3] == 0  # within the box alone
    assert at(said, 1, HEIGHT - 2)[3] == 0
    assert 80 < at(right, x + w * 0.9, y + h * 0.75)[3] < 110
    assert layers[0, "image"][..., 3].min() == 255


def test_rows_of_a_run_are_matched_with_images(benchmark: Benchmark, pack: Pack, truth: Truth) -> None:
    """Only the image of the second row has a detection, whichever place that has on the page."""
    pictures = [p for p in pictures_of(benchmark, pack, truth, outputs([0, 1])) if p.layer == "said"]
    turned = replace(truth, positions=truth.positions[::-1])  # type: ignore[index]
    again = [p for p in pictures_of(benchmark, pack, turned, outputs([1, 0])) if p.layer == "said"]
    assert sorted(p.words for p in pictures) == ["dog 0.90", "nothing"]
    assert pictures == again


def test_pictures_are_the_same_for_every_entry_but_what_was_detected(
    benchmark: Benchmark, pack: Pack, truth: Truth
) -> None:
    one, two = (list(pictures_of(benchmark, pack, truth, outputs([1, 1], label))) for label in (0, DOG))
    same = [a.content == b.content for a, b in zip(one, two, strict=True)]
    assert same == [True, False, True] * 2


def test_the_highest_scores_are_drawn_and_said(benchmark: Benchmark, pack: Pack, truth: Truth) -> None:
    words = next(p.words for p in pictures_of(benchmark, pack, truth, outputs([MOST + 5] * 2)) if p.layer == "said")
    assert words.count("dog") == MOST
    assert words.startswith("dog 0.90, ")


def test_boxes_without_masks(benchmark: Benchmark, pack: Pack, truth: Truth) -> None:
    layers = by_layer(list(pictures_of(benchmark, pack, truth, outputs([1, 1], masked=False))))
    x, y, w, h = BOXES[DOG]
    assert at(layers[0, "said"], x + w / 4, y + h * 0.75)[3] == 0
    assert at(layers[0, "said"], x - 0.4, y + h * 0.75)[3] == 255  # the line itself


def test_what_is_there_is_told_in_words(benchmark: Benchmark, pack: Pack, truth: Truth) -> None:
    words = {p.words for p in pictures_of(benchmark, pack, truth, outputs([0, 0])) if p.layer == "truth"}
    assert words == {", ".join(f"1 {CLASSES[label]}" for label in (*BASE, *NOVEL))}


def test_a_benchmark_that_shows_less(benchmark: Benchmark, pack: Pack, truth: Truth) -> None:
    layers = {p.layer for p in pictures_of(replace(benchmark, shows="images"), pack, truth, outputs([1, 1]))}
    assert layers == {"image", "said"}
    assert list(pictures_of(replace(benchmark, shows=""), pack, truth, {})) == []
    assert benchmark.comparability_key("f") == replace(benchmark, shows="").comparability_key("f")


def test_a_picture_fits_what_a_site_takes(benchmark: Benchmark, pack: Pack, truth: Truth) -> None:
    for picture in pictures_of(benchmark, pack, truth, outputs([MOST, MOST])):
        assert picture.content[:4] + picture.content[8:12] == b"RIFFWEBP"
        assert len(picture.content) < 256 << 10


def test_made_in_the_same_bytes_again(benchmark: Benchmark, pack: Pack, truth: Truth, tmp_path: Path) -> None:
    once, again = (list(pictures_of(benchmark, pack, truth, outputs([2, 1]))) for _ in range(2))
    assert once == again
