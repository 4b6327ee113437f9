"""Pruning by density: what `measure_pruning.py` measured of its release, the quadratic program, and the command."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from tests.unit.evaluators import pruning_case as case

from farfield import pruning
from farfield.cli import main

MEASURED = json.loads(Path(__file__).with_name("pruning.json").read_text(encoding="utf-8"))


def test_complexities_and_kept_examples_of_each_cluster_are_the_releases() -> None:
    clusters = case.clusters()
    complexities = pruning.complexity(clusters, case.NEIGHBOURS)
    np.testing.assert_allclose(complexities, MEASURED["complexity"], atol=1e-6)
    for (temperature, total, balance), counts in zip(case.CASES, MEASURED["counts"], strict=True):
        wanted = pruning.shares(complexities, temperature)
        assert pruning.kept_of_each(wanted, clusters.sizes, total, balance).tolist() == counts


@given(st.lists(st.integers(2, 40), min_size=2, max_size=8), st.floats(0.1, 0.9), st.floats(0, 1), st.integers(0, 99))
def test_what_is_kept_lies_within_its_bounds_and_sums_up(
    sizes: list[int], keep: float, balance: float, seed: int
) -> None:
    total, parts = max(len(sizes), int(keep * sum(sizes))), np.array(sizes)
    wanted = np.random.default_rng(seed).dirichlet(np.ones(len(sizes)))
    counts = pruning.kept_of_each(wanted, parts, total, balance)
    assert (counts <= parts).all()
    assert (counts >= np.minimum(int(total / len(sizes) * balance) if balance > 0 else 1, parts - 1)).all()
    assert abs(counts.sum() - total) <= len(sizes) / 2


def test_it_is_the_minimum_of_the_quadratic_program() -> None:
    wanted, sizes, total = np.array([0.6, 0.25, 0.1, 0.05]), np.array([30, 90, 90, 9]), 100
    bounds = [(min(12, size - 1), size) for size in sizes.tolist()]
    found = minimize(
        lambda x: 0.5 * ((x - wanted * total) ** 2).sum(),
        np.full(4, 12.0),
        bounds=bounds,
        constraints={"type": "eq", "fun": lambda x: x.sum() - total},
    )
    assert pruning.kept_of_each(wanted, sizes, total, 0.5).tolist() == np.rint(found.x).tolist()
    with pytest.raises(ValueError, match="300 cannot be kept of 219"):
        pruning.kept_of_each(wanted, sizes, 300, 0.5)


def test_a_single_cluster_gives_the_farthest_of_all() -> None:
    clusters = pruning.clustered(case.embeddings(), 1, seed=0)
    counts = pruning.counts_by_density(clusters, 7, temperature=0.5, balance=0.5)
    assert counts.tolist() == [7]
    farthest = np.argsort(-clusters.distances, kind="stable")[:7]
    assert pruning.kept(clusters, counts).tolist() == sorted(farthest.tolist())


def test_of_a_cluster_the_farthest_from_its_centre_are_kept() -> None:
    clusters = case.clusters()
    counts = np.minimum(5, clusters.sizes)
    places = pruning.kept(clusters, counts)
    for number in range(case.CLUSTERS):
        own = clusters.numbers == number
        inside = np.isin(np.arange(case.COUNT), places)
        assert clusters.distances[own & inside].min() >= clusters.distances[own & ~inside].max()
    assert len(places) == counts.sum()


def test_clusters_are_each_nearest_to_their_own_centre_and_none_is_empty() -> None:
    clusters = case.clusters()
    likeness = pruning.unit(case.embeddings()) @ clusters.centres.T
    assert (likeness.argmax(axis=1) == clusters.numbers).all()
    assert clusters.sizes.min() > 0
    again = pruning.clustered(case.embeddings(), case.CLUSTERS, seed=0)
    assert (again.numbers == clusters.numbers).all()


def test_the_command_writes_the_places(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.save(tmp_path / "all.npy", case.embeddings().astype(np.float32))
    words = [
        "prune",
        str(tmp_path / "all.npy"),
        "--keep",
        "0.4",
        "--clusters",
        "12",
        "--out",
        str(tmp_path / "kept.npy"),
    ]
    assert main(words) == 0
    places = np.load(tmp_path / "kept.npy")
    assert len(places) == len(np.unique(places)) == 240
    assert capsys.readouterr().out.startswith("240 of 600 are kept, ")


@pytest.mark.parametrize(
    ("array", "words", "said"),
    [
        (np.zeros((9, 3)), [], "an embedding is zero or not finite"),
        (np.ones((9, 3)), [], "5 clusters of 9 examples; take from 1 to as many as differ"),
        (np.ones(9), [], "a row for each example"),
        (np.array([["a"]]), [], "floating point numbers"),
        (np.ones((9, 3)), ["--keep", "1.5"], "--keep is above 0 and below 1"),
    ],
)
def test_what_cannot_be_pruned_is_told(
    array: np.ndarray, words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save(tmp_path / "a.npy", array)
    asked = ["prune", str(tmp_path / "a.npy"), "--keep", "0.5", "--clusters", "5", "--out", str(tmp_path / "k.npy")]
    assert main([*asked, *words]) == 1
    assert said in capsys.readouterr().err
    assert not (tmp_path / "k.npy").exists()
