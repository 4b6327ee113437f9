"""What the protocol probes say of a run: whether its predictions repeat, and whether they depend on the test batch."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield.errors import PredictionsError
from farfield.probes import REORDERED, REPEAT, probed_count, side_by_side
from farfield.testing import TOLERANCE
from farfield_workers.untrusted import load_array

Array = npt.NDArray[Any]


def probed(output: Path, arrays: Mapping[str, Array], description: Mapping[str, Any]) -> dict[str, Any]:
    """The probes of a run that wrote `arrays`, as JSON-ready data; a method whose repeats failed passes neither."""
    total = min(len(array) for array in arrays.values())
    count = probed_count(total, int(description["batch_size"]))
    first = side_by_side({name: array[:count] for name, array in arrays.items()})
    repeat, reordered = (_difference(output / f"{name}.npy", first) for name in (REPEAT, REORDERED))
    return {
        "examples": count,
        "deterministic": repeat is not None and repeat <= 1,
        # A method that is not even deterministic differs in any company; the repeat is what it is measured by.
        "batch_independent": reordered is not None and reordered <= max(1.0, 2 * (repeat or 0.0)),
        "largest_difference": max((d * TOLERANCE for d in (repeat, reordered) if d is not None), default=0.0),
        "declared": {name: bool(description[name]) for name in ("transductive", "stochastic")},
    }


def _difference(path: Path, first: Array) -> float | None:
    """The largest difference in units of what is tolerated, TOLERANCE * (1 + |value|); None when there is no probe."""
    try:
        again = load_array(path, first.shape).astype(np.float64)
    except PredictionsError:
        return None
    if not np.isfinite(again).all():
        return None
    return float((np.abs(again - first) / (TOLERANCE * (1 + np.abs(first)))).max(initial=0.0))
