"""Values of images of eight bands of floats, normalised when they were stored, as those of WILDS' PovertyMap."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from farfield import MethodSpec, RunContext, TaskFamily
from farfield.runtime.dataset import ArraySource, LabeledSet
from farfield_baselines.groups.listed import SPECS
from farfield_baselines.trained.selection import pearson

VALUES = [spec for spec in SPECS if spec.family is TaskFamily.REGRESSION]
SETTINGS = {"preset": "poverty", "featurizer": "mnist-cnn-half", "epochs": 15, "batch": 16, "lr": 3e-3}


def bands(count: int, seed: int) -> LabeledSet:
    """The value is the mean of the seventh band; domains in turn, each brighter than the one before in the first."""
    rng = np.random.default_rng(seed)
    domains = np.arange(count) % 4
    images = 0.5 * rng.normal(size=(count, 16, 16, 8)).astype(np.float32)
    wealth = rng.normal(size=count)
    images[..., 6] += wealth[:, None, None]
    images[..., 0] += domains[:, None, None]
    return LabeledSet(ArraySource(images), np.full(count, -1), domains, wealth[:, None])


@pytest.mark.parametrize("spec", VALUES, ids=lambda spec: spec.name)
def test_it_learns_from_bands(spec: MethodSpec, context_of: Callable[..., RunContext]) -> None:
    images: Any = spec.with_input("images")
    method = images.build(context_of(images, **SETTINGS))
    train, val, test = bands(96, 0), bands(32, 1), bands(64, 2)
    method.fit(train, val=val)
    values = np.concatenate([method.predict(batch.inputs) for batch in test.batches(20)])
    assert values.shape == (64, 1)
    assert pearson(values.astype(np.float64), test.targets) > 0.8


def test_those_of_values_are_those_of_classes_otherwise() -> None:
    of_classes = {spec.name: spec for spec in SPECS}
    for spec in VALUES:
        other = of_classes[spec.name.removesuffix("-regression")]
        assert spec.build == other.build
        assert spec.config is other.config
        assert spec.summary.endswith("on frozen EfficientNet-Lite0 features.")
        assert spec.choices["images"].summary.endswith("on images with any network.")
