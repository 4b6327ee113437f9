"""What baselines train first: who shares it with whom, and that sharing changes nothing that a method says."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.unit.baselines.both_ways import built

from farfield import MethodSpec
from farfield_baselines import plugin

METHODS = {spec.name: spec for spec in plugin.farfield_methods()}
BASED = [
    spec.with_input(name)
    for spec in METHODS.values()
    for name in spec.inputs_by_name
    if spec.with_input(name).base is not None
]
ASKING = ("lftl", "ask-random", "ask-margin", "ask-entropy")
SHARED = [
    ("images", ("wilds-erm", "dfr")),
    ("images", ("jtt",)),
    ("images", ("shot-lp-ft", *ASKING)),
    ("images", ("lt-cross-entropy", "crt", "lws", "tau-norm")),
    ("scratch", ("msp", "energy", "knn")),
    ("", ("clip-ft", "clip-wise-ft", "clip-layerwise")),
]
SMALL = {"featurizer": "mnist-cnn", "epochs": 2, "image_size": 20}
SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "wilds-erm": {},
    "dfr": {"retrain_on": "training", "strength": 0.1, "retrainings": 2},
    "jtt": {},
    "shot-lp-ft": {"head_steps": 3, "target_steps": 3},
    **{name: {"round_epochs": 1} for name in ASKING},
    "lt-cross-entropy": {},
    "crt": {"head_epochs": 1},
}


def with_input(name: str, word: str) -> MethodSpec:
    """The method with an input by its name, or with its first."""
    return METHODS[name].with_input(word or METHODS[name].input_name)


def described(spec: MethodSpec) -> dict[str, Any]:
    """The base as data, without the settings with which there is one."""
    return {name: value for name, value in spec.describe()["base"].items() if name != "only"}


@pytest.mark.parametrize(("word", "names"), SHARED, ids=[names[0] for _, names in SHARED])
def test_methods_that_begin_alike_declare_the_same(word: str, names: tuple[str, ...]) -> None:
    bases = [described(with_input(name, word)) for name in names]
    assert all(base == bases[0] for base in bases)
    others = [described(spec) for spec in BASED if spec.name not in names]
    assert bases[0] not in others


def test_on_features_nothing_is_shared_but_what_decoupled_methods_begin_with() -> None:
    """There a training takes about as long as another process; figures stay as they are."""
    assert {spec.name for spec in BASED} == {name for _, names in SHARED for name in names}
    on_features = {spec.name for spec in BASED if spec.input_name in ("lite0", "mini-clip")}
    assert on_features == {"crt", "lws", "tau-norm"}


@pytest.mark.parametrize("spec", BASED, ids=lambda spec: f"{spec.name}-{spec.input_name}")
def test_a_base_has_the_defaults_of_its_method(spec: MethodSpec) -> None:
    """A preset takes the place of defaults, and must do so alike in the base."""
    assert spec.base is not None
    method, base = ({f.name: f.default for f in dataclasses.fields(of)} for of in (spec.config, spec.base.config))
    assert base.items() <= method.items()


@pytest.mark.parametrize("name", SETTINGS)
def test_with_the_base_every_figure_is_the_same(name: str, tmp_path: Path) -> None:
    method = built(METHODS[name].with_input("images"), {**SMALL, **SETTINGS[name]}, tmp_path)
    alone, shared = method.said(), method.said(method.base())
    assert shared.predicted == alone.predicted
    assert shared.steps < alone.steps


@pytest.mark.parametrize("name", ["dfr", "shot-lp-ft", "lt-cross-entropy"])
def test_another_base_is_gone_on_with(name: str, tmp_path: Path) -> None:
    method = built(METHODS[name].with_input("images"), {**SMALL, **SETTINGS[name]}, tmp_path)
    assert method.said(method.base(seed=6)).predicted != method.said().predicted


def test_a_first_training_is_all_that_jtt_shares(tmp_path: Path) -> None:
    """Its errors, and not its network: the second training has its own start, and repeats them."""
    method = built(METHODS["jtt"].with_input("images"), SMALL, tmp_path)
    base = method.base()
    assert list(base) == ["wrong"]
    fewer = {"wrong": base["wrong"][:1]}
    assert len(base["wrong"]) > 1
    assert method.said(fewer).predicted != method.said(base).predicted


def test_other_samplings_of_a_long_tail_are_trained_in_the_run() -> None:
    spec = METHODS["lt-cross-entropy"].with_input("images")
    assert spec.base is not None
    assert spec.base.comes_first(spec.config())
    assert not spec.base.comes_first(spec.config(sampling="progressive"))
