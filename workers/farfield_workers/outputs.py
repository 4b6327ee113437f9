"""What a run wrote, read back: arrays of the agreed shapes and notes of bounded size, and the room that they take."""

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.evaluate import expected_shapes
from farfield_evaluators.run_plan import Outputs, Staged
from farfield_workers.failures import of_the_method
from farfield_workers.sandbox.base import Limits
from farfield_workers.untrusted import load_array, read_json_object

ITEM_BYTES = 8
RESULT = "result.json"
Shapes = Mapping[str, tuple[int, ...]]


def shapes_of(benchmark: Benchmark, staged: Staged) -> dict[str, tuple[int, ...]]:
    """The arrays that a run brings, with their shapes: of checkpoints the classes [K, N] that are predicted at each."""
    if staged.checkpoints:
        return {"predictions": (len(staged.checkpoints), staged.examples)}
    return expected_shapes(benchmark.family, staged.examples, staged.classes)


def with_room(limits: Limits, shapes: Shapes, times: int = 1) -> Limits:
    """The limits, with room for so many times the arrays; the rest of the output has what it had at least."""
    return replace(limits, output_bytes=limits.output_bytes + times * bytes_of(shapes))


def bytes_of(shapes: Shapes) -> int:
    """What the arrays take at most, in double precision."""
    return ITEM_BYTES * sum(math.prod(shape) for shape in shapes.values())


def read_outputs(shapes: Shapes, staged: Staged, output: Path) -> Outputs:
    """What a run wrote to its end. Raises RunFailure for what cannot be scored."""
    with of_the_method("what the run wrote"):
        notes = {name: read_json_object(output / name, most) for name, most in staged.notes.items()}
        arrays = {name: load_array(output / f"{name}.npy", shape, mapped=True) for name, shape in shapes.items()}
        # The predictions come first, so that they alone do not say that the probes and the curve were lived through.
        read_json_object(output / RESULT)
        return Outputs(arrays=arrays, notes=notes)
