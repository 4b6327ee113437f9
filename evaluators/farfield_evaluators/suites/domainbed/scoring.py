"""From predictions at checkpoints to DomainBed's records; the labels never left this side."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield.errors import PredictionsError
from farfield_evaluators.suites.domainbed.records import Record
from farfield_evaluators.suites.domainbed.seeds import epoch
from farfield_evaluators.suites.domainbed.selection import INFORMATIVENESS_KEY, VARIATION_KEY
from farfield_evaluators.suites.domainbed.staging import Layout
from farfield_evaluators.suites.domainbed.variation import prediction_statistics

Json = Mapping[str, Any]


def records_of(
    layout: Layout,
    predictions: npt.NDArray[Any],
    checkpoints: Sequence[Json],
    hparams: Json,
    *,
    batch_size: int,
    args: Json,
    classes: int,
) -> tuple[Record, ...]:
    """One record a checkpoint, from predicted classes [K, N] in staged order. Raises PredictionsError.

    `checkpoints` holds for each the step, the mean losses since the one before, the seconds of training so far, and
    the most GPU memory so far in GiB.
    Variation and informativeness are of the out-splits of the environments that are not held out.
    """
    _check(layout, predictions, checkpoints, classes)
    training = (layout.held_out == 1) & ~np.isin(layout.environments, args["test_envs"])
    seconds = [0.0, *(float(c["seconds"]) for c in checkpoints)]
    found = []
    for number, (row, checkpoint) in enumerate(zip(predictions, checkpoints, strict=True)):
        step = int(checkpoint["step"])
        taken = max(1, step - (int(checkpoints[number - 1]["step"]) if number else -1))
        losses = {name: float(value) for name, value in checkpoint["losses"].items()}
        values = losses | {
            "epoch": epoch(step, layout.in_sizes, batch_size),
            "mem_gb": checkpoint["mem_gb"],
            "step_time": max(0.0, seconds[number + 1] - seconds[number]) / taken,
            **_statistics(layout, row, training, classes),
        }
        in_acc, out_acc = accuracies(layout, row)
        found.append(Record(step=step, in_acc=in_acc, out_acc=out_acc, args=args, hparams=hparams, values=values))
    return tuple(found)


def accuracies(layout: Layout, predicted: npt.NDArray[Any]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """(in, out) accuracy of every environment, 0..1, from predicted classes [N]. Raises PredictionsError for none."""
    hits = predicted == layout.labels
    parts: list[list[float]] = [[], []]
    for number in range(len(layout.in_sizes)):
        for part in (0, 1):
            inside = hits[(layout.environments == number) & (layout.held_out == part)]
            if not len(inside):
                raise PredictionsError(f"environment {number} has no example in its {('in', 'out')[part]}-split")
            parts[part].append(float(inside.mean()))
    return tuple(parts[0]), tuple(parts[1])


def _statistics(
    layout: Layout, predicted: npt.NDArray[Any], of: npt.NDArray[np.bool_], classes: int
) -> dict[str, float]:
    found = prediction_statistics(predicted[of], layout.labels[of], layout.environments[of], classes)
    return {VARIATION_KEY: found.variation, INFORMATIVENESS_KEY: found.informativeness}


def _check(layout: Layout, predictions: npt.NDArray[Any], checkpoints: Sequence[Json], classes: int) -> None:
    wanted = (len(checkpoints), len(layout.labels))
    if predictions.shape != wanted or not np.issubdtype(predictions.dtype, np.integer):
        raise PredictionsError(
            f"predictions must be whole numbers {wanted}, not {predictions.dtype} {predictions.shape}"
        )
    if predictions.size and not 0 <= predictions.min() <= predictions.max() < classes:
        raise PredictionsError(f"predictions must be classes in 0..{classes - 1}")
