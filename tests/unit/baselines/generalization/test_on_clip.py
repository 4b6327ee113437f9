"""The methods on a CLIP model, each against its defining property, on the mini CLIP that is shipped."""

from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from scipy.special import softmax
from scipy.stats import entropy

from farfield import Batch, MethodSpec, RunContext, parse_config
from farfield.errors import ConfigError
from farfield_baselines.generalization import clip_car_ft, clip_erm, clip_linear_probe, clip_wise_ft, clip_zero_shot
from farfield_baselines.generalization.clip import images_for
from farfield_baselines.generalization.core import Environment
from farfield_baselines.networks import mini_clip

NAMES = ("zebra", "cat", "banana")
TEMPLATES = ("a photo of a {}", "a cartoon of a {}")
PROMPTS = {"templates": "|".join(TEMPLATES)}
SIDE = 128


def built(spec: MethodSpec, **settings: Any) -> Any:
    config: Any = parse_config(spec.config, {**PROMPTS, **settings})
    return spec.build(RunContext(class_names=NAMES, domain_names=("x", "y"), seed=3, config=config))


def inner(method: Any) -> Any:
    """The algorithm inside, built for images of the model's size."""
    return method.algorithm(np.zeros((1, SIDE, SIDE, 3), np.uint8), 2)


def state(method: Any) -> dict[str, torch.Tensor]:
    return {name: value.detach().clone() for name, value in inner(method).parts.state_dict().items()}


def changed(before: dict[str, torch.Tensor], after: dict[str, torch.Tensor]) -> set[str]:
    return {name for name, value in before.items() if not torch.equal(value, after[name])}


@pytest.fixture(scope="module")
def images() -> Any:
    return np.random.default_rng(1).integers(0, 256, (6, SIDE, SIDE, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def minibatches(images: Any) -> list[Batch]:
    """Two domains of three images."""
    labels = np.array([0, 1, 2])
    return [Batch(inputs=images[3 * d : 3 * d + 3], labels=labels, domains=np.full(3, d)) for d in range(2)]


@pytest.fixture(scope="module")
def theirs() -> tuple[Any, Any]:
    """(model, preprocessing) as anyone would load them with open_clip."""
    if mini_clip.NAME not in open_clip.list_models():
        open_clip.add_model_config(mini_clip.WEIGHTS / "mini_clip.json")
    weights = str(mini_clip.WEIGHTS / "mini_clip.safetensors")
    model, _, preprocess = open_clip.create_model_and_transforms("mini_clip", pretrained=weights)
    return model.eval(), preprocess


@pytest.fixture(scope="module")
def expected(theirs: tuple[Any, Any], images: Any) -> Any:
    """Zero-shot logits by open_clip's own functions: [6, 3]."""
    model, preprocess = theirs
    tokenize = open_clip.get_tokenizer(mini_clip.NAME)
    templates = [lambda name, t=template: t.format(name) for template in TEMPLATES]
    weights = open_clip.build_zero_shot_classifier(model, tokenize, NAMES, templates)
    pixels = torch.stack([preprocess(Image.fromarray(image)) for image in images])
    with torch.inference_mode():
        return (model.logit_scale.exp() * model.encode_image(pixels, normalize=True) @ weights).numpy()


def test_zero_shot_is_open_clips_normalised_mean_of_templates(images: Any, expected: Any) -> None:
    np.testing.assert_allclose(built(clip_zero_shot.SPEC).predict(images), expected, rtol=1e-4, atol=1e-3)


def test_zero_shot_learns_nothing_and_looks_at_no_image(images: Any, minibatches: list[Batch]) -> None:
    method = built(clip_zero_shot.SPEC)
    before = state(method)
    assert method.update(minibatches) == {"trained": 0.0}
    assert not changed(before, state(method))
    assert len(inner(method).featurizer.tower.memory) == 0
    method.predict(images)
    assert len(inner(method).featurizer.tower.memory) == len(images)


def test_images_of_another_size_are_resized() -> None:
    method = built(clip_zero_shot.SPEC)
    colours = np.array([[255, 0, 0], [20, 90, 200]], np.uint8)[:, None, None]
    sizes = [np.tile(colours, (1, side, side, 1)) for side in (SIDE, 200)]
    np.testing.assert_allclose(method.predict(sizes[1]), method.predict(sizes[0]), rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("spec", [clip_erm.SPEC, clip_wise_ft.SPEC, clip_car_ft.SPEC], ids=lambda spec: spec.name)
def test_fine_tuning_starts_from_the_zero_shot_model(spec: MethodSpec, images: Any, expected: Any) -> None:
    np.testing.assert_allclose(built(spec).predict(images), expected, rtol=1e-4, atol=1e-3)


def test_fine_tuning_moves_all_but_the_statistics_and_lowers_the_loss(minibatches: list[Batch]) -> None:
    method = built(clip_erm.SPEC, lr=1e-4, data_augmentation=False)
    before = state(method)
    losses = [method.update(minibatches)["loss"] for _ in range(4)]
    assert losses[-1] < losses[0]
    still = {name for name in before if "running" in name or "num_batches" in name}
    assert still
    assert changed(before, state(method)) == {*before} - still


def test_the_linear_probe_trains_the_classifier_alone(minibatches: list[Batch]) -> None:
    method = built(clip_linear_probe.SPEC, lr=0.1)
    before = state(method)
    losses = [method.update(minibatches)["loss"] for _ in range(20)]
    assert losses[0] == pytest.approx(np.log(3), abs=1e-6)
    assert losses[-1] < losses[0]
    assert changed(before, state(method)) == {"classifier.weight", "classifier.bias"}
    assert len(inner(method).featurizer.tower.memory) == 6


def test_the_linear_probe_can_start_from_the_zero_shot_classifier(images: Any, expected: Any) -> None:
    method = built(clip_linear_probe.SPEC, start="zero-shot")
    np.testing.assert_allclose(method.predict(images), expected, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("alpha", [0.3, 1.0])
def test_wise_ft_predicts_with_exactly_the_interpolation(alpha: float, images: Any, minibatches: list[Batch]) -> None:
    method, tuned = built(clip_wise_ft.SPEC, lr=1e-3, wise_alpha=alpha), built(clip_erm.SPEC, lr=1e-3)
    start = state(method)
    for _ in range(2):
        tuned.update(minibatches)
        method.update(minibatches)
        method.predict(images)
    end, mixed = state(method), inner(method).mixed()
    assert not changed(end, state(tuned)), "predictions in between leave training alone"
    assert mixed.keys() == start.keys()
    for name in (name for name in start if start[name].is_floating_point()):
        assert torch.equal(mixed[name], (1.0 - alpha) * start[name] + alpha * end[name])
    inner(tuned).parts.load_state_dict(mixed)
    np.testing.assert_allclose(method.predict(images), tuned.predict(images), rtol=1e-5, atol=1e-4)


def test_wise_ft_at_zero_stays_the_zero_shot_model(images: Any, expected: Any, minibatches: list[Batch]) -> None:
    method = built(clip_wise_ft.SPEC, lr=1e-3, wise_alpha=0.0)
    method.update(minibatches)
    np.testing.assert_allclose(method.predict(images), expected, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("direction", ["zero-shot-first", "tuned-first"])
def test_car_ft_costs_nothing_at_the_zero_shot_weights(direction: str, minibatches: list[Batch]) -> None:
    method = built(clip_car_ft.SPEC, car_direction=direction, data_augmentation=False, lr=1e-3, car_lambda=10.0)
    first, second = (method.update(minibatches) for _ in range(2))
    assert first["penalty"] == pytest.approx(0.0, abs=1e-6)
    assert first["loss"] == pytest.approx(first["nll"], abs=1e-5)
    assert second["penalty"] > 1e-3
    assert second["loss"] == pytest.approx(second["nll"] + 10.0 * second["penalty"], rel=1e-5)


@pytest.mark.parametrize("weight", [0.0, 5.0])
def test_car_ft_first_goes_where_fine_tuning_goes(weight: float, minibatches: list[Batch]) -> None:
    """The divergence is least at the zero-shot weights, so that it has no gradient there, whatever its weight."""
    slopes = []
    for spec, settings in ((clip_erm.SPEC, {}), (clip_car_ft.SPEC, {"car_lambda": weight})):
        method = inner(built(spec, **settings))
        method.parts.train()
        loss, _ = method.objective([environment(batch) for batch in minibatches])
        slopes.append(torch.cat([g.flatten() for g in torch.autograd.grad(loss, method.parameters())]))
    apart = (slopes[0] - slopes[1]).norm() / slopes[0].norm()
    assert float(apart) < 1e-3


def environment(batch: Batch) -> Environment:
    inputs = torch.from_numpy(batch.inputs).permute(0, 3, 1, 2).float() / 255.0
    return Environment(inputs=inputs, labels=torch.from_numpy(batch.labels))


def test_car_ft_compares_the_distributions_over_contexts(theirs: Any, images: Any, minibatches: list[Batch]) -> None:
    contexts = ("photo", "cartoon", "black outline")
    found = {}
    for direction in ("zero-shot-first", "tuned-first"):
        method = built(
            clip_car_ft.SPEC,
            contexts=", ".join(contexts),
            car_direction=direction,
            data_augmentation=False,
            car_lambda=0.0,
            lr=1e-3,
        )
        method.update(minibatches)
        before, after = (embedded(network, images) for network in (inner(method).frozen, inner(method).featurizer))
        found[direction] = method.update(minibatches)["penalty"]
    weights = by_hand(theirs[0], contexts)
    p, q = softmax(before @ weights.T, axis=1), softmax(after @ weights.T, axis=1)
    assert found["zero-shot-first"] == pytest.approx(float(entropy(p, q, axis=1).mean()), rel=1e-3)
    assert found["tuned-first"] == pytest.approx(float(entropy(q, p, axis=1).mean()), rel=1e-3)


def embedded(network: Any, images: Any) -> Any:
    with torch.no_grad():
        return network(torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255.0).double().numpy()


def by_hand(model: Any, contexts: tuple[str, ...]) -> Any:
    """The contexts' weights [K, D]: means over classes of unit embeddings, of unit length again, times the scale."""
    tokenize, rows = open_clip.get_tokenizer(mini_clip.NAME), []
    for context in contexts:
        with torch.inference_mode():
            texts = model.encode_text(tokenize([f"a {context} of {name}" for name in NAMES]), normalize=True)
        mean = texts.double().mean(0).numpy()
        rows.append(mean / np.linalg.norm(mean))
    return float(model.logit_scale.detach().exp()) * np.stack(rows)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"contexts": "photo, photo"}, "contexts: 'photo, photo' has fewer than two"),
        ({"prompt": "a photo of [CLASS]"}, r"prompt: .* lacks \[CONTEXT\] or \[CLASS\]"),
    ],
)
def test_contexts_that_say_nothing_are_refused(settings: dict[str, str], reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        parse_config(clip_car_ft.SPEC.config, settings)


def test_weights_come_from_the_file_that_is_named(tmp_path: Path, images: Any, expected: Any) -> None:
    tensors = load_file(mini_clip.WEIGHTS / "mini_clip.safetensors")
    tensors["logit_scale"] = tensors["logit_scale"] + np.log(2.0)
    save_file({name: value.contiguous() for name, value in tensors.items()}, tmp_path / "other.safetensors")
    method = built(clip_zero_shot.SPEC, checkpoint=str(tmp_path / "other.safetensors"))
    np.testing.assert_allclose(method.predict(images), 2.0 * expected, rtol=1e-2, atol=1e-2)


def test_images_are_squashed_to_the_models_size() -> None:
    for model, size in (("mini-clip", 128), ("ViT-B-16", 224), ("ViT-L-14-336", 336)):
        found = images_for(parse_config(clip_erm.SPEC.config, {"model": model}))
        assert (found.size, found.crop) == (size, "squash")
    assert clip_erm.SPEC.inputs == images_for(parse_config(clip_erm.SPEC.config, {}))


@pytest.mark.parametrize("inputs", [np.zeros((2, 12), np.float32), np.zeros((2, 28, 28, 2), np.uint8)])
def test_what_is_no_colour_image_is_refused(inputs: Any) -> None:
    with pytest.raises(ValueError, match="a CLIP model takes images of 3 channels"):
        built(clip_erm.SPEC).predict(inputs)


def test_a_template_without_a_place_for_the_name_is_refused(images: Any) -> None:
    with pytest.raises((ConfigError, ValueError), match="for the class name"):
        built(clip_zero_shot.SPEC, templates="a photo").predict(images)
