"""Algorithms on ready features, small enough that their formulas can be checked by hand."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from farfield import MethodSpec, parse_config
from farfield_baselines.generalization.core import Algorithm, Environment, Setup

WIDTH, CLASSES = 6, 3
Make = Callable[..., Any]


@pytest.fixture
def make() -> Make:
    """make(algorithm, spec, **settings): the algorithm for three classes and domains, on features of width 6."""

    def build(
        algorithm: type[Algorithm],
        spec: MethodSpec,
        /,
        *,
        shape: tuple[int, ...] = (WIDTH,),
        domains: int = 3,
        seed: int = 0,
        batch: int = 0,
        **settings: Any,
    ) -> Algorithm:
        small = "mlp-on-lite0" if len(shape) == 1 else "mnist-cnn"
        config: Any = parse_config(spec.config, {"featurizer": small, "data_augmentation": False, **settings})
        torch.manual_seed(seed)
        return algorithm(Setup(config=config, shape=shape, classes=CLASSES, domains=domains, batch=batch))

    return build


@pytest.fixture
def environments(rng: np.random.Generator) -> list[Environment]:
    """Three domains of 8, 6 and 8 rows; each class has its own mean, and each domain is shifted."""
    return [_domain(rng, count, shift) for count, shift in ((8, 0.0), (6, 0.5), (8, -0.5))]


@pytest.fixture
def pictures(rng: np.random.Generator) -> list[Environment]:
    """Three domains of 6 images [3, 16, 16] each."""
    return [
        Environment(inputs=torch.from_numpy(rng.random((6, 3, 16, 16), np.float32)), labels=torch.arange(6) % CLASSES)
        for _ in range(3)
    ]


def _domain(rng: np.random.Generator, count: int, shift: float) -> Environment:
    labels = np.arange(count) % CLASSES
    inputs = rng.normal(size=(count, WIDTH)) + shift
    inputs[np.arange(count), labels] += 2.0
    return Environment(inputs=torch.from_numpy(inputs.astype(np.float32)), labels=torch.from_numpy(labels))


@pytest.fixture
def state() -> Callable[[Algorithm], dict[str, torch.Tensor]]:
    """state(algorithm): a copy of all its tensors."""

    def copy_of(algorithm: Algorithm) -> dict[str, torch.Tensor]:
        return {name: value.detach().clone() for name, value in algorithm.parts.state_dict().items()}

    return copy_of
