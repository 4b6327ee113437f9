"""The core: open_clip's own zero-shot classifier, its templates and names, and what is refused."""

import pickle
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import pytest
import torch
from PIL import Image

from farfield.config import parse_config
from farfield.errors import ConfigError
from farfield_baselines import prompts
from farfield_baselines.classification import zero_shot
from farfield_baselines.clip_methods import inputs_for
from farfield_baselines.networks import clip
from farfield_baselines.networks.clip import Wanted

Make = Callable[..., Any]
SPEC = zero_shot.SPEC.with_input("clip")
NAMES = ("zebra", "cat", "banana")


def their_logits(settings: Mapping[str, str], images: Any, templates: Any, names: Any = NAMES) -> Any:
    """open_clip's model, transform, tokenizer and classifier, as its own zero-shot evaluation uses them."""
    model, _, preprocess = open_clip.create_model_and_transforms(settings["model"], pretrained=settings["checkpoint"])
    tokenizer = open_clip.get_tokenizer(settings["model"])
    weight = open_clip.build_zero_shot_classifier(model.eval(), tokenizer, names, templates)
    pixels = torch.stack([preprocess(Image.fromarray(image)) for image in images])
    with torch.inference_mode():
        features = model.encode_image(pixels, normalize=True)
        return (model.logit_scale.exp() * features @ weight).numpy()


@pytest.fixture
def mini() -> dict[str, str]:
    clip.config_name(clip.MINI)
    return {"model": clip.MINI_CONFIG, "checkpoint": str(clip.WEIGHTS / "mini_clip.safetensors")}


def test_a_model_that_is_loaded_later_splits_texts_as_open_clip_does(tiny: dict[str, str]) -> None:
    texts = [template("okapi") for template in open_clip.OPENAI_IMAGENET_TEMPLATES]
    first, second = (clip.load(Wanted(**tiny)) for _ in range(2))
    first.tokens(["an okapi unlike another", *texts])
    assert torch.equal(second.tokens(texts), open_clip.get_tokenizer(tiny["model"])(texts))


def test_80_templates_equal_open_clips_classifier(build: Make, tiny: dict[str, str], images: Any) -> None:
    ours = build(SPEC, {**tiny, "templates": "openai-80"}).predict(images)
    theirs = their_logits(tiny, images, open_clip.OPENAI_IMAGENET_TEMPLATES)
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5)


def test_the_mini_clip_equals_open_clips_classifier(
    build: Make, mini: dict[str, str], rng: np.random.Generator
) -> None:
    images = rng.integers(0, 256, (3, 128, 128, 3), dtype=np.uint8)
    ours = build(SPEC).predict(images)
    np.testing.assert_allclose(ours, their_logits(mini, images, prompts.ENSEMBLE), rtol=1e-4, atol=1e-4)


def test_the_mini_clips_own_method_gives_the_same(build: Make, rng: np.random.Generator) -> None:
    images = rng.integers(0, 256, (3, 128, 128, 3), dtype=np.uint8)
    embeddings = clip.load(Wanted(model=clip.MINI)).embed_images(images)
    own = build(zero_shot.SPEC).predict(embeddings)
    np.testing.assert_allclose(build(SPEC).predict(images), own, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("setting", "templates"),
    [
        ("single", ("a photo of a {}",)),
        ("a blurry {} | a {}", ("a blurry {}", "a {}")),
        ("openai-80|a {}", None),
    ],
)
def test_templates_of_ones_own(
    build: Make, tiny: dict[str, str], images: Any, setting: str, templates: tuple[str, ...] | None
) -> None:
    if templates is None:
        with pytest.raises(ConfigError, match="a text with {} for the class name, not 'openai-80'"):
            build(SPEC, {**tiny, "templates": setting})
        return
    ours = build(SPEC, {**tiny, "templates": setting}).predict(images)
    np.testing.assert_allclose(ours, their_logits(tiny, images, templates), rtol=1e-5, atol=1e-5)


def test_the_80_templates_are_open_clips() -> None:
    ours = prompts.openai_80()
    assert len(ours) == 80
    for text, theirs in zip(ours, open_clip.OPENAI_IMAGENET_TEMPLATES, strict=True):
        assert prompts.fill(text, "zebra") == theirs("zebra")


def test_auto_suits_the_model() -> None:
    assert prompts.listed_templates("auto", "mini-clip") == prompts.ENSEMBLE
    assert prompts.listed_templates("auto", "ViT-B-16") == prompts.openai_80()


IMAGENET = {"class_names": ("fish", "shark"), "class_synsets": (("n01440764",), ("n01484850",))}


def test_imagenets_classes_get_open_clips_names(build: Make, tiny: dict[str, str], images: Any) -> None:
    single = {**tiny, "templates": "single"}
    ours = build(SPEC, single, **IMAGENET).predict(images)
    names = ("tench", "great white shark")
    assert [open_clip.IMAGENET_CLASSNAMES[n] for n in (0, 2)] == list(names)
    np.testing.assert_allclose(ours, their_logits(tiny, images, prompts.SINGLE, names), rtol=1e-5, atol=1e-5)
    plain = build(SPEC, {**single, "class_names": "benchmark"}, **IMAGENET).predict(images)
    np.testing.assert_allclose(plain, their_logits(tiny, images, prompts.SINGLE, IMAGENET["class_names"]), rtol=1e-5)


def test_classes_of_several_synsets_keep_the_benchmarks_names(build: Make, tiny: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="not every class here is exactly one of them; use benchmark"):
        build(SPEC, {**tiny, "class_names": "open-clip"})


def test_images_are_prepared_as_the_model_wants_them(tiny: dict[str, str]) -> None:
    def how(**settings: str) -> Any:
        return inputs_for(parse_config(SPEC.config, settings))

    assert how() == SPEC.inputs
    assert (how(**tiny).size, how(**tiny).crop) == (32, "center")
    siglip = how(model="ViT-B-16-SigLIP-384", pretrained="webli")
    assert (siglip.size, siglip.crop, siglip.interpolation) == (384, "squash", "bicubic")


def test_images_of_another_size_are_resized(tiny: dict[str, str], rng: np.random.Generator) -> None:
    model = clip.load(Wanted(**tiny))
    flat = np.full((2, 64, 64, 3), 90, np.uint8)
    np.testing.assert_allclose(model.pixels(flat), model.pixels(flat[:, :32, :32]), atol=1e-5)


def test_a_tag_says_how_a_files_images_are_prepared(tiny: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    tag = {"mean": (0.5, 0.5, 0.5), "std": (0.5, 0.5, 0.5), "interpolation": "bilinear", "resize_mode": "squash"}
    monkeypatch.setattr(open_clip, "list_pretrained_tags_by_model", lambda _: ["webli"])
    monkeypatch.setattr(open_clip, "get_pretrained_cfg", lambda *_: tag)
    black = np.zeros((1, 32, 32, 3), np.uint8)
    plain, tagged = (clip.load(Wanted(**tiny, pretrained=name)) for name in ("", "webli"))
    assert plain.model.visual.preprocess_cfg["mean"] == open_clip.OPENAI_DATASET_MEAN
    np.testing.assert_allclose(tagged.pixels(black), -1.0)
    how = clip.inputs_of(Wanted(**tiny, pretrained="webli"))
    assert (how.size, how.crop, how.interpolation) == (32, "squash", "bilinear")


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"model": "ViT-B16"}, r"open_clip has no model called 'ViT-B16'; near ones are ViT-B-16,"),
        ({"model": "VIT-b-16"}, r"near ones are ViT-B-16"),
        ({"model": "mini-klip"}, r"near ones are mini-clip"),
        ({"model": "§§§§§§"}, r"there are mini-clip, .* and others"),
        ({"model": "ViT-B-16"}, r"ViT-B-16 needs weights: give checkpoint, a file, or pretrained, one of openai,"),
        ({"model": "ViT-B-16", "pretrained": "opnai"}, r"ViT-B-16 has no weights called 'opnai'; near ones are openai"),
        ({"model": "ViT-B-16", "checkpoint": "/none.pt"}, r"checkpoint: there is no file '/none.pt'"),
    ],
)
def test_what_is_not_to_be_had_is_named(build: Make, settings: dict[str, str], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        build(SPEC, settings)


def test_weights_that_cannot_be_fetched_are_asked_for_as_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("no network")

    monkeypatch.setattr("open_clip.factory.download_pretrained", refuse)
    with pytest.raises(ConfigError, match="openai of RN50 could not be fetched; .* give the file as checkpoint"):
        clip.load(Wanted(model="RN50", pretrained="openai"))


class Touch:
    """A pickle that leaves a trace when it is loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
@pytest.mark.parametrize("save", ["pickle", "torch"])
def test_a_pickle_is_refused_and_never_run(tiny: dict[str, str], tmp_path: Path, save: str) -> None:
    trace, path = tmp_path / "trace", tmp_path / "model.pt"
    if save == "torch":
        torch.save({"state_dict": Touch(trace)}, path)
    else:
        path.write_bytes(pickle.dumps(Touch(trace)))
    with pytest.raises(ConfigError, match="checkpoint: model.pt is a pickle of more than tensors.*is refused; save"):
        clip.load(Wanted(model=tiny["model"], checkpoint=str(path)))
    assert not trace.exists()


def test_a_torchscript_archive_is_refused(tiny: dict[str, str], tmp_path: Path) -> None:
    import zipfile

    path = tmp_path / "model.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model/constants.pkl", b"")
    with pytest.raises(ConfigError, match="model.pt is a TorchScript archive, which is a program and is refused"):
        clip.load(Wanted(model=tiny["model"], checkpoint=str(path)))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"junk that is no file of weights", "is no file of weights: it begins with"),
        (b"", "is empty"),
    ],
)
def test_a_damaged_file_is_named(tiny: dict[str, str], tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=f"checkpoint: model.safetensors {sentence}"):
        clip.load(Wanted(model=tiny["model"], checkpoint=str(path)))


def test_weights_of_another_model_are_named(tiny: dict[str, str]) -> None:
    path = str(clip.WEIGHTS / "mini_clip.safetensors")
    with pytest.raises(ConfigError, match="mini_clip.safetensors does not fit the model: "):
        clip.load(Wanted(model=tiny["model"], checkpoint=path))


def test_torchs_tensors_alone_are_read(tiny: dict[str, str], tmp_path: Path, images: Any) -> None:
    from safetensors.torch import load_file

    path = tmp_path / "tiny.pt"
    tensors = {f"module.{name}": tensor for name, tensor in load_file(tiny["checkpoint"]).items()}
    torch.save({"state_dict": tensors}, path)
    ours = clip.load(Wanted(model=tiny["model"], checkpoint=str(path))).embed_images(images)
    np.testing.assert_array_equal(ours, clip.load(Wanted(**tiny)).embed_images(images))


def test_class_names_that_are_not_unique_are_remarked(tiny: dict[str, str], capsys: pytest.CaptureFixture) -> None:
    model = clip.load(Wanted(**tiny))
    capsys.readouterr()
    embedded = model.embed_classes(["missile", "dog", "Missile", "cat", "crane", "crane", "crane"], ["a photo of a {}"])
    said = capsys.readouterr().out
    assert said.startswith("class names: classes 0 and 2 are both called missile, 4 and 5 and 6 are all called crane: ")
    np.testing.assert_array_equal(embedded[4], embedded[5])
    model.embed_classes(["dog", "cat"], ["a photo of a {}"])
    assert capsys.readouterr().out == ""
