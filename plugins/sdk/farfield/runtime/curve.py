"""Methods that are one of a line of models, as WiSE-FT's is by its alpha: which points of the line are asked for.

Such a classifier has two members more: `curve_points`, ascending numbers, and `move_to(point)`. After the predictions
of the run itself, the runner moves to each point and predicts the test images again. The figures of the points are
shown beside the entry and are never ranked, so a method still chooses where it stands without seeing them.
"""

import itertools
import math
from collections.abc import Callable

from farfield.errors import ProtocolError

MOST_POINTS = 32


def points_of(method: object) -> tuple[float, ...]:
    """The points of a method, none where it has no curve. Raises ProtocolError for members that do not fit."""
    given = getattr(method, "curve_points", ())
    try:
        points = tuple(float(point) for point in given)
    except (TypeError, ValueError) as error:
        raise ProtocolError(f"curve_points: must be a sequence of numbers: {error}") from error
    if points and not callable(getattr(method, "move_to", None)):
        raise ProtocolError("curve_points is there, but `move_to(point)` is not; write it, or leave out curve_points")
    check_points(points)
    return points


def check_points(points: tuple[float, ...]) -> None:
    """Raises ProtocolError unless they are at most MOST_POINTS finite numbers, each above the one before."""
    if len(points) > MOST_POINTS:
        raise ProtocolError(f"curve_points: {len(points)} points are too many; at most {MOST_POINTS} are predicted")
    rising = all(before < after for before, after in itertools.pairwise(points))
    if not rising or not all(map(math.isfinite, points)):
        raise ProtocolError("curve_points: must be finite numbers, each above the one before")


def move(method: object, point: float) -> None:
    """Make the method the model at this point of its line."""
    move_to: Callable[[float], None] = method.move_to  # type: ignore[attr-defined]  # points_of has looked
    move_to(point)
