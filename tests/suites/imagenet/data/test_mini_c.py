"""The corruptions that are made at import, and the pack of them."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from farfield_evaluators.data.demo import demo_root
from farfield_evaluators.metrics.corruption import MAIN
from farfield_evaluators.suites.imagenet.benchmarks import MINI_C
from farfield_evaluators.suites.imagenet.data import mini_c
from farfield_evaluators.suites.imagenet.data.corruptions import CORRUPTIONS, SEVERITIES, corrupted, disk


@pytest.fixture(scope="module")
def photograph() -> np.ndarray:
    path = next(iter(sorted((demo_root() / "photographs").glob("*.webp"))))
    return np.asarray(Image.open(path).convert("RGB").resize((96, 96)))


def draws() -> np.random.RandomState:
    return np.random.RandomState(0)


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_each_severity_is_further_from_the_picture(name: str, photograph: np.ndarray) -> None:
    versions = [corrupted(photograph, name, severity, draws()) for severity in SEVERITIES]
    assert {(v.dtype, v.shape) for v in versions} == {(np.dtype(np.uint8), photograph.shape)}
    distances = [float(np.abs(v.astype(int) - photograph).mean()) for v in versions]
    assert distances == sorted(distances)
    assert distances[0] > 0.5
    assert (corrupted(photograph, name, 3, draws()) == versions[2]).all()


def test_noise_has_the_published_strength() -> None:
    grey = np.full((200, 200, 3), 128, np.uint8)
    noisy = corrupted(grey, "gaussian_noise", 1, draws()).astype(float) / 255
    assert noisy.std() == pytest.approx(0.08, rel=0.02)
    salted = corrupted(grey, "impulse_noise", 5, draws())
    assert [float((salted == value).mean()) for value in (0, 255)] == pytest.approx([0.135, 0.135], rel=0.03)


def test_the_formulas_by_hand() -> None:
    flat = np.full((10, 10, 3), 100, np.uint8)
    flat[:5] = 200
    assert sorted(np.unique(corrupted(flat, "contrast", 5, draws()))) == [147, 152]  # 150 -+ 50 * .05, truncated
    assert set(np.unique(corrupted(np.full((4, 4, 3), 51, np.uint8), "brightness", 2, draws()))) == {102}
    assert (corrupted(np.zeros((4, 4, 3), np.uint8), "brightness", 5, draws()) == 127).all()
    stripes = np.tile(np.array([0, 255], np.uint8), (8, 4))[..., None].repeat(3, axis=2)
    assert set(np.unique(corrupted(stripes, "pixelate", 3, draws())).tolist()) <= set(range(80, 176))


def test_jpeg_compression_is_jpeg(photograph: np.ndarray) -> None:
    buffer = io.BytesIO()
    Image.fromarray(photograph).save(buffer, "JPEG", quality=7)
    assert (corrupted(photograph, "jpeg_compression", 5, draws()) == np.asarray(Image.open(buffer))).all()


@pytest.mark.parametrize(("radius", "smoothing"), [(3, 0.1), (10, 0.5)])
def test_a_disk_is_round_and_keeps_the_light(radius: int, smoothing: float) -> None:
    kernel = disk(radius, smoothing)
    assert kernel.sum() == pytest.approx(1, abs=0.011)  # the smoothing mirrors at the kernel's edge, as the release's
    assert kernel == pytest.approx(kernel.T)
    assert kernel == pytest.approx(kernel[::-1, ::-1])
    assert kernel[len(kernel) // 2, len(kernel) // 2 + radius - 1] > 0.9 / (np.pi * radius**2 + 4 * radius)


def test_defocus_is_that_convolution(photograph: np.ndarray) -> None:
    small = photograph[:40, :40].astype(float) / 255
    kernel, reach = disk(3, 0.1), 8
    padded = np.pad(small, ((reach, reach), (reach, reach), (0, 0)), mode="reflect")
    slow = sum(
        kernel[i, j] * padded[i : i + 40, j : j + 40]
        for i in range(len(kernel))
        for j in range(len(kernel))
        if kernel[i, j]
    )
    found = corrupted(photograph[:40, :40], "defocus_blur", 1, draws())
    assert np.abs(found - slow * 255).max() <= 1 + 1e-6


def test_an_unknown_severity(photograph: np.ndarray) -> None:
    with pytest.raises(IndexError, match="from 1 to 5, not 0"):
        corrupted(photograph, "contrast", 0, draws())


def test_the_pack_would_hold_every_photograph_under_every_corruption() -> None:
    source = mini_c.mini_c_source(demo_root())
    sets = [source.examples[i].set for i in range(len(source.examples))]
    assert len(sets) == 184 + 116 * len(CORRUPTIONS) * len(SEVERITIES)
    assert {d.set for d in MINI_C.domains} | {MINI_C.train_set} == set(sets)
    assert set(CORRUPTIONS) < set(MAIN)
    assert dict(source.prepared) == dict.fromkeys((f"c/{name}" for name in CORRUPTIONS), 224)


def test_an_example_is_reproducible_and_of_224_pixels() -> None:
    examples = mini_c.mini_c_source(demo_root()).examples
    example = examples[len(examples) - 1]
    assert (example.set, example.domain) == ("c/jpeg_compression", 5)
    image = Image.open(io.BytesIO(example.stored()))
    assert (image.format, image.size) == ("JPEG", (224, 224))
    assert example.stored() == example.stored()


def test_a_small_pack_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mini_c, "CORRUPTIONS", {"contrast": CORRUPTIONS["contrast"]})
    monkeypatch.setattr(mini_c, "SEVERITIES", (1, 5))
    pack = mini_c.import_mini_c(tmp_path)
    assert pack.counts() == {"c/contrast": 232, "id/test": 116, "id/train": 68}
    assert sorted(pack.labels[pack.members("c/contrast")].tolist()) == sorted(
        2 * pack.labels[pack.members("id/test")].tolist()
    )
