"""The algorithms on ready features: the same algorithm and settings, with a perceptron for its network."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from farfield import Batch, MethodSpec, RunContext, parse_config
from farfield.config import schema_of
from farfield.testing import check_method
from farfield_baselines.backbones import LITE0, LITE0_FEATURES
from farfield_baselines.generalization import class_means, on_features, swad
from farfield_baselines.generalization.core import Config, NetworkConfig, Setup
from farfield_baselines.generalization.listed import ON_CLIP
from farfield_baselines.generalization.listed import SPECS as ON_IMAGES
from farfield_baselines.generalization.on_features import FeaturesConfig, PerceptronConfig
from farfield_evaluators.suites.domainbed.hparams import space
from farfield_evaluators.suites.domainbed.registry import ADDITIONS, COMMON, drawn_as

ALGORITHMS = {spec.name: spec for spec in ON_IMAGES}
SPECS = [spec.with_input("lite0") for spec in ON_IMAGES if spec.choices]
WIDTH = 12
# Where the default learns nothing, or only after the steps that the test takes.
TO_LEARN: dict[str, dict[str, Any]] = {
    "sandmask": {"tau": 0.5},
    "erm-plus-plus": {"linear_steps": 10},
}


def named(spec: MethodSpec) -> str:
    return spec.called or spec.name


def of(name: str) -> MethodSpec:
    return next(spec for spec in SPECS if spec.called == name)


def original(spec: MethodSpec) -> MethodSpec:
    return ALGORITHMS[spec.name]


def built(spec: MethodSpec, **settings: Any) -> Any:
    config: Any = parse_config(spec.config, settings)
    return spec.build(RunContext(class_names=("a", "b", "c"), domain_names=("x", "y"), seed=3, config=config))


def algorithm(name: str, **settings: Any) -> Any:
    spec: Any = of(name)
    config: Any = parse_config(spec.config, settings)
    torch.manual_seed(0)
    return spec.build.algorithm(Setup(config=config, shape=(WIDTH,), classes=3, domains=2))


@pytest.fixture
def minibatches(rng: np.random.Generator) -> list[Batch]:
    """Two domains of 30 features each, whose classes lie apart."""

    def domain(number: int) -> Batch:
        labels = np.arange(30) % 3
        inputs = rng.normal(size=(30, WIDTH)).astype(np.float32) + 0.3 * number
        inputs[np.arange(30), labels] += 6.0
        return Batch(inputs=inputs, labels=labels, domains=np.full(30, number))

    return [domain(0), domain(1)]


@pytest.mark.parametrize("spec", SPECS, ids=named)
def test_it_is_the_same_algorithm_on_the_backbones_features(spec: MethodSpec) -> None:
    assert spec.build == original(spec).build
    assert spec.inputs == LITE0_FEATURES
    assert spec.claims.pretraining == LITE0.pretraining
    assert spec.transductive == original(spec).transductive
    assert set(original(spec).papers) < set(spec.papers)


def test_what_cannot_be_had_on_features_is_left_out() -> None:
    of_images = {"arm", "arm-cml", "extrapolated-erm", "irmcon", "miro", "mixacm", "smos"}
    assert {s.name for s in SPECS} == {*ALGORITHMS} - of_images


@pytest.mark.parametrize("spec", SPECS, ids=named)
def test_its_own_settings_stay_what_they_are(spec: MethodSpec) -> None:
    ours, theirs = (schema_of(s.config)["properties"] for s in (spec, original(spec)))
    network = {f.name for f in dataclasses.fields(NetworkConfig)}
    own = {name for name in theirs if name not in network}
    assert ours.keys() == own | {f.name for f in dataclasses.fields(PerceptronConfig)}
    for name in own - {"lr", "lr_g", "lr_d"}:
        assert ours[name] == theirs[name]
    assert all(ours[name]["default"] == 1e-3 for name in own & {"lr", "lr_g", "lr_d"})


@pytest.mark.parametrize("spec", SPECS, ids=named)
def test_keeps_its_protocol_and_repeats_itself(spec: MethodSpec, tmp_path: Path) -> None:
    check_method(dataclasses.replace(spec, stochastic=False), tmp_path)


@pytest.mark.parametrize("spec", SPECS, ids=named)
def test_it_learns_what_is_easy(spec: MethodSpec, minibatches: list[Batch]) -> None:
    rates = {"lr", "lr_g", "lr_d"} & schema_of(spec.config)["properties"].keys()
    method = built(spec, **dict.fromkeys(rates, 0.01), **TO_LEARN.get(spec.name, {}))
    for _ in range(40):
        method.update(minibatches)
    hits = [method.predict(batch.inputs).argmax(axis=1) == batch.labels for batch in minibatches]
    assert np.mean(hits) > 0.9


@pytest.mark.parametrize("spec", [*SPECS, *ON_CLIP], ids=named)
def test_what_is_drawn_for_the_algorithm_is_a_setting(spec: MethodSpec) -> None:
    drawn = {h.name for h in space(drawn_as(named(spec)), "RotatedMNIST")} - COMMON.keys() - {"batch_size"}
    settings = {name.removesuffix("_") for name in schema_of(spec.config)["properties"]}
    assert drawn - settings <= {"lr", "weight_decay"}
    own = {name for _, rows in ADDITIONS.get(drawn_as(named(spec)), ()) for name in rows}
    assert own <= drawn


def test_the_network_is_the_perceptron_that_is_asked_for() -> None:
    network = algorithm("lite0-erm", hidden_layers=2, hidden_width=5, resnet_dropout=0.5)
    linear = [m for m in network.parts.modules() if isinstance(m, nn.Linear)]
    assert [(m.in_features, m.out_features) for m in linear] == [(WIDTH, 5), (5, 5), (5, 3)]
    assert network.featurizer.dropout.p == 0.5
    assert (network.featurizer(torch.randn(50, WIDTH)) >= 0).all()


def test_without_hidden_layers_it_is_linear() -> None:
    network = algorithm("lite0-erm", hidden_layers=0)
    assert sum(p.numel() for p in network.parts.parameters()) == 3 * WIDTH + 3
    inputs = torch.randn(4, WIDTH)
    torch.testing.assert_close(network.predict(inputs), network.classifier(inputs).detach())


def test_an_algorithm_that_only_trains_the_layers_needs_one() -> None:
    with pytest.raises(ValueError, match="hidden_layers: this algorithm trains the layers before the classifier"):
        algorithm("lite0-sagnet", hidden_layers=0)


def test_what_swad_trains_has_the_same_perceptron() -> None:
    wrapped = algorithm("lite0-swad", algorithm="irm", hidden_width=7, lr=0.02)
    assert isinstance(wrapped, swad.SWAD)
    assert wrapped.inner.featurizer.width == 7
    assert (wrapped.inner.config.lr, wrapped.inner.config.irm_lambda) == (0.02, 100.0)


def test_an_adversary_keeps_its_two_rates() -> None:
    config: Any = parse_config(of("lite0-dann").config, {"lr_d": 0.5})
    assert not isinstance(config, FeaturesConfig)
    assert (config.lr_g, config.lr_d) == (1e-3, 0.5)


def test_a_configuration_is_made_once() -> None:
    assert on_features.on_features(Config) is on_features.on_features(Config)


def test_class_means_predict_by_direction_alone(minibatches: list[Batch]) -> None:
    method = built(class_means.SPEC.with_input("lite0"))
    method.update(minibatches)
    inputs = np.concatenate([batch.inputs for batch in minibatches])
    labels = np.concatenate([batch.labels for batch in minibatches])
    units = inputs / np.linalg.norm(inputs, axis=1, keepdims=True)
    means = np.stack([units[labels == c].mean(axis=0) for c in range(3)])
    expected = -((units[:, None] - means) ** 2).sum(axis=2)
    np.testing.assert_allclose(method.predict(inputs), expected, atol=1e-5)
    np.testing.assert_allclose(method.predict(7.0 * inputs), method.predict(inputs), atol=1e-6)
