"""FT and its descendants: each is tested by what defines it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from farfield.errors import ConfigError
from farfield.runtime.dataset import LabeledSet
from farfield_baselines import validation
from farfield_baselines.classification import (
    clip_car_ft,
    clip_flyp,
    clip_ft,
    clip_l2_sp,
    clip_lp_ft,
    linear_probe,
    wise_ft,
)
from farfield_baselines.classification import zero_shot as zero_shot_file
from farfield_baselines.networks import fine_tuning, objectives
from farfield_baselines.networks.fine_tuning import interpolate

Make = Callable[..., Any]
TRAINED = (clip_ft, clip_lp_ft, clip_l2_sp, clip_car_ft, wise_ft)


@pytest.fixture
def fitted(build: Make, train: LabeledSet, short: dict[str, Any]) -> Make:
    """fitted(SPEC, settings): the method after training the tiny model."""

    def run(spec: Any, settings: dict[str, Any] | None = None, **changes: Any) -> Any:
        method = build(spec, {**short, **(settings or {})}, **changes)
        method.fit(train)
        return method

    return run


def zero_shot(build: Make, tiny: dict[str, str], images: Any) -> Any:
    return build(zero_shot_file.SPEC.with_input("clip"), {**tiny, "templates": "single"}).predict(images)


@pytest.mark.parametrize("module", TRAINED, ids=lambda m: m.SPEC.name)
def test_before_training_it_is_the_zero_shot_model(
    build: Make, tiny: dict[str, str], short: dict[str, Any], images: Any, module: Any
) -> None:
    before = build(module.SPEC, short).predict(images)
    np.testing.assert_allclose(before, zero_shot(build, tiny, images), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("module", [*TRAINED, clip_flyp], ids=lambda m: m.SPEC.name)
def test_training_fits_the_training_images(fitted: Make, build: Make, short: Any, train: Any, module: Any) -> None:
    settings = {"epochs": 12, "learning_rate": 3e-3} | ({"alpha": 1.0} if module is wise_ft else {})
    before = risk(build(module.SPEC, short), train)
    assert risk(fitted(module.SPEC, settings), train) < 0.7 * before


def risk(method: Any, train: LabeledSet) -> float:
    (batch,) = train.batches(len(train))
    return float(
        functional.cross_entropy(torch.from_numpy(method.predict(batch.inputs)), torch.from_numpy(batch.labels))
    )


@pytest.mark.parametrize("module", [*TRAINED, clip_flyp], ids=lambda m: m.SPEC.name)
def test_the_same_seed_gives_the_same_and_another_does_not(fitted: Make, images: Any, module: Any) -> None:
    first = fitted(module.SPEC).predict(images)
    np.testing.assert_allclose(first, fitted(module.SPEC).predict(images), atol=1e-5)
    assert np.abs(first - fitted(module.SPEC, seed=4).predict(images)).max() > 1e-4


def test_ft_is_the_common_recipe(fitted: Make, build: Make, short: Any, train: Any, images: Any) -> None:
    method = build(clip_ft.SPEC, short)
    recipe = fine_tuning.Recipe(epochs=2, batch_size=4, learning_rate=1e-2, weight_decay=0.1, seed=3)
    fine_tuning.fine_tune(method.network, train, recipe, method.pixels, lambda *_: None)
    np.testing.assert_allclose(method.predict(images), fitted(clip_ft.SPEC).predict(images), atol=1e-5)


def test_the_defaults_are_the_papers() -> None:
    config = clip_ft.SPEC.config()
    assert (config.learning_rate, config.weight_decay) == (3e-5, 0.1)


# LP-FT


def test_lp_ft_starts_from_the_probe(build: Make, short: Any, train: Any, images: Any) -> None:
    still = {**short, "epochs": 1, "learning_rate": 0.0, "l2": 0.01}
    method = build(clip_lp_ft.SPEC, still)
    method.fit(train)
    probe = build(
        linear_probe.SPEC.with_input("clip"),
        {k: short[k] for k in ("model", "checkpoint")} | {"l2": 0.01},
    )
    probe.fit(train)
    np.testing.assert_allclose(method.predict(images), probe.predict(images), rtol=1e-3, atol=1e-3)


def test_lp_ft_keeps_the_zero_shot_weight_of_a_class_without_images(
    build: Make, labeled: Make, short: Any, images: Any
) -> None:
    method = build(clip_lp_ft.SPEC, {**short, "epochs": 1, "learning_rate": 0.0, "l2": 0.01})
    before = method.network.head.weight.detach().clone()
    method.fit(labeled(images, [0, 1] * 4 + [0]))
    assert torch.equal(method.network.head.weight[2], before[2])
    assert not torch.equal(method.network.head.weight[0], before[0])


# WiSE-FT


@pytest.mark.parametrize("alpha", [0.0, 0.3, 1.0])
def test_wise_ft_is_between_its_ends(fitted: Make, build: Make, short: Any, alpha: float) -> None:
    start = build(clip_ft.SPEC, short).network.state_dict()
    end = fitted(clip_ft.SPEC).network.state_dict()
    found = fitted(wise_ft.SPEC, {"alpha": alpha}).network.state_dict()
    assert found.keys() == start.keys()
    for key, value in found.items():
        torch.testing.assert_close(value, (1 - alpha) * start[key] + alpha * end[key], atol=1e-5, rtol=1e-4)


def test_wise_ft_chooses_alpha_on_images_it_was_not_trained_on(
    fitted: Make, train: LabeledSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained_on: list[int] = []
    whole = wise_ft.WiseFT.train
    monkeypatch.setattr(
        wise_ft.WiseFT, "train", lambda self, part: (trained_on.append(len(part)), whole(self, part))[1]
    )
    logged: list[str] = []
    method = fitted(wise_ft.SPEC, {"choose_alpha": True, "validation": 0.34}, log=logged.append)
    assert trained_on == [6]
    kept, held = validation.split(train.labels, 0.34, 3)
    (line,) = logged
    assert line.startswith("validation accuracy (%) by alpha: 0: ")
    assert line.count(":") == 12
    alpha = float(line.rpartition(" ")[2])
    assert alpha in wise_ft.ALPHAS
    accuracies = [float(part.split(": ")[1]) for part in line.split(": ", 1)[1].split("; ")[0].split(", ")]
    assert accuracies.index(max(accuracies)) == wise_ft.ALPHAS.index(alpha)
    found = 100 * validation.accuracy(method.predict, validation.part_of(train, held))
    assert found == pytest.approx(max(accuracies), abs=0.06)
    assert not set(kept) & set(held)


def test_one_training_seed_makes_alphas_points_of_one_curve(fitted: Make, images: Any) -> None:
    fixed = {"alpha": 1.0, "training_seed": 9}
    first, second = (fitted(wise_ft.SPEC, fixed, seed=seed).predict(images) for seed in (1, 2))
    np.testing.assert_allclose(first, second, atol=1e-5)


# L2-SP


def test_l2_sp_by_hand(rng: np.random.Generator) -> None:
    network = fine_tuning.ImageClassifier(torch.nn.Flatten(), rng.normal(size=(3, 4)).astype(np.float32))
    loss = objectives.l2_sp(network, 0.5)
    pixels, labels = torch.randn(2, 4, 1, 1, generator=torch.Generator().manual_seed(0)), torch.tensor([0, 2])
    plain = functional.cross_entropy(network(pixels), labels)
    torch.testing.assert_close(loss(pixels, labels), plain)
    with torch.no_grad():
        network.head.bias += 2.0
    moved = functional.cross_entropy(network(pixels), labels)
    torch.testing.assert_close(loss(pixels, labels), moved + 0.25 * 3 * 4.0)


def test_a_stronger_pull_keeps_the_weights_nearer(fitted: Make, build: Make, short: Any) -> None:
    start = build(clip_ft.SPEC, short).network.state_dict()

    def moved(strength: float) -> float:
        end = fitted(clip_l2_sp.SPEC, {"strength": strength, "epochs": 6}).network.state_dict()
        return float(objectives.squared_distance([(end[k], start[k]) for k in start]))

    free, held, hard = moved(0.0), moved(1.0), moved(100.0)
    assert hard < held < free


# CAR-FT


def test_car_ft_without_weight_is_ft(fitted: Make, images: Any) -> None:
    without = fitted(clip_car_ft.SPEC, {"weight": 0.0}).predict(images)
    np.testing.assert_allclose(without, fitted(clip_ft.SPEC).predict(images), atol=1e-4)


def test_car_ft_keeps_the_context_distribution(fitted: Make, build: Make, short: Any, images: Any) -> None:
    def drift(weight: float) -> float:
        method = fitted(clip_car_ft.SPEC, {"weight": weight, "epochs": 10})
        contexts, before = method.context_weight(), build(clip_car_ft.SPEC, short)
        with torch.inference_mode():
            old, new = (m.network.embed(m.pixels(images)) @ contexts.T for m in (before, method))
            return float(objectives.divergence(old, new, objectives.ZERO_SHOT_FIRST))

    assert drift(30.0) < 0.5 * drift(0.0)


@pytest.mark.parametrize("direction", [objectives.ZERO_SHOT_FIRST, objectives.TUNED_FIRST])
def test_the_divergence_by_hand(rng: np.random.Generator, direction: str) -> None:
    zero_shot, tuned = (torch.from_numpy(rng.normal(size=(4, 5))) for _ in range(2))
    p, q = (x.softmax(1).numpy() for x in (zero_shot, tuned))
    if direction == objectives.TUNED_FIRST:
        p, q = q, p
    expected = (p * np.log(p / q)).sum(axis=1).mean()
    assert float(objectives.divergence(zero_shot, tuned, direction)) == pytest.approx(expected)
    assert float(objectives.divergence(tuned, tuned, direction)) == pytest.approx(0.0, abs=1e-12)


def test_a_contexts_weight_is_the_mean_over_classes(build: Make, short: Any) -> None:
    method = build(clip_car_ft.SPEC, {**short, "contexts": "photo, sketch", "prompt": "a [CONTEXT] of a [CLASS]"})
    texts = [
        method.clip.embed_prompts([f"a {c} of a {n}" for n in ("zebra", "cat", "banana")]) for c in ("photo", "sketch")
    ]
    means = np.stack([text.mean(axis=0) for text in texts])
    expected = method.clip.scale * means / np.linalg.norm(means, axis=1, keepdims=True)
    np.testing.assert_allclose(method.context_weight().numpy(), expected, rtol=1e-5)


def test_with_templates_as_contexts_the_head_is_that_of_its_reimplementers(build: Make, short: Any) -> None:
    """As the setup of Lipsum-FT (1331873) makes it of raw weights [D, templates, classes]."""
    templates = ("a photo of a {}", "a drawing of a {}", "{} in the snow")
    method = build(clip_car_ft.SPEC, {**short, "contexts": "templates", "templates": "|".join(templates)})
    names = ("zebra", "cat", "banana")
    raw = np.stack([method.clip.embed_prompts([t.replace("{}", name) for t in templates]) for name in names]).T
    heads = raw.mean(axis=2)
    heads = heads / np.linalg.norm(heads, axis=0, keepdims=True)
    np.testing.assert_allclose(method.context_weight().numpy(), method.clip.scale * heads.T, rtol=1e-4)
    with pytest.raises(ConfigError, match="templates has a single one"):
        build(clip_car_ft.SPEC, {**short, "contexts": "templates", "templates": "single"}).context_weight()


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"contexts": "photo, photo"}, "contexts: 'photo, photo' has fewer than two; separate them by commas"),
        ({"prompt": "a picture of [CLASS]"}, r"prompt: .* lacks \[CONTEXT\] or \[CLASS\]"),
    ],
)
def test_contexts_that_make_no_distribution_are_refused(
    build: Make, tiny: dict[str, str], settings: dict[str, str], sentence: str
) -> None:
    with pytest.raises(ConfigError, match=sentence):
        build(clip_car_ft.SPEC, {**tiny, **settings})


# FLYP


def test_flyp_minimises_open_clips_own_loss(build: Make, short: Any, images: Any) -> None:
    import open_clip

    method = build(clip_flyp.SPEC, short)
    captions = method.captions([0, 1, 2], np.random.default_rng(0))
    assert captions == ["a photo of a zebra", "a photo of a cat", "a photo of a banana"]
    ours = method.contrast(method.clip.pixels(images[:3]), captions)
    model = method.clip.model
    found = (
        model.encode_image(method.clip.pixels(images[:3]), normalize=True),
        model.encode_text(method.clip.tokens(captions), normalize=True),
    )
    theirs = open_clip.ClipLoss()(*found, model.logit_scale.exp())
    torch.testing.assert_close(ours, theirs)


def test_flyp_trains_both_towers_and_classifies_with_the_new_text(
    fitted: Make, build: Make, tiny: Any, images: Any
) -> None:
    method, before = fitted(clip_flyp.SPEC), build(clip_flyp.SPEC, {**tiny, "templates": "single"})
    old, new = before.clip.model.state_dict(), method.clip.model.state_dict()
    for key in ("visual.conv1.weight", "text_projection", "logit_scale"):
        assert not torch.equal(old[key], new[key])
    weight = method.clip.embed_classes(("zebra", "cat", "banana"), ("a photo of a {}",))
    scale = float(new["logit_scale"].exp())
    np.testing.assert_allclose(
        method.predict(images), scale * method.clip.embed_images(images) @ weight.T, rtol=1e-4, atol=1e-5
    )


def test_interpolation_refuses_other_networks() -> None:
    with pytest.raises(KeyError, match="bias"):
        interpolate({"weight": torch.zeros(1)}, {"weight": torch.zeros(1), "bias": torch.zeros(1)}, 0.5)


@pytest.mark.parametrize("chooses", [False, True])
def test_wise_ft_in_one_submission_has_the_points_of_eleven(fitted: Make, images: Any, chooses: bool) -> None:
    settings = {"alpha": 0.5, "curve": True, "choose_alpha": chooses, "validation": 0.34}
    method = fitted(wise_ft.SPEC, settings)
    own = method.predict(images)
    assert method.curve_points == wise_ft.ALPHAS
    if not chooses:
        for alpha in (1.0, 0.2):
            method.move_to(alpha)
            alone = fitted(wise_ft.SPEC, {"alpha": alpha}).predict(images)
            np.testing.assert_allclose(method.predict(images), alone, rtol=1e-4, atol=1e-4)
    curve = []
    for alpha in wise_ft.ALPHAS:
        method.move_to(alpha)
        curve.append(method.predict(images))
    assert any(np.array_equal(own, at) for at in curve)
    assert np.abs(curve[0] - curve[-1]).max() > 0.1


def test_wise_ft_without_a_curve_keeps_no_second_network(fitted: Make) -> None:
    method = fitted(wise_ft.SPEC)
    assert (method.curve_points, method.kept) == ((), None)
