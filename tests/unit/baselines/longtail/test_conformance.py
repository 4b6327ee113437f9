"""Every long-tail method keeps its protocol on images too, repeats itself, and takes a data set's settings by name."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from farfield import MethodSpec, parse_config
from farfield.testing import check_method
from farfield_baselines.longtail.listed import SPECS
from farfield_baselines.longtail.presets import PRESETS

SMALL = {"featurizer": "mnist-cnn", "epochs": 2, "image_size": 20}


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_keeps_its_protocol_on_images_and_repeats_itself(spec: MethodSpec, tmp_path: Path) -> None:
    strict = dataclasses.replace(spec.with_input("images"), stochastic=False)
    check_method(strict, tmp_path, SMALL)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_on_features_it_repeats_itself(spec: MethodSpec, tmp_path: Path) -> None:
    check_method(dataclasses.replace(spec, stochastic=False), tmp_path, {"epochs": 2})


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_holds_where_a_setting_is_at_its_default(preset: str) -> None:
    for spec in SPECS:
        config: Any = parse_config(spec.with_input("images").config, {"preset": preset, "batch": 33})
        resolved = config.resolved()
        known = {field.name for field in dataclasses.fields(config)}
        wanted = {name: value for name, value in PRESETS[preset].items() if name in known} | {"batch": 33}
        assert {name: getattr(resolved, name) for name in wanted} == wanted


def test_every_preset_is_of_settings_that_some_method_has() -> None:
    known = {f.name for spec in SPECS for f in dataclasses.fields(spec.with_input("images").config)}
    assert {name for preset in PRESETS.values() for name in preset} <= known


def test_glt_has_no_momentum() -> None:
    config: Any = parse_config(SPECS[0].with_input("images").config, {"preset": "glt"})
    assert config.resolved().momentum == 0.0
