"""The curve of a method: how many of its points a run has room for, and what it wrote at each, checked and scored."""

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from farfield import TaskFamily
from farfield.errors import PredictionsError, ProtocolError
from farfield.runtime.curve import MOST_POINTS, check_points
from farfield.runtime.job import CURVE, curve_file
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.evaluate import CurvePoint, Truth, curve_point, expected_shapes
from farfield_evaluators.suites.domainbed.parsing import is_number
from farfield_workers.sandbox.base import GIB, Limits
from farfield_workers.untrusted import load_array, read_json_object

CURVE_BYTES = 16 * GIB
MOST_BYTES = 4096
ITEM_BYTES = 8


def room_for(benchmark: Benchmark, truth: Truth) -> int:
    """How many points of a curve fit CURVE_BYTES: none of a family that has no curves."""
    if benchmark.family is not TaskFamily.CLASSIFICATION:
        return 0
    return min(MOST_POINTS, CURVE_BYTES // max(1, _bytes(benchmark, truth)))


def with_output_of(limits: Limits, benchmark: Benchmark, truth: Truth) -> Limits:
    """The limits, with room for the predictions and a curve; the rest of the output has what it had at least."""
    predictions = _bytes(benchmark, truth)
    return replace(limits, output_bytes=limits.output_bytes + predictions * (1 + room_for(benchmark, truth)))


def read_curve(benchmark: Benchmark, truth: Truth, output: Path) -> Iterator[CurvePoint]:
    """The points that a run wrote, one after the other; none without a curve. Raises PredictionsError."""
    if benchmark.family is not TaskFamily.CLASSIFICATION or not (output / CURVE).exists():
        return
    for number, point in enumerate(_points(output)):
        logits = load_array(output / curve_file(number), (len(truth), truth.classes), mapped=True)
        yield curve_point(benchmark, truth, point, logits)


def _points(output: Path) -> tuple[float, ...]:
    found = read_json_object(output / CURVE, MOST_BYTES).get("points")
    if not isinstance(found, list) or not all(map(is_number, found)):
        raise PredictionsError(f"{CURVE} has no list of finite numbers called points")
    points = tuple(float(point) for point in found)
    try:
        check_points(points)
    except ProtocolError as error:
        raise PredictionsError(f"{CURVE}: {error}") from error
    return points


def _bytes(benchmark: Benchmark, truth: Truth) -> int:
    """What the predictions of a run take at most, in double precision."""
    shapes = expected_shapes(benchmark.family, len(truth), truth.classes)
    return ITEM_BYTES * sum(math.prod(shape) for shape in shapes.values())
