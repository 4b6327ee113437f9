"""A long tail of three overlapping classes, and recipes on it whose every step can be followed."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from farfield import MethodSpec, TrainingSet, parse_config
from farfield.runtime.dataset import ArraySource, LabeledSet
from farfield_baselines.trained.core import Setup
from farfield_baselines.trained.loop import run

COUNTS, WIDTH = (160, 32, 8), 6
Made = Callable[..., Any]


@pytest.fixture
def blobs() -> Callable[..., LabeledSet]:
    """blobs(counts, seed, width, apart): as many examples of each class, about a mean of its own."""

    def make(counts: tuple[int, ...] = COUNTS, seed: int = 0, width: int = WIDTH, apart: float = 2.0) -> LabeledSet:
        rng = np.random.default_rng(seed)
        labels = rng.permutation(np.repeat(np.arange(len(counts)), counts))
        inputs = rng.normal(size=(len(labels), width)).astype(np.float32)
        inputs[np.arange(len(labels)), labels] += apart
        return LabeledSet(ArraySource(inputs), labels, np.zeros_like(labels))

    return make


@pytest.fixture
def made() -> Made:
    """made(spec, train, val=None, **settings): the method's recipe on features, not yet trained; the seed is 0."""

    def make(
        spec: MethodSpec, train: TrainingSet, /, *, val: Any = None, log: Any = print, classes: int = 3, **settings: Any
    ) -> Any:
        config: Any = parse_config(spec.config, {"epochs": 6, "batch": 32, "lr": 0.01, **settings})
        torch.manual_seed(0)
        build: Any = spec.build
        width = train.take(np.zeros(1, np.int64)).inputs.shape[1]
        return build.recipe(
            Setup(config=config, shape=(width,), outputs=classes, domains=1, train=train, val=val, log=log)
        )

    return make


@pytest.fixture
def fitted(made: Made) -> Made:
    """The same, trained."""

    def make(spec: MethodSpec, train: TrainingSet, /, **more: Any) -> Any:
        recipe = made(spec, train, **more)
        run(recipe, lambda done, total: None)
        return recipe

    return make


@pytest.fixture
def recalls() -> Callable[[Any, LabeledSet], np.ndarray]:
    """recalls(recipe, test): the accuracy of each class."""

    def of(recipe: Any, test: LabeledSet) -> np.ndarray:
        right = recipe.outputs(test).argmax(axis=1) == test.labels
        return np.array([right[test.labels == label].mean() for label in np.unique(test.labels)])

    return of
