"""The curve of a method: how many of its points a run has room for, and what it wrote at each, checked and scored."""

from collections.abc import Iterator
from pathlib import Path

from farfield import families
from farfield.errors import PredictionsError, ProtocolError
from farfield.runtime.curve import MOST_POINTS, check_points
from farfield.runtime.job import CURVE, curve_file
from farfield.runtime.rules import most_bytes
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.evaluate import CurvePoint, curve_point
from farfield_evaluators.numbers import is_number
from farfield_evaluators.run_plan import Staged
from farfield_workers.outputs import Rules
from farfield_workers.sandbox.base import GIB
from farfield_workers.untrusted import load_array, read_json_object

CURVE_BYTES = 16 * GIB
MOST_BYTES = 4096


def room_for(benchmark: Benchmark, rules: Rules) -> int:
    """How many points of a curve fit CURVE_BYTES: none of a family that has no curves."""
    if not families.of(benchmark.family).curves:
        return 0
    return min(MOST_POINTS, CURVE_BYTES // max(1, most_bytes(rules)))


def read_curve(benchmark: Benchmark, staged: Staged, output: Path) -> Iterator[CurvePoint]:
    """The points that a run wrote, one after the other; none without a curve. Raises PredictionsError."""
    if not families.of(benchmark.family).curves or not (output / CURVE).exists():
        return
    for number, point in enumerate(_points(output)):
        logits = load_array(output / curve_file(number), (staged.examples, staged.classes), mapped=True)
        yield curve_point(benchmark, staged.truth, point, logits)


def _points(output: Path) -> tuple[float, ...]:
    listed = read_json_object(output / CURVE, MOST_BYTES).get("points")
    if not isinstance(listed, list) or not all(map(is_number, listed)):
        raise PredictionsError(f"{CURVE} has no list of finite numbers called points")
    points = tuple(float(point) for point in listed)
    try:
        check_points(points)
    except ProtocolError as error:
        raise PredictionsError(f"{CURVE}: {error}") from error
    return points
