"""Regression: one number, or several, told of every test image, such as how wealthy a village is."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from farfield.families.family import ArrayRule, Build, Inputs, Schedule, Size
from farfield.families.streams import Batched
from farfield.families.toys import Toys, check_stream
from farfield.method import Inputs as Declared
from farfield.protocols import Regressor
from farfield.runtime.loops import Array, as_array, checked, fit
from farfield.runtime.rows import Out


def values_of(method: Regressor, images: Array, size: Size) -> dict[str, Array]:
    """Values float64 [B, T] of one batch; of a single target [B] is taken too. Raises ProtocolError otherwise."""
    returned = as_array(method.predict(images), "predict: values")
    flat = size.targets == 1 and returned.ndim == 1
    shape = (len(images),) if flat else (len(images), size.targets)
    return {"values": checked(returned, shape, "predict: values", np.float64).reshape(len(images), size.targets)}


VALUES = Batched(predict=values_of, phase="predict")


class Regression:
    """`predict` -> values float64 [N, T], in the units of the training set's `targets`."""

    name = "regression"
    title = "Regression"
    protocol = Regressor
    members = ("predict",)
    optional = ("fit",)
    annotated = ()
    curves = False
    asks = False
    bases = True
    probes = True

    def problems(self, inputs: Declared) -> list[str]:
        return []

    def outputs(self, size: Size) -> Mapping[str, ArrayRule]:
        return {"values": ArrayRule(shape=(size.examples, size.targets), dtype="float64")}

    def run(self, method: Any, inputs: Inputs, out: Out, schedule: Schedule) -> None:
        fit(method, inputs)
        VALUES.run(self, method, inputs, out, schedule)

    def check(self, build: Build) -> None:
        toys = Toys(build)
        check_stream(build, toys, lambda method: fit(method, toys), VALUES)


FAMILY = Regression()
