"""A method on images says the same of the features that the platform has of them, whichever network they are of.

And to the last bit the same where the platform tells it its network's text embeddings, too.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import timm
from safetensors.torch import save_file

from farfield import RunContext
from farfield.frozen import IMAGES, features_wanted
from farfield.precision import VARIABLE, Precision
from farfield.runtime.dataset import ArraySource, LabeledSet
from farfield.texts import Embedded, Texts
from farfield_baselines.backbones import BACKBONES
from farfield_baselines.ood_detection.declare import ModelConfig
from farfield_baselines.ood_detection.models import open_model
from farfield_baselines.plugin import farfield_methods

CLASSES: dict[str, Any] = {"class_names": ("goldfish", "tench"), "class_synsets": (("n01443537",), ("n01440764",))}
METHODS = {spec.name: spec for spec in farfield_methods()}


def checkpoint(folder: Path) -> dict[str, str]:
    """A small network of timm's with two classes, as a file."""
    network = timm.create_model("test_resnet.r160_in1k", num_classes=2)
    save_file(network.state_dict(), folder / "small.safetensors")
    return {"model": "timm:test_resnet.r160_in1k", "checkpoint": str(folder / "small.safetensors")}


@pytest.mark.parametrize(
    ("method", "model", "backbones"),
    [
        ("energy", {}, ["efficientnet-lite0"]),
        ("mcm", {}, ["mini-clip"]),
        ("energy", None, ["timm"]),
        ("lite0", {}, ["efficientnet-lite0"]),
        ("zero-shot", {"input": "clip", "templates": "single"}, ["mini-clip"]),
        ("neglabel", {"candidates": 8, "negatives": 4, "groups": 2}, ["mini-clip"]),
        ("cooked", {"templates": "single"}, ["efficientnet-lite0", "mini-clip"]),
        ("zode", {}, ["efficientnet-lite0", "mini-clip"]),
    ],
)
def test_features_in_the_place_of_images_say_the_same(
    method: str, model: dict[str, Any] | None, backbones: list[str], tmp_path: Path
) -> None:
    settings = checkpoint(tmp_path) if model is None else model
    spec, values = METHODS[method].chosen(settings)
    wanted = features_wanted(spec.describe(), values)
    assert wanted is not None
    assert [name for name, _ in wanted.backbones] == backbones
    config = spec.config(**values)
    images_of = spec.inputs_of(config)
    images = np.random.default_rng(0).integers(0, 255, (8, images_of.size, images_of.size, 3), np.uint8)
    known = {each.name: each for each in BACKBONES}
    assert {known[name].inputs_of(of) for name, of in wanted.backbones} == {images_of}
    features = np.concatenate([known[name].network("cpu", of)(images) for name, of in wanted.backbones], axis=1)
    asked: list[str] = []

    def told(name: str, of: Any, prompts: Any) -> Embedded:
        assert (name, of) in [(each, {k: v for k, v in rest.items() if k != IMAGES}) for each, rest in wanted.backbones]
        asked.append(name)
        tower = known[name].text_tower("cpu", of)
        return Embedded(embeddings=tower.embed(prompts), scale=tower.scale)

    said = []
    for inputs, texts in ((images, None), (features, None), (features, Texts(told))):
        built = spec.build(RunContext(config=config, work_folder=tmp_path, texts=texts, **CLASSES))
        if hasattr(built, "fit"):
            built.fit(LabeledSet(ArraySource(inputs), np.arange(8) % 2, np.zeros(8, np.int64)))
        said.append(built.score(inputs) if hasattr(built, "score") else (built.predict(inputs),))
    assert set(asked) == {"mini-clip"} & set(backbones)
    for on_images, on_features, with_texts in zip(*said, strict=True):
        np.testing.assert_allclose(on_features, on_images, rtol=1e-3, atol=1e-3)
        assert with_texts.tobytes() == on_features.tobytes()


@pytest.mark.parametrize(("model", "backbone"), [("mini-clip", "mini-clip"), ("lite0", "efficientnet-lite0")])
def test_in_bfloat16_a_detector_and_the_platform_round_at_the_same_places(
    model: str, backbone: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, Precision.BFLOAT16)
    network = open_model(ModelConfig(model=model), RunContext(work_folder=tmp_path, **CLASSES))
    known = next(each for each in BACKBONES if each.name == backbone)
    side = known.inputs_of({}).size
    images = np.random.default_rng(0).integers(0, 255, (4, side, side, 3), np.uint8)
    np.testing.assert_array_equal(network.see(images).features, known.network("cpu", {})(images))
