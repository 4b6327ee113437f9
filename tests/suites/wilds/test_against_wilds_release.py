"""From the files of a release to the official results: WILDS' own package reads the same tree and the same predictions.

Of its data sets those that can be read with today's pandas and numpy, and without a network. Its script that evaluates
a folder is in no package: the mean over replicates here is written after what it does.
"""

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.suites.wilds.scoring import oracle
from tests.suites.wilds.submissions import grown, written

from farfield_evaluators.suites.wilds.command import score
from farfield_evaluators.suites.wilds.datasets import DATASETS, Dataset, Replicate
from farfield_evaluators.suites.wilds.submission import CellName

READABLE = ("camelyon17", "iwildcam", "amazon", "poverty")


@pytest.mark.parametrize("name", READABLE)
def test_the_official_results_are_those_of_wilds_own_package(name: str, tmp_path: Path) -> None:
    dataset = DATASETS[name]
    root = grown(name, tmp_path / "root")
    folder = written(name, root, tmp_path / "mine")
    score(dataset, root, folder, tmp_path, "text")
    ours = json.loads((tmp_path / f"{name}_results.json").read_text())
    theirs = evaluated(dataset, tmp_path / "root", folder)
    assert ours.keys() == theirs.keys()
    for split, values in theirs.items():
        assert ours[split].keys() == values.keys()
        for key, value in values.items():
            assert ours[split][key] == pytest.approx(value, abs=1e-6), (split, key)


def evaluated(dataset: Dataset, root: Path, folder: Path) -> dict[str, dict[str, float]]:
    """Mean and deviation (ddof 1) over replicates of what the package's data set gives of each split."""
    values: dict[tuple[str, str], list[float]] = {}
    for replicate in dataset.replicates:
        theirs = read(dataset, root, replicate)
        for split in [name for name in theirs.split_dict if name != "train"]:
            found = of_split(theirs, split, folder / CellName(split, str(replicate)).file(dataset))
            for key in dataset.reported:
                values.setdefault((split, key), []).append(found[key])
    results: dict[str, dict[str, float]] = {}
    for (split, key), listed in values.items():
        results.setdefault(split, {}).update({f"{key}_std": np.std(listed, ddof=1), key: np.mean(listed)})
    return results


def read(dataset: Dataset, root: Path, replicate: Replicate) -> Any:
    """WILDS' own data set of the release."""
    import wilds

    fold = {"fold": replicate.value} if replicate.kind == "fold" else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return wilds.get_dataset(dataset=dataset.name, root_dir=str(root), download=False, **fold)


def of_split(theirs: Any, split: str, path: Path) -> dict[str, float]:
    subset = theirs.get_subset(split)
    predicted = torch.from_numpy(np.loadtxt(path, ndmin=1))
    predicted = predicted if predicted.shape == subset.y_array.shape else predicted.unsqueeze(-1)
    return oracle.results(theirs, predicted, subset.y_array, subset.metadata_array.numpy())
