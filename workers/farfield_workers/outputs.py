"""What a run wrote, read back: arrays of the agreed shapes and notes of bounded size, and the room that they take."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy.typing as npt

from farfield import families
from farfield.errors import PredictionsError
from farfield.families import ArrayRule
from farfield.runtime.rules import most_bytes
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.evaluate import count_names
from farfield_evaluators.run_plan import Arrays, Outputs, Staged
from farfield_workers.failures import of_the_method
from farfield_workers.sandbox.base import Limits
from farfield_workers.untrusted import load_array, read_json_object

RESULT = "result.json"
Rules = Mapping[str, ArrayRule]


def rules_of(benchmark: Benchmark, staged: Staged) -> Rules:
    """What the arrays that a run brings must be, by name."""
    targets = max(1, len(staged.job.get("target_names", ())))
    size = benchmark.size(
        examples=staged.examples,
        classes=staged.classes,
        targets=targets,
        checkpoints=len(staged.checkpoints),
        texts=len(staged.job.get("captions", ())),
    )
    return families.of(benchmark.family).outputs(size)


def parted(rules: Rules, arrays: Arrays) -> tuple[Arrays, Arrays]:
    """The arrays with rows of the test inputs, and those that were to be made before the first of them was given."""
    given = {name: array for name, array in arrays.items() if rules[name].of_inputs}
    return given, {name: array for name, array in arrays.items() if name not in given}


def with_room(limits: Limits, rules: Rules, times: int = 1) -> Limits:
    """The limits, with room for so many times the arrays; the rest of the output has what it had at least."""
    return replace(limits, output_bytes=limits.output_bytes + times * most_bytes(rules))


def read_outputs(rules: Rules, staged: Staged, output: Path) -> Outputs:
    """What a run wrote to its end. Raises RunFailure for what cannot be scored."""
    with of_the_method("what the run wrote"):
        notes = {name: read_json_object(output / name, most) for name, most in staged.notes.items()}
        arrays = _arrays(rules, output)
        # The predictions come first, so that they alone do not say that the probes and the curve were lived through.
        read_json_object(output / RESULT)
        return Outputs(arrays=arrays, notes=notes)


def _arrays(rules: Rules, output: Path) -> Arrays:
    """Counts, of rows and of columns, are checked before anything is read by them."""
    arrays: dict[str, npt.NDArray[Any]] = {}
    counts = count_names(rules) | {rule.columns for rule in rules.values() if rule.columns}
    for name, rule in rules.items():
        array = load_array(output / f"{name}.npy", rule.shape_given(arrays), mapped=True)
        problem = rule.problem(name, array, arrays) if name in counts else ""
        if problem:
            raise PredictionsError(problem)
        arrays[name] = array
    return arrays
