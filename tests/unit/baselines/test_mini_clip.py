"""The mini CLIP: open_clip's own embeddings and zero-shot classifier, and the methods on top."""

from collections.abc import Callable
from typing import Any

import numpy as np
import open_clip
import pytest
import torch
from PIL import Image

from farfield.errors import ConfigError
from farfield_baselines import prompts
from farfield_baselines.backbones import MINI_CLIP
from farfield_baselines.classification import zero_shot
from farfield_baselines.networks import mini_clip
from farfield_baselines.ood_detection import mcm

Make = Callable[..., Any]
NAMES = ("zebra", "cat", "banana")


@pytest.fixture(scope="module")
def theirs() -> tuple[Any, Any]:
    """(model, preprocessing) as anyone would load them with open_clip."""
    if mini_clip.NAME not in open_clip.list_models():
        open_clip.add_model_config(mini_clip.WEIGHTS / "mini_clip.json")
    weights = str(mini_clip.WEIGHTS / "mini_clip.safetensors")
    model, _, preprocess = open_clip.create_model_and_transforms("mini_clip", pretrained=weights)
    return model.eval(), preprocess


@pytest.fixture(scope="module")
def model(theirs: tuple[Any, Any]) -> Any:
    return theirs[0]


@pytest.fixture
def embeddings(rng: np.random.Generator) -> Any:
    rows = rng.normal(size=(6, 192)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def classifier(model: Any, templates: tuple[str, ...]) -> Any:
    """open_clip's own: [192, C]."""
    return open_clip.build_zero_shot_classifier(model, open_clip.get_tokenizer("mini_clip"), NAMES, templates).numpy()


def test_backbone_embeddings_are_open_clips(theirs: tuple[Any, Any], rng: np.random.Generator) -> None:
    model, preprocess = theirs
    images = rng.integers(0, 256, (2, 128, 128, 3), dtype=np.uint8)
    ours = MINI_CLIP.build("cpu")(images)
    pixels = torch.stack([preprocess(Image.fromarray(image)) for image in images])
    with torch.inference_mode():
        expected = model.encode_image(pixels, normalize=True).numpy()
    np.testing.assert_allclose(ours, expected, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(ours, axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize(
    ("setting", "templates"),
    [("ensemble", prompts.ENSEMBLE), ("single", prompts.SINGLE), ("a blurry {}", ("a blurry {}",))],
)
def test_zero_shot_equals_open_clips(
    build: Make, model: Any, embeddings: Any, setting: str, templates: tuple[str, ...]
) -> None:
    logits = build(zero_shot.SPEC, {"templates": setting}).predict(embeddings)
    scale = float(model.logit_scale.detach().exp())
    np.testing.assert_allclose(logits, scale * embeddings @ classifier(model, templates), rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("tau", [0.01, 1.0])
def test_mcm_by_hand(build: Make, model: Any, embeddings: Any, tau: float) -> None:
    score, _ = build(mcm.SPEC.with_input("mini-clip"), {"tau": tau}).score(embeddings)
    cosines = torch.from_numpy(embeddings @ classifier(model, prompts.SINGLE)).double()
    np.testing.assert_allclose(score, (cosines / tau).softmax(1).amax(1).numpy(), rtol=1e-3)


def test_mcm_classifies_as_zero_shot_does(build: Make, embeddings: Any) -> None:
    _, logits = build(mcm.SPEC.with_input("mini-clip"), {"templates": "ensemble"}).score(embeddings)
    np.testing.assert_allclose(logits, build(zero_shot.SPEC).predict(embeddings), rtol=1e-4, atol=1e-4)


def test_a_template_without_a_place_for_the_name_is_refused(build: Make) -> None:
    with pytest.raises(ConfigError, match="a text with {} for the class name, not 'a photo'"):
        build(zero_shot.SPEC, {"templates": "a photo"})


def test_other_braces_of_a_template_are_text() -> None:
    assert prompts.fill("{0} {} {x}", "cat") == "{0} cat {x}"


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        pytest.fail("a download was tried")

    monkeypatch.setattr("open_clip.factory.download_pretrained", refuse)
    monkeypatch.setattr("open_clip.factory.download_pretrained_from_hf", refuse)
    monkeypatch.setattr("timm.models._builder.load_pretrained", refuse)
    mini_clip.load("cpu")
