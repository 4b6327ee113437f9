"""The contract around an algorithm: settings, weights, BatchNorm, augmentation."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torchvision import models  # type: ignore[import-untyped]

from farfield import Batch, RunContext, parse_config
from farfield.errors import ConfigError
from farfield_baselines.generalization import dann, erm, sagnet
from farfield_baselines.generalization.core import SMALLEST_AUGMENTED, Config, Generalizer, NetworkConfig
from farfield_baselines.generalization.listed import SPECS

Build = Callable[..., Any]
SIDE = 32


@pytest.fixture
def generalizer() -> Build:
    """generalizer(spec, settings, **context)"""

    def make(spec: Any = erm.SPEC, seed: int = 1, **settings: Any) -> Any:
        config: Any = parse_config(spec.config, settings)
        return spec.build(RunContext(class_names=("a", "b"), domain_names=("x",), seed=seed, config=config))

    return make


@pytest.fixture
def batch(rng: np.random.Generator) -> Batch:
    images = rng.integers(0, 256, (6, SIDE, SIDE, 3), dtype=np.uint8)
    return Batch(inputs=images, labels=np.array([0, 1] * 3), domains=np.zeros(6, np.int64))


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A file of a residual network with statistics of its own, as torchvision's weights are stored."""
    torch.manual_seed(4)
    network = models.resnet18(weights=None)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)  # type: ignore[union-attr]
    path = tmp_path_factory.mktemp("weights") / "resnet18.pth"
    torch.save(network.state_dict(), path)
    return str(path)


def statistics(method: Any) -> dict[str, torch.Tensor]:
    state = method._algorithm.featurizer.state_dict()
    return {name: value.clone() for name, value in state.items() if "running" in name}


def test_weights_are_read_and_their_statistics_stay(generalizer: Build, batch: Batch, weights: str) -> None:
    method = generalizer(featurizer="resnet18", weights=weights, lr=1e-3)
    method.predict(batch.inputs)
    stored = torch.load(weights, weights_only=True)
    before = statistics(method)
    assert len(before) == 40
    for name, value in before.items():
        assert torch.equal(value, stored[name.removeprefix("tower.")])
    method.update([batch])
    assert all(torch.equal(value, before[name]) for name, value in statistics(method).items())


@pytest.mark.parametrize("scratch", [True, False])
def test_statistics_are_learned_from_scratch_or_on_demand(
    generalizer: Build, batch: Batch, weights: str, scratch: bool
) -> None:
    settings = {} if scratch else {"weights": weights, "freeze_bn": False}
    method = generalizer(featurizer="resnet18", **settings)
    method.predict(batch.inputs)
    before = statistics(method)
    method.update([batch])
    assert all(not torch.equal(value, before[name]) for name, value in statistics(method).items())


def test_weights_that_are_not_there_or_do_not_fit_are_named(
    generalizer: Build, batch: Batch, weights: str, tmp_path: Path
) -> None:
    missing = str(tmp_path / "none.pth")
    with pytest.raises(ValueError, match=r"weights: there is no file .*none\.pth'; .*leave the setting empty"):
        generalizer(featurizer="resnet18", weights=missing).update([batch])
    with pytest.raises(ValueError, match=r"does not fit the featurizer: .*conv3\.weight"):
        generalizer(featurizer="resnet50", weights=weights).update([batch])


@pytest.mark.parametrize(
    ("name", "dropout"), [("mnist-cnn", 0.0), ("mnist-cnn-half", 0.0), ("resnet18", 0.5), ("timm:resnet10t", 0.5)]
)
def test_dropout_is_not_for_the_small_networks(name: str, dropout: float) -> None:
    """DomainBed draws `resnet_dropout` for all of its data sets, and only its ResNet has any."""
    network: Any = NetworkConfig(featurizer=name, resnet_dropout=0.5).network((3, 32, 32)).train()
    assert network.dropout.p == dropout
    images = torch.rand(2, 3, 32, 32)
    zeros = sum(bool((network(images) == 0).any()) for _ in range(3))
    assert (zeros > 0) == (dropout > 0)


def test_an_unknown_featurizer_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        ConfigError, match=r"featurizer: 'alexnet' is not one of mnist-cnn, mnist-cnn-half, resnet18, .*open_clip:NAME"
    ):
        parse_config(Config, {"featurizer": "alexnet"})


@pytest.mark.parametrize("name", ["mnist-cnn", "lite0", "mlp-on-lite0"])
def test_weights_for_a_featurizer_that_takes_none_are_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=f"weights: the featurizer {name} takes no file; leave the setting empty"):
        parse_config(Config, {"featurizer": name, "weights": "some.pth"})


def test_an_algorithm_that_only_trains_the_featurizer_cannot_freeze_it(generalizer: Build, batch: Batch) -> None:
    method = generalizer(sagnet.SPEC, featurizer="mnist-cnn", train_featurizer=False)
    with pytest.raises(ValueError, match="train_featurizer: this algorithm needs a featurizer that is trained"):
        method.update([batch])


def test_a_frozen_featurizer_does_not_move_and_the_classifier_does(generalizer: Build, batch: Batch) -> None:
    method = generalizer(featurizer="mnist-cnn", train_featurizer=False, lr=1e-2)
    method.predict(batch.inputs)
    parts = method._algorithm.parts
    before = {name: value.clone() for name, value in parts.state_dict().items()}
    method.update([batch])
    for name, value in parts.state_dict().items():
        assert torch.equal(value, before[name]) == name.startswith("featurizer"), name


@pytest.mark.parametrize(("side", "changes"), [(SMALLEST_AUGMENTED, True), (SMALLEST_AUGMENTED - 1, False)])
def test_augmentation_is_for_training_on_images_that_are_not_small(
    generalizer: Build, rng: np.random.Generator, side: int, changes: bool
) -> None:
    images = rng.integers(0, 256, (4, side, side, 3), dtype=np.uint8)
    batch = Batch(inputs=images, labels=np.array([0, 1] * 2), domains=np.zeros(4, np.int64))
    methods = [generalizer(featurizer="mnist-cnn", data_augmentation=on) for on in (False, True)]
    np.testing.assert_array_equal(methods[0].predict(images), methods[1].predict(images))
    plain, augmented = (method.update([batch])["loss"] for method in methods)
    assert (plain != augmented) == changes


def test_images_of_any_number_of_channels(generalizer: Build, rng: np.random.Generator) -> None:
    two = rng.integers(0, 256, (4, 28, 28, 2), dtype=np.uint8)
    method = generalizer(featurizer="mnist-cnn")
    method.update([Batch(inputs=two, labels=np.array([0, 1, 0, 1]), domains=np.zeros(4, np.int64))])
    assert method._algorithm.featurizer.tower[0].weight.shape == (64, 2, 3, 3)
    assert method.predict(two).shape == (4, 2)


@pytest.mark.parametrize("name", ["lite0", "mlp-on-lite0", "mnist-cnn"])
def test_what_was_predicted_can_be_trained_on(generalizer: Build, batch: Batch, name: str) -> None:
    ours, theirs = generalizer(featurizer=name), generalizer(featurizer=name)
    ours.predict(batch.inputs)
    assert ours.update([batch])["loss"] == pytest.approx(theirs.update([batch])["loss"], rel=1e-5)


def test_the_unlabeled_inputs_change_nothing(generalizer: Build, batch: Batch) -> None:
    ours, theirs = generalizer(featurizer="mnist-cnn"), generalizer(featurizer="mnist-cnn")
    assert ours.update([batch], None) == theirs.update([batch], [batch.inputs])


def test_the_defaults_are_domainbeds_for_large_images() -> None:
    config = Config()
    assert (config.lr, config.weight_decay, config.resnet_dropout) == (5e-5, 0.0, 0.0)
    assert (config.featurizer, config.data_augmentation, config.nonlinear_classifier) == ("resnet50", True, False)
    assert {s.config for s in SPECS if not issubclass(s.config, Config)} == {dann.SPEC.config}
    assert all(issubclass(s.config, NetworkConfig) for s in SPECS)


def test_a_generalizer_is_built_on_the_first_images(batch: Batch) -> None:
    config = Config(featurizer="mnist-cnn")
    method = Generalizer(erm.ERM, RunContext(class_names=("a", "b"), config=config))
    assert method._algorithm is None
    assert method.predict(batch.inputs).dtype == np.float32
    assert isinstance(method._algorithm, erm.ERM)
