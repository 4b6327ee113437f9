"""Families that predict test inputs batch by batch, one row an input: the loop that they share."""

import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np

from farfield.families.family import ArrayRule, Inputs, Schedule, Size, Tell
from farfield.runtime.dataset import Source, in_batches
from farfield.runtime.loops import Array
from farfield.runtime.probes import probe, side_by_side
from farfield.runtime.rows import Out
from farfield.runtime.streamed import finish, noted

Made = TypeVar("Made")
TRACEBACK_LINES = 30


class HasOutputs(Protocol):
    """Whatever says which arrays a run brings."""

    def outputs(self, size: Size) -> Mapping[str, ArrayRule]: ...


@dataclass(frozen=True, kw_only=True)
class Batched:
    """How one batch is predicted: (method, inputs [B, ...], size) -> arrays of B rows each; and what that is called."""

    predict: Callable[[Any, Array, Size], dict[str, Array]]
    phase: str

    def run(self, family: HasOutputs, method: Any, inputs: Inputs, out: Out, schedule: Schedule) -> None:
        """Write the predictions of all test inputs, and then the probes where they are asked for."""
        source, batch = inputs.test, inputs.spec.batch_size
        out.rows(family.outputs(inputs.size), noted(source, self.batches(method, source, inputs, out.progress)))
        finish(source)
        if schedule.probe:

            def again(part: Source, size: int) -> Array:
                return self._side_by_side(method, part, inputs, size)

            out.save(guarded("the protocol probes", lambda: probe(again, source, batch)) or {})

    def batches(
        self, method: Any, source: Source, inputs: Inputs, tell: Tell, batch: int = 0
    ) -> Iterator[dict[str, Array]]:
        """The outputs for all inputs of a source, in order."""
        done = 0
        for images in in_batches(source, batch or inputs.spec.batch_size):
            yield self.predict(method, images, inputs.size)
            done += len(images)
            tell(self.phase, done, len(source))

    def whole(self, method: Any, inputs: Inputs, batch: int) -> Array:
        """Those for all test inputs, side by side [N, D]."""
        return self._side_by_side(method, inputs.test, inputs, batch)

    def _side_by_side(self, method: Any, source: Source, inputs: Inputs, batch: int) -> Array:
        batches = self.batches(method, source, inputs, lambda *_: None, batch)
        return np.concatenate([side_by_side(arrays) for arrays in batches])


def guarded(what: str, make: Callable[[], Made]) -> Made | None:
    """What is made after the predictions never costs a run: a failure is in the log, and there is none of it."""
    try:
        return make()
    except Exception:
        traceback.print_exc(limit=-TRACEBACK_LINES)
        print(f"farfield: {what} failed; the predictions stand", flush=True)
        return None
