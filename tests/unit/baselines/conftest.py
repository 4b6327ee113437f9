"""One thread for torch, and contexts as the runner makes them."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from farfield import MethodSpec, RunContext, TrainingSet, parse_config
from farfield.runtime.dataset import ArraySource, LabeledSet
from farfield_baselines.trained.config import TrainConfig, on_features
from farfield_baselines.trained.core import Recipe, Setup

CLASSES = {"zebra": ("n02391049",), "cat": ("n02123045", "n02123394"), "banana": ("n07753592",)}
WIDTH, DOMAINS = 6, 2
Build = Callable[..., Any]


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """build(spec, config): the method with the input that is set, for three classes of known synsets."""

    def make(spec: MethodSpec, config: Mapping[str, Any] | None = None, **changes: Any) -> Any:
        values = {"class_names": tuple(CLASSES), "class_synsets": tuple(CLASSES.values()), "seed": 3, **changes}
        chosen, settings = spec.chosen(config or {})
        parsed = parse_config(chosen.config, settings)
        return chosen.build(RunContext(**values, config=parsed, work_folder=tmp_path))

    return make


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture
def labeled() -> Callable[[Any, Any], LabeledSet]:
    """labeled(inputs, labels): a training set of one domain."""

    def make(inputs: Any, labels: Any) -> LabeledSet:
        numbers = np.asarray(labels, np.int64)
        return LabeledSet(ArraySource(np.asarray(inputs)), numbers, np.zeros_like(numbers))

    return make


@pytest.fixture
def blobs() -> Callable[..., LabeledSet]:
    """blobs(count, seed, targets): each class has its own mean; targets are two columns."""

    def make(count: int = 40, seed: int = 0, targets: bool = False) -> LabeledSet:
        rng = np.random.default_rng(seed)
        labels = np.arange(count) % len(CLASSES)
        inputs = rng.normal(size=(count, WIDTH)).astype(np.float32)
        inputs[np.arange(count), labels] += 3.0
        wanted = inputs[:, :2].astype(np.float64) if targets else None
        return LabeledSet(ArraySource(inputs), labels, np.arange(count) // len(CLASSES) % DOMAINS, wanted)

    return make


@pytest.fixture
def recipe_of() -> Callable[..., Any]:
    """recipe_of(recipe, train, config=TrainConfig, **settings): the recipe for features, built with the seed 0."""

    def build(
        recipe: type[Recipe],
        train: TrainingSet,
        /,
        *,
        config: type = TrainConfig,
        val: Any = None,
        parts: Mapping[str, Any] = MappingProxyType({}),
        **settings: Any,
    ) -> Recipe:
        import torch

        values: Any = parse_config(on_features(config), {"select": "last", **settings})
        torch.manual_seed(0)
        outputs = len(CLASSES) if train.targets is None else train.targets.shape[1]
        setup = Setup(config=values, shape=(WIDTH,), outputs=outputs, domains=DOMAINS, train=train, val=val, **parts)
        return recipe(setup)

    return build


@pytest.fixture
def context_of() -> Callable[..., RunContext]:
    """context_of(spec, **settings): what a method of three classes and two domains is built with."""

    def of(spec: Any, **settings: Any) -> RunContext:
        return RunContext(
            class_names=("a", "b", "c"),
            domain_names=("x", "y"),
            seed=5,
            config=parse_config(spec.config, settings),
        )

    return of
