"""timm's classifiers: its own preprocessing, files of weights, classes and test-time augmentation."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import timm
import torch
from PIL import Image
from timm.data import create_transform, resolve_data_config

from farfield.config import parse_config
from farfield.errors import ConfigError
from farfield.runtime.images import preprocess
from farfield_baselines.classification import lite0, timm_classifier
from farfield_baselines.networks import timm_models

Make = Callable[..., Any]
SPEC = timm_classifier.SPEC
SMALL = "test_vit2"  # timm's own for tests: 64 pixels


def saved(path: Path, name: str, **changes: Any) -> str:
    torch.manual_seed(0)
    torch.save(timm.create_model(name, **changes).state_dict(), path)
    return str(path)


@pytest.fixture
def weights(tmp_path: Path) -> str:
    return saved(tmp_path / "small.pth", SMALL, num_classes=3)


@pytest.fixture
def square(rng: np.random.Generator) -> Any:
    return rng.integers(0, 256, (4, 64, 64, 3), dtype=np.uint8)


def test_the_default_is_the_lite0_method(build: Make, rng: np.random.Generator) -> None:
    images = rng.integers(0, 256, (2, 224, 224, 3), dtype=np.uint8)
    assert SPEC.inputs_of(SPEC.config()) == SPEC.inputs == lite0.SPEC.inputs
    np.testing.assert_array_equal(build(SPEC).predict(images), build(lite0.SPEC).predict(images))


def test_pixels_are_timms_own_transforms(weights: str, tmp_path: Path, rng: np.random.Generator) -> None:
    path = tmp_path / "image.png"
    Image.fromarray(rng.integers(0, 256, (90, 120, 3), dtype=np.uint8)).save(path)
    how = resolve_data_config({}, pretrained_cfg=timm.get_pretrained_cfg(SMALL).to_dict())
    theirs = create_transform(**how)(Image.open(path))
    config = parse_config(SPEC.config, {"model": SMALL, "checkpoint": weights})
    pixels = preprocess(path.read_bytes(), SPEC.inputs_of(config))
    ours = timm_models.load(timm_models.Wanted(model=SMALL, checkpoint=weights))._pixels(pixels[None])
    np.testing.assert_allclose(ours[0].numpy(), theirs.numpy(), atol=1e-5)


def test_logits_are_the_networks(build: Make, weights: str, square: Any) -> None:
    network = timm.create_model(SMALL, num_classes=3).eval()
    network.load_state_dict(torch.load(weights, weights_only=True))
    method = build(SPEC, {"model": SMALL, "checkpoint": weights})
    with torch.inference_mode():
        expected = network(method._classifier._pixels(square)).numpy()
    np.testing.assert_allclose(method.predict(square), expected, rtol=1e-4, atol=1e-5)


def test_imagenets_thousand_are_restricted(build: Make, tmp_path: Path, square: Any) -> None:
    path = saved(tmp_path / "thousand.pth", SMALL, num_classes=1000)
    method = build(SPEC, {"model": SMALL, "checkpoint": path})
    everything = method._classifier.logits(square)
    zebra, cats = everything[:, 340], everything[:, [281, 283]].max(axis=1)
    np.testing.assert_array_equal(method.predict(square)[:, :2], np.column_stack([zebra, cats]))


def test_another_number_of_classes_is_refused(build: Make, tmp_path: Path) -> None:
    path = saved(tmp_path / "seven.pth", SMALL, num_classes=7)
    with pytest.raises(
        ConfigError, match="it has 7 classes, the benchmark 3; give one with as many, or with ImageNet's"
    ):
        build(SPEC, {"model": SMALL, "checkpoint": path})


def test_a_file_with_mean_pooling_gets_it(build: Make, tmp_path: Path, square: Any) -> None:
    path = saved(tmp_path / "mean.pth", SMALL, num_classes=3, global_pool="avg")
    network = build(SPEC, {"model": SMALL, "checkpoint": path})._classifier.network
    assert network.global_pool == "avg"


@pytest.mark.parametrize("views", ["flip", "ten-crop"])
def test_views_average_probabilities(build: Make, weights: str, square: Any, views: str) -> None:
    method = build(SPEC, {"model": SMALL, "checkpoint": weights, "views": views})
    classifier = method._classifier
    with torch.inference_mode():
        seen = timm_models.VIEWS[views](classifier._pixels(square))
        expected = torch.stack([classifier.network(view).softmax(1) for view in seen]).mean(0)
    np.testing.assert_allclose(np.exp(method.predict(square)), expected.numpy(), rtol=1e-4)
    np.testing.assert_allclose(method.predict(square[:, :, ::-1]), method.predict(square), rtol=1e-4, atol=1e-4)


def test_the_ten_crops_are_corners_centre_and_mirrors() -> None:
    ramp = torch.arange(16.0).view(1, 1, 1, 16).expand(1, 3, 16, 16)
    views = timm_models.ten_crops(ramp)
    assert len(views) == 10
    assert all(view.shape == (1, 3, 16, 16) for view in views)
    means = [float(view.mean()) for view in views[::2]]
    np.testing.assert_allclose(means, [6.5, 8.5, 6.5, 8.5, 7.5], atol=0.05)
    for view, mirror in zip(views[::2], views[1::2], strict=True):
        assert torch.equal(view.flip(3), mirror)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"model": "resnet5O"}, "timm has no model called 'resnet5O'; near ones are resnet50"),
        ({"model": SMALL, "checkpoint": "/none.pth"}, "checkpoint: there is no file '/none.pth'"),
        ({"model": "lite0", "checkpoint": "/some.pth"}, "lite0 comes with its weights"),
    ],
)
def test_what_is_not_to_be_had_is_named(build: Make, settings: dict[str, str], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        build(SPEC, settings)


def test_a_backbone_and_a_foreign_file_are_refused(build: Make, tmp_path: Path) -> None:
    backbone = saved(tmp_path / "backbone.pth", SMALL, num_classes=0)
    with pytest.raises(ConfigError, match="has no head.weight; it must be of a fine-tuned classifier"):
        build(SPEC, {"model": SMALL, "checkpoint": backbone})
    torch.save({"head.weight": torch.zeros(3, 8)}, tmp_path / "foreign.pth")
    with pytest.raises(ConfigError, match="foreign.pth does not fit the model"):
        build(SPEC, {"model": SMALL, "checkpoint": str(tmp_path / "foreign.pth")})


def test_weights_that_cannot_be_fetched_are_asked_for_as_a_file(build: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no network")

    monkeypatch.setattr("timm.models._builder.load_pretrained", refuse)
    with pytest.raises(ConfigError, match="the weights of test_vit2 could not be fetched; .* give the file"):
        build(SPEC, {"model": SMALL})
