"""Records from predictions: what each figure is over, and what cannot be scored."""

import numpy as np
import pytest

from farfield.errors import PredictionsError
from farfield_evaluators.suites.domainbed.records import Record, run_args
from farfield_evaluators.suites.domainbed.scoring import records_of
from farfield_evaluators.suites.domainbed.selection import Statistics, statistics_of
from farfield_evaluators.suites.domainbed.staging import Layout
from farfield_evaluators.suites.domainbed.sweep import Cell

CELL = Cell(dataset="ColoredMNIST", algorithm="ERM", test_envs=(2,), hparams_seed=0, trial_seed=0)
# Three environments; in each two examples in the in-split and two, of both classes, in the out-split.
LAYOUT = Layout(
    labels=np.tile([0, 1], 6),
    environments=np.repeat([0, 1, 2], 4),
    held_out=np.tile([0, 0, 1, 1], 3),
    in_sizes=(2, 2, 2),
)
CHECKPOINTS = (
    {"step": 0, "seconds": 1.0, "mem_gb": 0.5, "losses": {"loss": 2.0}},
    {"step": 4, "seconds": 3.0, "mem_gb": 0.75, "losses": {"loss": 1}},
)


def records(predicted: np.ndarray) -> tuple[Record, ...]:
    return records_of(LAYOUT, predicted, CHECKPOINTS, {}, batch_size=1, args=run_args(CELL), classes=2)


def test_variation_is_over_the_out_splits_of_training_environments() -> None:
    right = LAYOUT.labels.copy()
    wrong_elsewhere = right.copy()
    elsewhere = (LAYOUT.held_out == 0) | (LAYOUT.environments == 2)
    wrong_elsewhere[elsewhere] = 1 - right[elsewhere]
    one_differs = right.copy()
    one_differs[2] = 1  # environment 0, label 0, out-split
    first, second = records(np.stack([wrong_elsewhere, one_differs]))
    assert statistics_of(first) == Statistics(variation=0.0, informativeness=1.0)
    assert statistics_of(second) == Statistics(variation=1.0, informativeness=0.0)
    assert (first.in_acc, first.out_acc) == ((0.0, 0.0, 0.0), (1.0, 1.0, 0.0))
    assert (second.out_acc, second.values["step_time"], second.values["epoch"]) == ((0.5, 1.0, 1.0), 0.5, 2.0)


def test_a_record_has_the_keys_of_domainbeds_and_the_two_of_ours() -> None:
    first, second = records(np.stack([LAYOUT.labels, LAYOUT.labels]))
    assert first.values.keys() == {"loss", "epoch", "step_time", "mem_gb", "variation", "informativeness"}
    assert (first.values["mem_gb"], second.values["mem_gb"]) == (0.5, 0.75)


@pytest.mark.parametrize(
    ("predicted", "says"),
    [
        (np.zeros((1, 12), np.int32), "must be whole numbers"),
        (np.zeros((2, 12), np.float32), "must be whole numbers"),
        (np.full((2, 12), 2), "classes in 0..1"),
        (np.full((2, 12), -1), "classes in 0..1"),
    ],
)
def test_what_are_no_classes_is_not_scored(predicted: np.ndarray, says: str) -> None:
    with pytest.raises(PredictionsError, match=says):
        records(predicted)
