"""Every method that adapts keeps its protocol on images, on a small network, and its run depends on the seed alone."""

import dataclasses
from pathlib import Path

import pytest

from farfield import MethodSpec
from farfield.testing import check_method
from farfield_baselines.adaptation.listed import SPECS

SMALL = {"featurizer": "mnist-cnn", "epochs": 1, "image_size": 20}
ASKING = ("lftl", "ask-random", "ask-margin", "ask-entropy")
SHORT = {"shot-lp-ft": {"head_steps": 3, "target_steps": 3}, **{name: {"round_epochs": 1} for name in ASKING}}


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_keeps_its_protocol_on_images_and_repeats_itself(spec: MethodSpec, tmp_path: Path) -> None:
    on_images = spec.with_input("images") if spec.choices else spec
    check_method(dataclasses.replace(on_images, stochastic=False), tmp_path, {**SMALL, **SHORT.get(spec.name, {})})
