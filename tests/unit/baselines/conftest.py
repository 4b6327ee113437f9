"""One thread for torch, and contexts as the runner makes them."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from farfield import MethodSpec, RunContext, parse_config
from farfield.runtime.dataset import ArraySource, LabeledSet

CLASSES = {"zebra": ("n02391049",), "cat": ("n02123045", "n02123394"), "banana": ("n07753592",)}
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
