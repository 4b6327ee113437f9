"""What can be set by hand for a sweep: DomainBed's hyperparameters by its names, and what is refused with a reason."""

import doctest

import pytest

from farfield.config import JsonObject, schema_of
from farfield.registry import load
from farfield.settings import read_settings
from farfield_evaluators.suites.domainbed import by_hand
from farfield_evaluators.suites.domainbed.by_hand import from_scratch, sweep_problems, sweep_schema
from farfield_evaluators.suites.domainbed.datasets import COLORED_MNIST, DATASETS, PACS
from farfield_evaluators.suites.domainbed.hparams import space
from farfield_evaluators.suites.domainbed.registry import BACKBONE, algorithm_name, drawn_as

METHODS = load().methods
OURS = {name: found.spec for name, found in METHODS.items() if algorithm_name(name) != name}


def schema(name: str) -> JsonObject:
    method, _, chosen = name.partition(" on ")
    spec = METHODS[method].spec
    return schema_of(spec.with_input(chosen or spec.input_name).config)


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("dataset", [d for d in DATASETS if d.benchmark], ids=lambda d: d.name)
def test_every_hyperparameter_of_domainbed_is_taken_with_its_default(name: str, dataset: by_hand.DataSet) -> None:
    known = {h.name: h.default for h in space(drawn_as(name), dataset)}
    assert {"batch_size", "class_balanced", "resnet18"} <= known.keys()
    assert sweep_problems(schema(name), name, dataset, known) == []
    texts = {key: str(value) for key, value in known.items()}
    assert read_settings(sweep_schema(schema(name), name, dataset), texts) == known


def test_a_form_shows_what_has_an_effect() -> None:
    own, shown = schema("dann")["properties"].keys(), sweep_schema(schema("dann"), "dann", PACS, every=False)
    assert shown["propertyOrder"] == [*own, "batch_size", "class_balanced", "resnet18"]
    assert shown["properties"]["batch_size"]["default"] == 32
    assert sweep_schema(schema("arm"), "arm", PACS)["properties"]["batch_size"]["default"] == 8
    assert sweep_schema(schema("dann"), "dann", COLORED_MNIST)["properties"]["batch_size"]["default"] == 64
    on_features = by_hand.as_space(PACS, features=True)
    for every, more in ((False, set()), (True, {"resnet18", "data_augmentation"})):
        there = sweep_schema(schema("erm on lite0"), "lite0-erm", on_features, every=every)["properties"].keys()
        assert there - schema("erm on lite0")["properties"].keys() == {"batch_size", "class_balanced"} | more


def test_what_chooses_another_network_is_without_effect_or_refused_with_a_reason() -> None:
    inert = {name: default for name, (default, _) in BACKBONE.items()} | {"resnet50_augmix": False, "freeze_bn": True}
    assert sweep_problems(schema("erm"), "erm", PACS, inert) == []
    for name in ("resnet50_augmix", "dinov2", "vit"):
        [problem] = sweep_problems(schema("erm"), "erm", PACS, {name: True})
        assert problem == f"{name}: no network is chosen by this; name it by featurizer, with its weights"


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"batch_size": 0}, "batch_size: 0 is below the minimum 1"),
        ({"batch_size": "many"}, "batch_size: expected an integer"),
        ({"class_balanced": 1}, "class_balanced: expected a boolean"),
        ({"resnet18": True, "featurizer": "lite0"}, "resnet18: featurizer names the network too"),
        ({"batchsize": 8}, "no such setting, did you mean batch_size?"),
        ({"lambda": 1.0, "lambda_": 2.0}, "lambda: it is set as lambda_ too"),
    ],
)
def test_what_is_wrong_is_named(config: dict[str, object], says: str) -> None:
    [problem] = sweep_problems(schema("dann"), "dann", PACS, config)
    assert problem.startswith(says) or says in problem


@pytest.mark.parametrize(
    ("name", "config", "scratch"),
    [
        ("erm", {}, True),
        ("erm", {"resnet18": True}, True),
        ("erm", {"featurizer": "timm:resnet26d"}, True),
        ("erm", {"weights": "resnet50.pth"}, False),
        ("erm", {"featurizer": "lite0"}, False),
        ("erm on lite0", {}, False),
        ("dg-clip-erm", {}, False),
    ],
)
def test_which_networks_start_from_scratch_where_domainbed_has_weights(
    name: str, config: dict[str, object], scratch: bool
) -> None:
    assert from_scratch(schema(name), config, PACS) == scratch
    assert not from_scratch(schema(name), config if "featurizer" not in config else {}, COLORED_MNIST)


def test_the_examples_in_the_docstrings() -> None:
    assert doctest.testmod(by_hand).failed == 0
