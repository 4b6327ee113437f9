"""Every algorithm keeps DomainBed's contract, and its run depends on the seed alone."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from farfield import Batch, Images, MethodSpec, RunContext, TaskFamily, parse_config
from farfield.testing import check_method
from farfield_baselines import plugin
from farfield_baselines.generalization.listed import SPECS

SIDE = 20
SMALL = {"featurizer": "mnist-cnn-half"}
NEEDS_IMAGES = {"arm", "arm-cml", "irmcon"}
BY_BATCH = {"arm", "arm-cml", "mtl", "mtl-mean"}


def named(spec: MethodSpec) -> str:
    return spec.name


@pytest.mark.parametrize("spec", SPECS, ids=named)
def test_keeps_its_protocol_and_repeats_itself(spec: MethodSpec, tmp_path: Path) -> None:
    strict = dataclasses.replace(spec, inputs=Images(size=SIDE), stochastic=False)
    check_method(strict, tmp_path, SMALL)


@pytest.mark.parametrize("spec", [s for s in SPECS if s.name not in NEEDS_IMAGES], ids=named)
def test_takes_ready_features(spec: MethodSpec, minibatches: Callable[..., list[Batch]]) -> None:
    method = built(spec, {"featurizer": "mlp-on-lite0"})
    assert np.isfinite(list(method.update(minibatches((12,))).values())).all()
    assert method.predict(np.zeros((2, 12), np.float32)).shape == (2, 3)


@pytest.mark.parametrize("spec", [s for s in SPECS if s.name in NEEDS_IMAGES], ids=named)
def test_what_needs_images_refuses_features(spec: MethodSpec, minibatches: Callable[..., list[Batch]]) -> None:
    with pytest.raises(ValueError, match=f"{spec.name} .* takes images and not ready features"):
        built(spec, {"featurizer": "mlp-on-lite0"}).update(minibatches((12,)))


@pytest.mark.parametrize("spec", SPECS, ids=named)
def test_update_depends_on_the_seed_and_on_nothing_else(
    spec: MethodSpec, minibatches: Callable[..., list[Batch]]
) -> None:
    runs = []
    for disturbance, seed in ((1, 7), (2, 7), (1, 8)):
        torch.manual_seed(disturbance)
        method = built(spec, SMALL, seed)
        losses = [method.update(minibatches((SIDE, SIDE, 3))) for _ in range(2)]
        runs.append((losses, method.predict(minibatches((SIDE, SIDE, 3))[0].inputs)))
    (first, logits), (again, same), (other, _) = runs
    assert first == again
    assert first != other
    np.testing.assert_array_equal(logits, same)


@pytest.mark.parametrize("spec", SPECS, ids=named)
def test_a_step_on_one_domain_of_one_image(spec: MethodSpec) -> None:
    lone = Batch(inputs=np.zeros((1, SIDE, SIDE, 3), np.uint8), labels=np.array([1]), domains=np.array([0]))
    assert np.isfinite(list(built(spec, SMALL).update([lone]).values())).all()


def test_the_torch_generator_outside_is_left_alone(minibatches: Callable[..., list[Batch]]) -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    built(SPECS[0], SMALL).update(minibatches((SIDE, SIDE, 3)))
    assert torch.equal(torch.rand(3), expected)


def test_all_are_registered_and_say_where_they_come_from() -> None:
    registered = {spec.name for spec in plugin.farfield_methods()}
    assert {spec.name for spec in SPECS} <= registered
    assert len(SPECS) == 46
    for spec in SPECS:
        assert spec.family is TaskFamily.DOMAIN_GENERALIZATION
        assert spec.stochastic
        assert spec.transductive == (spec.name in BY_BATCH)
        assert len(spec.papers) >= 2


def built(spec: MethodSpec, config: dict[str, Any], seed: int = 7) -> Any:
    context = RunContext(
        class_names=("a", "b", "c"),
        domain_names=("x", "y", "z"),
        seed=seed,
        config=parse_config(spec.config, config),
    )
    return spec.build(context)


@pytest.fixture
def minibatches() -> Callable[..., list[Batch]]:
    """minibatches(shape): three domains of five inputs each, the same at every call."""

    def make(shape: tuple[int, ...]) -> list[Batch]:
        rng = np.random.default_rng(3)
        inputs = [rng.integers(0, 256, (5, *shape), dtype=np.uint8) for _ in range(3)]
        if len(shape) == 1:
            inputs = [(x / 255).astype(np.float32) for x in inputs]
        return [Batch(inputs=x, labels=np.array([0, 1, 2, 1, 0]), domains=np.full(5, d)) for d, x in enumerate(inputs)]

    return make
