"""The boards of WILDS: sets, parts, replicates and columns, and a run of each scored from pack to figures."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from tests.suites.wilds.data import trees

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.evaluate import Truth, evaluate
from farfield_evaluators.figure import Figure
from farfield_evaluators.staging import stage
from farfield_evaluators.suites.wilds.benchmarks import WILDS_BENCHMARKS
from farfield_evaluators.suites.wilds.data.importers import LAYOUTS
from farfield_evaluators.suites.wilds.data.packing import import_images
from farfield_evaluators.suites.wilds.datasets import DATASETS
from farfield_evaluators.suites.wilds.entry import SUITE
from farfield_evaluators.suites.wilds.reported import METHODS, reported_on
from farfield_evaluators.suites.wilds.scoring import scoring_of

BOARDS = {benchmark.name.partition("/")[2]: benchmark for benchmark in WILDS_BENCHMARKS}
IMPORT = {layout.dataset.name: partial(import_images, layout) for layout in LAYOUTS}
IMAGES = ("camelyon17", "iwildcam", "rxrx1", "fmow")


def imported(name: str, root: Path) -> Pack:
    return IMPORT[name](trees.GROW[name](root), root / "packs", subset=True)


def staged(name: str, root: Path) -> tuple[Benchmark, Pack, Truth]:
    pack = imported(name, root)
    return BOARDS[name], pack, stage(BOARDS[name], pack, root / "in", None)


def by_place(figures: tuple[Figure, ...]) -> dict[tuple[str, str], float]:
    return {figure.key: figure.value for figure in figures}


def logits_of(labels: np.ndarray, classes: int) -> np.ndarray:
    return np.eye(classes, dtype=np.float32)[labels]


@pytest.mark.parametrize("name", IMAGES)
def test_all_splits_but_train_are_tested_and_val_may_be_selected_on(name: str) -> None:
    benchmark, dataset = BOARDS[name], DATASETS[name]
    assert {domain.set for domain in benchmark.domains} == set(dataset.evaluated)
    assert {domain.name: domain.role for domain in benchmark.domains if domain.role == "id"} == {
        split.replace("_", "-"): "id" for split in dataset.splits if split.startswith("id_")
    }
    assert benchmark.learned_from() == {"train": "train", "val": "val"}


@pytest.mark.parametrize("name", IMAGES)
def test_replicates_and_headlines_are_wilds_own(name: str) -> None:
    benchmark, dataset = BOARDS[name], DATASETS[name]
    assert benchmark.plan.count("") == len(dataset.replicates)
    first = benchmark.columns[0]
    assert (scoring_of(name).keys.metric(dataset.headline), "test") == (first.metric, first.domain)
    tested = [column.metric for column in benchmark.columns if column.domain == "test"]
    assert tested == [scoring_of(name).keys.metric(key) for key in dataset.reported]


@pytest.mark.parametrize("name", IMAGES)
def test_a_run_that_is_right_has_every_figure_of_the_board_at_its_best(name: str, tmp_path: Path) -> None:
    benchmark, pack, truth = staged(name, tmp_path)
    figures = by_place(evaluate(benchmark, truth, {"logits": logits_of(truth.labels, len(pack.classes))}))
    assert {(column.metric, column.domain): figures[column.metric, column.domain] for column in benchmark.columns} == {
        (column.metric, column.domain): 1.0 for column in benchmark.columns
    }
    assert figures["macro-f1" if name == "iwildcam" else "accuracy", "shifts"] == 1.0


def test_a_method_is_given_train_and_val_with_labels_and_domains(tmp_path: Path) -> None:
    _, pack, _ = staged("camelyon17", tmp_path)
    for part in ("train", "val"):
        folder = tmp_path / "in" / part
        assert {path.name for path in folder.iterdir()} >= {"images.bin", "labels.npy", "domains.npy"}
        assert len(np.load(folder / "labels.npy")) == len(pack.members(part))
    # three hospitals are learned from: 0 and 3 in train, 1 in val
    domains = [np.load(tmp_path / "in" / part / "domains.npy").tolist() for part in ("train", "val")]
    assert (sorted(domains[0]), domains[1]) == ([0, 1], [2, 2])


def test_the_worst_region_is_never_other(tmp_path: Path) -> None:
    benchmark, pack, truth = staged("fmow", tmp_path)
    region = truth.attributes["region"]
    other = region.numbers == region.values.index("Other")
    wrong = np.where(other, (truth.labels + 1) % len(pack.classes), truth.labels)
    figures = by_place(evaluate(benchmark, truth, {"logits": logits_of(wrong, len(pack.classes))}))
    assert figures["accuracy", "test"] == 0.5
    assert figures["worst-region-accuracy", "test"] == 1.0
    assert figures["accuracy", "test[region=Other]"] == 0.0
    assert figures["worst-year-accuracy", "test"] == 0.0
    assert ("accuracy", "test[region=Africa]") not in figures  # without an example: undefined


def test_published_rows_have_the_headline_of_the_test() -> None:
    rows = {(row.benchmark, row.method): row for row in SUITE.reported}
    erm = rows["wilds/camelyon17", "ERM"]
    assert erm.figures == {("accuracy", "test"): 0.703}
    assert "standard deviation there is 0.064" in erm.source
    assert rows["wilds/fmow", "Group DRO"].figures == {("worst-region-accuracy", "test"): 0.308}
    assert rows["wilds/iwildcam", "IRM"].figures == {("macro-f1", "test"): 0.151}
    assert {row.benchmark for row in SUITE.reported} <= {benchmark.name for benchmark in SUITE.benchmarks}


def test_what_was_not_published_has_no_row() -> None:
    assert [row.method for row in reported_on("globalwheat")] == ["ERM", "Group DRO"]
    assert [row.method for row in reported_on("ogb-molpcba")] == ["ERM"]
    assert [row.method for row in reported_on("poverty")] == list(METHODS)
    assert next(reported_on("poverty")).figures == {("worst-group-pearson", "test"): 0.45}
