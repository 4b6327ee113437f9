"""Means over replicates, on numbers that were added up by hand: WILDS' mean, and its deviation with ddof 1."""

import json

import numpy as np
import pytest

from farfield_evaluators.suites.wilds.datasets import DATASETS, FMOW
from farfield_evaluators.suites.wilds.replicates import CellScores, official, official_json, spread
from farfield_evaluators.suites.wilds.submission import UNDEFINED, CellName, FolderError, cells_of


def scores(values: dict[str, float | None], key: str = "acc_worst_region") -> dict[CellName, CellScores]:
    """The same average in each replicate, and another worst region."""
    return {
        cell: CellScores(figures=(), results={"acc_avg": 0.5, "acc_worst_region": 0.25} | {key: values[cell.replicate]})
        for cell in cells_of(FMOW)
    }


def test_the_spread_has_one_degree_of_freedom_less() -> None:
    found = spread([0.25, 0.5, 0.75])
    assert found.mean == 0.5
    assert found.std == 0.25  # sqrt((1/16 + 0 + 1/16) / 2); with ddof 0 it would be .204


def test_the_official_results_are_those_of_wilds_on_the_same_values() -> None:
    values: dict[str, float | None] = {"seed:0": 0.31, "seed:1": 0.33, "seed:2": 0.29}
    found = official(FMOW, scores(values))
    assert list(found) == ["id_val", "id_test", "val", "test"]
    listed = [value for value in values.values() if value is not None]
    for split in found.values():
        assert list(split) == ["acc_worst_region_std", "acc_worst_region", "acc_avg_std", "acc_avg"]
        assert split["acc_worst_region"] == np.mean(listed)
        assert split["acc_worst_region_std"] == np.std(listed, ddof=1) == pytest.approx(0.02)
        assert (split["acc_avg"], split["acc_avg_std"]) == (0.5, 0)
    assert json.loads(official_json(found)) == found


def test_what_is_undefined_in_one_replicate_is_named_and_has_no_mean() -> None:
    with pytest.raises(FolderError) as caught:
        official(FMOW, scores({"seed:0": 0.3, "seed:1": None, "seed:2": 0.3}))
    assert caught.value.code == UNDEFINED
    assert [problem.where for problem in caught.value.problems] == [
        f"split {split}, seed:1" for split in FMOW.evaluated
    ]


def test_every_data_set_asks_for_replicates_over_which_a_spread_is_defined() -> None:
    assert {len(dataset.replicates) for dataset in DATASETS.values()} == {3, 5, 10}
