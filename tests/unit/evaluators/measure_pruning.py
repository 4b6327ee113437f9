"""Measure what `pruning.json` holds by running the release of density-based pruning: `measure_pruning.py FOLDER`.

FOLDER is a checkout of https://github.com/amro-kamal/effective_pruning (the committed figures are of 42c8e54). Its
functions are taken out of their files, one of which imports a module that is not released; brute force stands in for
Faiss. Needs `qpsolvers` and `osqp` (measured with 4.13.0 and 1.1.3), which Farfield does not.
"""

import importlib
import json
import os
import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[3]))
from tests.unit.evaluators import pruning_case as case


class IndexFlatIP:
    """Faiss' index of inner products."""

    def __init__(self, dim: int) -> None:
        self.dim = dim

    def add(self, rows: np.ndarray) -> None:
        self.rows = rows

    def search(self, asked: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
        products = asked @ self.rows.T
        order = np.argsort(-products, axis=1, kind="stable")[:, :count]
        return np.take_along_axis(products, order, axis=1), order


def function(folder: Path, file: str, name: str, **known: Any) -> Any:
    """A function by its text alone: one of the files lacks a bracket further down."""
    text = (folder / file).read_text(encoding="utf-8")
    [own] = re.findall(rf"^def {name}\(.*?(?=^\S|\Z)", text.replace("\n):", "\n    ):"), re.MULTILINE | re.DOTALL)
    scope: dict[str, Any] = {"np": np, "os": os, "tqdm": iter, **known}
    exec(compile(own, file, "exec"), scope)
    return scope[name]


def complexities(folder: Path, work: Path) -> np.ndarray:
    clusters = case.clusters()
    (work / "sorted").mkdir()
    for number in range(case.CLUSTERS):
        own = np.flatnonzero(clusters.numbers == number)
        rows = [[str(place), str(place), f"{clusters.distances[place]:.8f}", str(number)] for place in own]
        np.save(work / "sorted" / f"cluster_{number}.npy", np.array(rows))
    np.save(work / "centres.npy", clusters.centres)
    schema = {"distance_to_centroid": {"id": 2}}
    within = function(
        folder, "compute_avg_dist_to_cluster_centroid.py", "compute_avg_dist_to_cluster_centroid", CLUSTER_SCHEMA=schema
    )
    between = function(
        folder,
        "compute_centroid_distances.py",
        "compute_centroid_distances",
        faiss=SimpleNamespace(IndexFlatIP=IndexFlatIP),
    )
    args = SimpleNamespace(
        num_clusters=case.CLUSTERS,
        sorted_clusters_path=str(work / "sorted"),
        avg_distance_to_cent_save_path=str(work / "within.npy"),
        num_NNs=case.NEIGHBOURS,
        centroids_file=work / "centres.npy",
        dim=case.WIDTH,
        mean_centroid_distances_save_path=str(work / "between.npy"),
        density="dinter*dintra",
        print_fn=lambda *_: None,
    )
    within(args)
    between(args)
    return np.asarray(function(folder, "prune.py", "get_distances")(args))


def main(folder: Path) -> None:
    with TemporaryDirectory() as work:
        found = complexities(folder, Path(work))
    program = function(folder, "prune.py", "pruning_qp", solve_qp=importlib.import_module("qpsolvers").solve_qp)
    counts = []
    for temperature, total, balance in case.CASES:
        raised = np.exp((found - found.max()) / temperature)
        sizes = case.clusters().sizes.tolist()
        kept = program(raised / raised.sum(), sizes, total, case.CLUSTERS, lambda *_: None, balance)
        counts.append(kept.tolist())
    print(json.dumps({"complexity": found.tolist(), "counts": counts}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
