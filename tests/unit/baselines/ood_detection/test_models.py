"""The models that detectors wrap: their own preprocessing, features and logits, and what is refused."""

import io
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import timm
import torch
from PIL import Image
from safetensors.torch import save_file

from farfield import RunContext
from farfield.errors import ConfigError
from farfield.runtime.images import preprocess
from farfield_baselines.networks.lite0 import Lite0
from farfield_baselines.ood_detection.declare import SHIPPED, ModelConfig, images_of
from farfield_baselines.ood_detection.models import inputs_of, open_model
from farfield_baselines.ood_detection.seeing import seeing_model

NAMES = ("zebra", "cat", "banana")
SYNSETS = (("n02391049",), ("n02123045", "n02123394"), ("n07753592",))


@pytest.fixture
def context(tmp_path: Path) -> RunContext:
    return RunContext(class_names=NAMES, class_synsets=SYNSETS, work_folder=tmp_path)


def weights(name: str, folder: Path, **changes: Any) -> tuple[Any, str]:
    """(a timm model of random weights, the file of them)."""
    torch.manual_seed(0)
    model = timm.create_model(name, pretrained=False, **changes).eval()
    path = folder / f"{name}.safetensors"
    save_file(model.state_dict(), path)
    return model, str(path)


@pytest.mark.parametrize("name", ["test_resnet", "test_vit", "test_efficientnet"])
@pytest.mark.parametrize("classes", [3, 1000])
def test_timm_features_and_logits_are_timms(
    name: str, classes: int, context: RunContext, tmp_path: Path, rng: Any
) -> None:
    model, file = weights(name, tmp_path, num_classes=classes)
    config = ModelConfig(model=f"timm:{name}", checkpoint=file)
    images = rng.integers(0, 256, (2, 160, 160, 3), dtype=np.uint8)
    network = open_model(config, context)
    seen = network.see(images)
    with torch.inference_mode():
        logits = model(network.pixels(images)).numpy()
    head = network.head
    np.testing.assert_allclose(seen.features @ head.weight.T + head.bias, logits, rtol=1e-4, atol=1e-4)
    assert seen.logits.shape == (2, 3)
    if classes == 1000:
        np.testing.assert_allclose(seen.logits[:, 1], logits[:, [281, 283]].max(axis=1), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(network.logits(network.pixels(images)).detach(), seen.logits, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ["test_resnet", "test_vit", "resnet10t", "mobilenetv3_small_050"])
def test_timm_images_are_prepared_as_timm_does(name: str, context: RunContext, tmp_path: Path, rng: Any) -> None:
    _, file = weights(name, tmp_path, num_classes=3)
    config = ModelConfig(model=f"timm:{name}", checkpoint=file)
    picture = Image.fromarray(rng.integers(0, 256, (300, 260, 3), dtype=np.uint8))
    stored = io.BytesIO()
    picture.save(stored, "png")
    ours = open_model(config, context).pixels(preprocess(stored.getvalue(), inputs_of(config))[None])
    theirs: Any = timm.data
    transform = theirs.create_transform(**theirs.resolve_model_data_config(timm.create_model(name)), is_training=False)
    np.testing.assert_allclose(ours[0].numpy(), transform(picture).numpy(), atol=1e-5)


def test_lite0_is_the_cached_backbone(context: RunContext, rng: Any) -> None:
    images = rng.integers(0, 256, (2, 224, 224, 3), dtype=np.uint8)
    network, own = open_model(ModelConfig(), context), Lite0()
    seen = network.see(images)
    np.testing.assert_allclose(seen.features, own.features(images), rtol=1e-5)
    np.testing.assert_allclose(seen.logits[:, 0], own.logits(images)[:, 340], rtol=1e-4, atol=1e-4)


def test_images_of_another_size_are_resized(context: RunContext, rng: Any) -> None:
    images = rng.integers(0, 256, (1, 96, 96, 3), dtype=np.uint8)
    assert open_model(ModelConfig(), context).pixels(images).shape == (1, 3, 224, 224)


def test_clip_features_are_unit_and_logits_scaled_cosines(context: RunContext, rng: Any) -> None:
    images = rng.integers(0, 256, (2, 128, 128, 3), dtype=np.uint8)
    network = open_model(ModelConfig(model="mini-clip"), context)
    seen = network.see(images)
    np.testing.assert_allclose(np.linalg.norm(seen.features, axis=1), 1.0, rtol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(network.head.weight, axis=1), network.head.scale, rtol=1e-5)
    assert inputs_of(ModelConfig(model="mini-clip")).size == 128


@pytest.mark.parametrize("name", SHIPPED)
def test_a_model_that_is_opened_for_images_says_what_the_open_one_says(
    name: str, context: RunContext, rng: Any
) -> None:
    images = rng.integers(0, 256, (2, 128, 128, 3), dtype=np.uint8)
    config = ModelConfig(model=name)
    seeing, network = seeing_model(config, context), open_model(config, context)
    expected, found = network.see(images), seeing.see(images)
    assert found.features.tobytes() == expected.features.tobytes()
    assert found.logits.tobytes() == expected.logits.tobytes()
    assert seeing.see(expected.features).logits.tobytes() == expected.logits.tobytes()
    assert (seeing.head.scale, images_of(config)) == (network.head.scale, inputs_of(config))


def refused(config: ModelConfig, context: RunContext, match: str) -> None:
    for opened in (open_model, seeing_model):
        with pytest.raises(ConfigError, match=match):
            opened(config, context)


def test_names_that_are_not_known_are_refused(context: RunContext) -> None:
    refused(ModelConfig(model="resnet50"), context, "model: 'resnet50' is none of lite0, mini-clip")
    refused(
        ModelConfig(model="timm:resnet5O", checkpoint="x"),
        context,
        "no model called 'resnet5O'; near ones are .*resnet50",
    )
    refused(ModelConfig(model="open_clip:ViT-B-17", pretrained="openai"), context, "near ones are .*ViT-B-16")
    with pytest.raises(ConfigError, match="none of lite0"):
        inputs_of(ModelConfig(model="resnet50"))


def test_a_timm_model_needs_weights_that_fit(context: RunContext, tmp_path: Path) -> None:
    _, file = weights("test_resnet", tmp_path, num_classes=3)
    refused(ModelConfig(model="timm:test_vit", checkpoint=file), context, "checkpoint: ")


def test_a_model_of_other_classes_is_refused(context: RunContext, tmp_path: Path) -> None:
    _, file = weights("test_vit", tmp_path, num_classes=7)
    config = ModelConfig(model="timm:test_vit", checkpoint=file)
    refused(config, context, "has 7 classes; it needs 1000 of ImageNet or the benchmark's 3")


def test_a_model_without_a_linear_classifier_is_refused(context: RunContext, tmp_path: Path) -> None:
    _, file = weights("resnetv2_50", tmp_path, num_classes=3)
    config = ModelConfig(model="timm:resnetv2_50", checkpoint=file)
    refused(config, context, "the classifier of timm:resnetv2_50 is not one linear layer")


def test_a_pickle_is_refused(context: RunContext, tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    path.write_bytes(pickle.dumps({"state_dict": Path("x")}, protocol=2))
    refused(ModelConfig(model="timm:test_vit", checkpoint=str(path)), context, "checkpoint: weights.pth")
