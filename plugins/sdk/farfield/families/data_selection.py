"""Data selection: which examples of a training set a model is trained on, at most so many of them.

A run ends with the choice. The platform trains the model outside, the same for every method, and no test input is
given.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield.errors import JobError, ProtocolError
from farfield.families.family import ArrayRule, Build, Inputs, Schedule, Size
from farfield.families.toys import Toys
from farfield.method import Inputs as Declared
from farfield.protocols import DataSelector, Ints, TrainingSet
from farfield.runtime.loops import as_array
from farfield.runtime.rows import Out
from farfield.runtime.streamed import finish

KEPT = "kept"
MOST = "most"
MOST_OF_TOYS = 5
Mask = npt.NDArray[np.uint8]


def positions_of(returned: object, count: int, most: int) -> Ints:
    """What `choose` returned, as positions int64 [K] of the `count` examples of a training set, 1 <= K <= most.

    Raises ProtocolError for anything else, and for an example that is chosen twice.
    """
    array = as_array(returned, "choose: positions")
    if array.ndim != 1 or array.dtype.kind not in "iu":
        mask = "; np.flatnonzero makes them of a mask" if array.dtype.kind == "b" else ""
        got = f"{array.dtype} {list(array.shape)}"
        raise ProtocolError(f"choose: must return whole numbers [K], the positions of examples, got {got}{mask}")
    if not 1 <= len(array) <= most:
        raise ProtocolError(f"choose: {len(array)} examples are chosen; the budget is from 1 to {most}")
    if array.min() < 0 or array.max() >= count:
        raise ProtocolError(f"choose: an example beyond the {count} of the training set is chosen")
    if len(np.unique(array)) < len(array):
        raise ProtocolError("choose: an example is chosen twice; each counts once")
    return array.astype(np.int64)


def chosen_by(method: DataSelector, train: TrainingSet, most: int) -> Mask:
    """1 of each example [N] that the method chooses, 0 of the others. Raises ProtocolError as `positions_of`."""
    mask = np.zeros(len(train), np.uint8)
    mask[positions_of(method.choose(train, most), len(train), most)] = 1
    return mask


class DataSelection:
    """`choose` -> kept uint8 [N]: 1 of each example of the training set that is chosen, 0 of the others."""

    name = "data-selection"
    title = "Data selection"
    protocol = DataSelector
    members = ("choose",)
    optional = ()
    annotated = ()
    curves = False
    asks = False
    bases = False
    probes = False

    def problems(self, inputs: Declared) -> list[str]:
        return []

    def outputs(self, size: Size) -> Mapping[str, ArrayRule]:
        return {KEPT: ArrayRule(shape=(size.examples,), dtype="uint8", lowest=0, highest=1)}

    def run(self, method: Any, inputs: Inputs, out: Out, schedule: Schedule) -> None:
        train = inputs.part("train")
        if train is None or MOST not in schedule.steps:
            raise JobError("a run of data selection needs train/ and how many examples are chosen at most")
        out.save({KEPT: chosen_by(method, train, schedule.steps[MOST])})
        finish(inputs.test)  # there are none, and a run says that it has had all of them

    def check(self, build: Build) -> None:
        first, again = (chosen_by(build(), Toys(build).part("train"), MOST_OF_TOYS) for _ in range(2))
        if not build.spec.stochastic and not np.array_equal(first, again):
            says = "two runs with the same seed choose other examples"
            raise ProtocolError(f"{says}; seed every generator, or declare stochastic=True")


FAMILY = DataSelection()
