"""What the protocol probes say of a run: whether its predictions repeat, and whether they depend on the test batch."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield.errors import PredictionsError
from farfield.runtime.probes import REORDERED, REPEAT, probed_count, side_by_side
from farfield.testing import TOLERANCE
from farfield_workers.untrusted import load_array

LARGEST = float(np.finfo(np.float64).max)  # a report holds finite numbers
SPREAD = 4.0
Array = npt.NDArray[Any]


def probed(output: Path, arrays: Mapping[str, Array], description: Mapping[str, Any]) -> dict[str, Any]:
    """The probes of a run that wrote `arrays`, as JSON-ready data; a method whose repeats failed passes neither."""
    total = min(len(array) for array in arrays.values())
    count = probed_count(total, int(description["batch_size"]))
    first = side_by_side({name: array[:count] for name, array in arrays.items()})
    repeat, reordered = (_differences(output / f"{name}.npy", first) for name in (REPEAT, REORDERED))
    found = [differences.max(initial=0.0) for differences in (repeat, reordered) if differences is not None]
    return {
        "examples": count,
        "deterministic": repeat is not None and bool(repeat.max(initial=0.0) <= 1),
        "batch_independent": reordered is not None and _is_independent(repeat, reordered),
        "largest_difference": min(LARGEST, max((float(d) * TOLERANCE for d in found), default=0.0)),
        "declared": {name: bool(description[name]) for name in ("transductive", "stochastic")},
    }


def _is_independent(repeat: Array | None, reordered: Array) -> bool:
    """A method that is not even deterministic differs in any company; the repeat is what it is measured by.

    Both are drawn then, and the largest of few draws can be any times the largest of few others; their middle cannot.
    """
    most = 0.0 if repeat is None else float(repeat.max(initial=0.0))
    if reordered.max(initial=0.0) <= max(1.0, 2 * most):
        return True
    return repeat is not None and most > 1 and bool(np.median(reordered) <= SPREAD * np.median(repeat))


def _differences(path: Path, first: Array) -> Array | None:
    """In units of what is tolerated, TOLERANCE * (1 + |value|), [N, ...]; None when there is no probe."""
    try:
        again = load_array(path, first.shape).astype(np.float64)
    except PredictionsError:
        return None
    if not np.isfinite(again).all():
        return None
    with np.errstate(over="ignore"):  # the difference of two finite numbers may be none
        found: Array = np.abs(again - first) / (TOLERANCE * (1 + np.abs(first)))
    return found
