"""Small recipes on features, whose every step can be followed."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from farfield import RunContext, TrainingSet, parse_config
from farfield.runtime.dataset import ArraySource, LabeledSet
from farfield_baselines.trained.config import TrainConfig, on_features
from farfield_baselines.trained.core import Recipe, Setup

WIDTH, CLASSES, DOMAINS = 6, 3, 2
Make = Callable[..., Any]


@pytest.fixture
def blobs() -> Callable[..., LabeledSet]:
    """blobs(count, seed, targets): each class has its own mean; targets are two columns."""

    def make(count: int = 40, seed: int = 0, targets: bool = False) -> LabeledSet:
        rng = np.random.default_rng(seed)
        labels = np.arange(count) % CLASSES
        inputs = rng.normal(size=(count, WIDTH)).astype(np.float32)
        inputs[np.arange(count), labels] += 3.0
        wanted = inputs[:, :2].astype(np.float64) if targets else None
        return LabeledSet(ArraySource(inputs), labels, np.arange(count) // CLASSES % DOMAINS, wanted)

    return make


@pytest.fixture
def make() -> Make:
    """make(recipe, train, config=TrainConfig, **settings): the recipe for features, built with the seed 0."""

    def build(
        recipe: type[Recipe], train: TrainingSet, /, *, config: type = TrainConfig, val: Any = None, **settings: Any
    ) -> Recipe:
        values: Any = parse_config(on_features(config), {"select": "last", **settings})
        torch.manual_seed(0)
        outputs = CLASSES if train.targets is None else train.targets.shape[1]
        setup = Setup(config=values, shape=(WIDTH,), outputs=outputs, domains=DOMAINS, train=train, val=val)
        return recipe(setup)

    return build


@pytest.fixture
def context() -> Callable[..., RunContext]:
    """context(spec, **settings): what a method of three classes and two domains is built with."""

    def of(spec: Any, **settings: Any) -> RunContext:
        return RunContext(
            class_names=("a", "b", "c"),
            domain_names=("x", "y"),
            seed=5,
            config=parse_config(spec.config, settings),
        )

    return of
