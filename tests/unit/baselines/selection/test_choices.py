"""What each method of data selection keeps: by chance, by density as the command does, by the distance from centres."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from farfield.cli import main
from farfield.runtime.dataset import LabeledSet
from farfield_baselines.selection import keep_density, keep_far_from_centre, keep_random
from farfield_baselines.selection.listed import SPECS

COUNT, DIM = 240, 6
Build = Callable[..., Any]


@pytest.fixture
def train(labeled: Callable[..., LabeledSet]) -> LabeledSet:
    """Dense clusters and wide ones, of very different sizes."""
    rng = np.random.default_rng(5)
    sizes = np.array([120, 60, 40, 20])
    centres, widths = np.eye(4, DIM) + 0.2, np.array([0.02, 0.1, 0.2, 0.3])
    of = np.repeat(np.arange(4), sizes)
    features = centres[of] + rng.normal(size=(COUNT, DIM)) * widths[of, None]
    return labeled(features.astype(np.float32), of % 3)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
@pytest.mark.parametrize("most", [3, 60, 120])
def test_each_keeps_at_most_the_budget_and_the_same_again(
    spec: Any, most: int, build: Build, train: LabeledSet
) -> None:
    first, again = (build(spec).choose(train, most) for _ in range(2))
    assert 1 <= len(first) <= most
    assert len(set(first.tolist())) == len(first)
    assert set(first.tolist()) <= set(range(COUNT))
    assert first.tolist() == again.tolist()


def test_chance_has_a_seed(build: Build, train: LabeledSet) -> None:
    one, other = (set(build(keep_random.SPEC, seed=seed).choose(train, 60).tolist()) for seed in (1, 2))
    assert len(one) == 60
    assert one != other


def test_density_is_the_choice_of_the_command(build: Build, train: LabeledSet, tmp_path: Path) -> None:
    features = np.concatenate([batch.inputs for batch in train.batches(64)])
    np.save(tmp_path / "all.npy", features)
    given = {"clusters": 8, "temperature": 0.1, "balance": 0.25}
    words = ["prune", str(tmp_path / "all.npy"), "--keep", "0.25", "--out", str(tmp_path / "kept.npy"), "--seed", "3"]
    assert main([*words, *(word for name, value in given.items() for word in (f"--{name}", str(value)))]) == 0
    places = np.load(tmp_path / "kept.npy")
    chosen = build(keep_density.SPEC, given, seed=3).choose(train, COUNT // 4)
    assert len(places) <= COUNT // 4  # else the command keeps some too many by its rounding, and the method does not
    assert chosen.tolist() == places.tolist()


def test_what_rounding_has_too_many_of_is_the_nearest_to_centres() -> None:
    distances = np.array([0.5, 0.1, 0.4, 0.3])
    assert keep_density.farthest(np.array([0, 1, 3]), distances, 2).tolist() == [0, 3]
    assert keep_density.farthest(np.array([0, 1]), distances, 2).tolist() == [0, 1]


def test_far_and_near_are_the_two_ends(build: Build, train: LabeledSet) -> None:
    far = build(keep_far_from_centre.SPEC, {"clusters": 4}).choose(train, 120)
    near = build(keep_far_from_centre.SPEC, {"clusters": 4, "keep": "nearest"}).choose(train, 120)
    assert not set(far.tolist()) & set(near.tolist())
    assert np.mean(near < 120) > 0.9  # the dense cluster
    assert np.mean(far < 120) < 0.1


def test_without_a_number_there_are_as_many_clusters_as_classes(build: Build, train: LabeledSet) -> None:
    usual = build(keep_far_from_centre.SPEC).choose(train, 60)
    assert usual.tolist() == build(keep_far_from_centre.SPEC, {"clusters": 3}).choose(train, 60).tolist()
    assert usual.tolist() != build(keep_far_from_centre.SPEC, {"clusters": 9}).choose(train, 60).tolist()
