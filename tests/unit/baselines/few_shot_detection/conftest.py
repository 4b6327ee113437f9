"""A base model that several tests start from."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.unit.baselines.few_shot_detection.made import NAMES, SMALL, base_set

from farfield import MethodSpec, RunContext, parse_config

Based = Callable[..., Any]


def built(spec: MethodSpec, config: dict[str, Any], **changes: Any) -> Any:
    """The small variant of a method, before its base phase."""
    return spec.build(RunContext(**{**NAMES, "seed": 3, **changes}, config=parse_config(spec.config, config)))


@pytest.fixture(scope="session")
def based(tmp_path_factory: pytest.TempPathFactory) -> Based:
    """based(spec, config): the method after `load_base`, of a base phase that is run once for each kind of model."""
    kept: dict[tuple[object, ...], Path] = {}

    def make(spec: MethodSpec, config: dict[str, Any], **changes: Any) -> Any:
        method = built(spec, {**SMALL, **config}, **changes)
        shapes = tuple((name, tensor.shape) for name, tensor in method.network.state_dict().items())
        key = (type(method).kind, type(method).agnostic, method.masks, type(method).learn_base, shapes)
        if key not in kept:
            first = built(spec, {**SMALL, **config}, **changes)
            first.fit_base(base_set())
            kept[key] = tmp_path_factory.mktemp("base")
            first.save_base(kept[key])
        method.load_base(kept[key])
        return method

    return make
