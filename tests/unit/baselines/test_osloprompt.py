"""OSLoPrompt: its losses beside the release's, its frozen tower, and that what is unknown can be called so."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from tests.unit.baselines import osloprompt_case as case

from farfield import RunContext, parse_config
from farfield.errors import ConfigError
from farfield.runtime.dataset import ArraySource, LabeledSet
from farfield_baselines.classification import osloprompt
from farfield_baselines.networks import clip, prompt_learning

THEIRS = json.loads(Path(__file__).with_name("osloprompt.json").read_text(encoding="utf-8"))
NAMES = ("apple", "bird", "chair", "unknown")


@pytest.fixture(scope="module")
def mini() -> Any:
    return clip.load(clip.Wanted(model="mini-clip"))


def test_the_style_loss_and_the_sum_of_the_losses_are_the_releases() -> None:
    side = prompt_learning.TextSide(case.clip())
    rows, hidden = case.attributes()
    prompts = [[f"A {domain} of a {name}" for name in case.KNOWN] for domain in case.DOMAINS]
    own = prompt_learning.ImagePrompts(side, prompts, prompt_learning.Attributes(rows=rows, hidden=hidden)).eval()
    parts = ("among", "across", "last", "of_attributes", "of_images", "of_all")
    for seed, part in enumerate(parts, start=10):
        case.filled(getattr(own.attention, part), seed)
    case.filled(own.projector, 16)
    images, labels, domains, opened = case.batch()
    by_image = own(images, domains)
    np.testing.assert_allclose(by_image.detach().flatten(1), THEIRS["by_image"], atol=2e-6)
    shown = prompt_learning.Shown(images=images, labels=labels, domains=domains, open_images=opened)
    settings: Any = {"unknown": len(case.KNOWN), "scale": case.SCALE}
    loss = prompt_learning.objective(case.texts(), by_image, shown, style=case.STYLE, **settings)
    without = prompt_learning.objective(case.texts(), by_image, shown, style=0.0, **settings)
    assert float(loss.detach()) == pytest.approx(THEIRS["loss"], rel=1e-5)
    assert float((loss - without).detach()) == pytest.approx(case.STYLE * THEIRS["style"], rel=1e-4)


def test_learned_tokens_pass_the_tower_as_texts_do(mini: Any) -> None:
    side, prompts = prompt_learning.TextSide(mini), ["a photo of a zebra", "an owl"]
    tokens = side.tokens(prompts)
    assert tokens.shape[1] < mini.tokens(prompts).shape[1]
    np.testing.assert_allclose(side.encode(side.embed(tokens), tokens), mini.embed_prompts(prompts), atol=1e-6)


def test_a_pseudo_open_image_lies_halfway_between_two_classes() -> None:
    torch.manual_seed(0)
    images, labels = torch.eye(3)[[0, 0, 1, 2]], torch.tensor([0, 0, 1, 2])
    rows = prompt_learning.between(images, labels, 20)
    assert ((rows > 0).sum(dim=1) == 2).all()
    np.testing.assert_allclose(rows.max(dim=1).values, 0.5**0.5, rtol=1e-6)
    assert len(prompt_learning.between(images[:2], labels[:2], 5)) == 0


def shown_of(mini: Any, count: int, seed: int) -> LabeledSet:
    """Images that lie near the texts of three classes, of two domains."""
    texts = mini.embed_prompts([f"a photo of a {name}" for name in NAMES[:-1]])
    labels = np.arange(count) % 3
    rows = texts[labels] + 0.05 * np.random.default_rng(seed).standard_normal((count, 192))
    return LabeledSet(ArraySource(rows.astype(np.float32)), labels, np.arange(count) % 2)


def context(**settings: Any) -> RunContext:
    config = parse_config(osloprompt.SPEC.config, settings)
    return RunContext(class_names=NAMES, domain_names=("flat", "photographs"), config=config)


def test_it_learns_to_call_unknown_what_lies_between_classes(mini: Any) -> None:
    before = {name: value.clone() for name, value in mini.model.state_dict().items()}
    method = osloprompt.OSLoPrompt(context(epochs=8))
    train, test = shown_of(mini, 24, 0), shown_of(mini, 12, 1)
    method.fit(train)
    rows = next(iter(test.batches(12))).inputs
    middles = np.stack([rows[i] + rows[j] for i, j in ((0, 1), (1, 2), (0, 2), (3, 4), (4, 5), (3, 5))])
    said = method.predict(middles / np.linalg.norm(middles, axis=1, keepdims=True)).argmax(axis=1)
    assert (said == 3).mean() > 0.5
    assert (method.predict(rows).argmax(axis=1) == test.labels).mean() > 0.7
    again = clip.load(clip.Wanted(model="mini-clip")).model.state_dict()
    assert all(torch.equal(value, again[name]) for name, value in before.items())


def test_the_tower_stays_as_it_is_and_the_prompts_do_not(mini: Any) -> None:
    side = prompt_learning.TextSide(mini)
    shared = prompt_learning.SharedContext(side, NAMES)
    shared().sum().backward()
    assert [name for name, _ in shared.named_parameters()] == ["context"]
    assert float(shared.context.grad.abs().sum()) > 0
    assert all(parameter.grad is None for parameter in mini.model.parameters())


def test_pseudo_open_images_and_attributes_may_be_given(mini: Any, tmp_path: Path) -> None:
    Image.new("RGB", (20, 10), (200, 30, 30)).save(tmp_path / "a.png")
    Image.new("RGB", (9, 30), (0, 30, 200)).save(tmp_path / "b.png")
    assert osloprompt.folder_of(str(tmp_path), mini).shape == (2, 192)
    (tmp_path / "broken.png").write_bytes(b"no image")
    with pytest.raises(ConfigError, match="no image that can be read"):
        osloprompt.folder_of(str(tmp_path), mini)
    file = tmp_path / "texts.json"
    file.write_text(json.dumps({"apple": ["a red fruit", "a stalk"], "bird": ["wings"]}), encoding="utf-8")
    found = osloprompt.attributes_of(str(file), ("apple", "bird"), mini)
    assert found.hidden.tolist() == [[False, False], [False, True]]
    np.testing.assert_allclose(found.rows[0, 1], mini.embed_prompts(["a stalk"])[0], atol=1e-6)
    with pytest.raises(ConfigError, match="has no list of texts"):
        osloprompt.attributes_of(str(file), ("apple", "chair"), mini)
    file.write_text(json.dumps({"apple": "a red fruit", "bird": ["wings"]}), encoding="utf-8")
    with pytest.raises(ConfigError, match="has no list of texts"):
        osloprompt.attributes_of(str(file), ("apple", "bird"), mini)
