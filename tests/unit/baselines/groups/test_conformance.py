"""Every method for groups keeps its protocol on images too, on a small network, and its run depends on the seed."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from farfield import Images, MethodSpec, parse_config
from farfield.testing import check_method
from farfield_baselines.groups.listed import SPECS
from farfield_baselines.groups.presets import PRESETS

SMALL = {"featurizer": "mnist-cnn", "epochs": 1, "image_size": 20}


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_keeps_its_protocol_on_images_and_repeats_itself(spec: MethodSpec, tmp_path: Path) -> None:
    strict = dataclasses.replace(spec.with_input("images"), stochastic=False)
    check_method(strict, tmp_path, SMALL)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_holds_where_a_setting_is_at_its_default(spec: MethodSpec, preset: str) -> None:
    images = spec.with_input("images")
    config: Any = parse_config(images.config, {"preset": preset, "epochs": 3})
    resolved = config.resolved()
    known = {field.name for field in dataclasses.fields(config)}
    for name, value in PRESETS[preset].items():
        if name in known:
            assert getattr(resolved, name) == (3 if name == "epochs" else value)
    assert images.inputs_of(config) == Images(size=PRESETS[preset]["image_size"], interpolation="bilinear")


def test_every_preset_is_of_settings_that_some_method_has() -> None:
    known = {f.name for spec in SPECS for f in dataclasses.fields(spec.with_input("images").config)}
    algorithms = {"group_by", "groups_per_batch", "irm_lambda", "coral_weight", "dann_weight"}
    rates = {"featurizer_lr", "classifier_lr", "discriminator_lr"}
    assert {name for preset in PRESETS.values() for name in preset} <= known | algorithms | rates
