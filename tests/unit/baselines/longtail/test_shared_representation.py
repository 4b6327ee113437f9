"""Decoupled methods begin with one representation, and are what they are when they train it themselves."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from farfield import MethodSpec, RunContext, parse_config
from farfield.runtime import base_arrays
from farfield.runtime.dataset import LabeledSet
from farfield_baselines.longtail import crt, lws, tau_norm

DECOUPLED = (crt.SPEC, lws.SPEC, tau_norm.SPEC)


@pytest.mark.parametrize("spec", DECOUPLED, ids=lambda spec: spec.name)
def test_with_the_base_every_logit_is_the_same(
    spec: MethodSpec, blobs: Callable[..., LabeledSet], tmp_path: Path
) -> None:
    train, test = blobs(), blobs(seed=1).take(np.arange(50)).inputs
    settings = {"epochs": 3, "select": "average"}
    context = RunContext(class_names=("a", "b", "c"), seed=5, config=parse_config(spec.config, settings))
    parts = {"train": train, "val": blobs((9, 9, 9), seed=2)}
    alone = spec.build(context)
    alone.fit(train, val=parts["val"])
    assert spec.base is not None
    base_arrays.save(base_arrays.trained(spec.base, context, Given(parts)), tmp_path)
    shared = spec.build(RunContext(**{**vars(context), "base": base_arrays.load(tmp_path)}))
    shared.fit(train, val=parts["val"])
    assert shared.predict(test).tobytes() == alone.predict(test).tobytes()


class Given:
    """Parts by name."""

    def __init__(self, parts: dict[str, LabeledSet]) -> None:
        self.part = parts.get


def test_all_of_them_declare_the_same_with_each_input() -> None:
    described = [spec.describe() for spec in DECOUPLED]
    bases = [[each["base"], each["choices"]["images"]["base"]] for each in described]
    assert bases[0] == bases[1] == bases[2]
    assert {"head_lr", "tau", "per_class"}.isdisjoint(bases[0][0]["settings"] + bases[0][1]["settings"])
    assert "base" not in described[0]["choices"]["mini-clip"]  # which is as with the first input
