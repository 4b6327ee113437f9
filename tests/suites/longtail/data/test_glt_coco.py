"""MSCOCO-GLT: crops of COCO by their numbers, classes by their names, all three test sets and the balanced half."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.suites.longtail.data import trees

from farfield_evaluators.data.packs import Pack, PackError, verify
from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.evaluate import evaluate
from farfield_evaluators.staging import stage
from farfield_evaluators.suites.longtail import benchmarks
from farfield_evaluators.suites.longtail.data.glt import COCO_BL, COCO_LT, Annotations, import_annotations

SPECS = {benchmarks.COCO_LT: trees.SMALL_COCO_LT, benchmarks.COCO_BL: trees.SMALL_COCO_BL}
Change = Callable[[dict[str, Any]], object]


def imported(tmp_path: Path, spec: Annotations, content: dict[str, Any] | None = None) -> Pack:
    return import_annotations(spec, trees.grow_coco(spec, tmp_path / "tree", content), tmp_path / "packs")


@pytest.mark.parametrize("spec", SPECS.values(), ids=lambda spec: spec.pack)
def test_the_crops_of_a_file_are_imported(spec: Annotations, tmp_path: Path) -> None:
    pack = imported(tmp_path, spec)
    verify(pack)
    assert [each.name for each in pack.classes] == ["person", "cat", "pizza"]
    per_class = {name: trees.GLT_SPLITS[split] for name, split in spec.sets.items()}
    assert pack.counts() == {name: count * trees.GLT_CLASSES for name, count in per_class.items()}


def test_the_folder_itself_is_as_good_as_the_one_around_it(tmp_path: Path) -> None:
    whole = imported(tmp_path, trees.SMALL_COCO_LT)
    inside = import_annotations(trees.SMALL_COCO_LT, tmp_path / "tree" / "coco_glt", tmp_path / "others")
    assert inside.fingerprint == whole.fingerprint


@pytest.mark.parametrize("benchmark", benchmarks.COCO_GLT, ids=lambda benchmark: benchmark.name)
def test_a_board_is_scored_on_its_own_test_set(benchmark: Any, tmp_path: Path) -> None:
    """A method that takes everything for a cat: a third is right, and of what it calls a cat a third is one."""
    pack = imported(tmp_path, SPECS[benchmark.pack])
    truth = stage(benchmark, pack, tmp_path / "staged", None)
    said = np.eye(3)[np.ones(len(truth), int)]
    value = {f.metric: f.value for f in evaluate(benchmark, truth, {"logits": said}) if f.domain == "test"}
    assert {column.metric for column in benchmark.columns} <= value.keys()
    assert (value["accuracy"], value["glt-precision"]) == pytest.approx((1 / 3, 1 / 9))
    assert [value[f"{bucket}-accuracy-glt-coco"] for bucket in ("many", "medium", "few")] == [0, 1, 0]
    assert value["medium-precision-glt-coco"] == pytest.approx(1 / 3)


def test_protocols_are_what_is_trained_on_and_what_is_tested() -> None:
    found = {b.name.rpartition("-")[2]: (b.pack, b.domains[0].set) for b in benchmarks.COCO_GLT}
    assert found == {
        "clt": ("longtail-glt-coco-lt", "test-bl"),
        "glt": ("longtail-glt-coco-lt", "test-bbl"),
        "alt": ("longtail-glt-coco-bl", "test-bbl"),
        "iid": ("longtail-glt-coco-lt", "test-lt"),
    }


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda c: c["val"].pop("path"), "label 0 is of person, and `path` names no crop of it"),
        (lambda c: c["id2cat"].update({"1": ""}), "label 1 is of nothing, which is no class of COCO's"),
        (lambda c: c["id2cat"].update({"1": "person"}), "has 3 labels of 2 classes; 3 are expected"),
        (lambda c: c["train"]["label"].update({"1": 3}), "train, 1.jpg: has no label, frequency or attribute"),
        (lambda c: c["train"]["path"].update({"1": "/etc/passwd"}), "train, passwd: label 0 is of person"),
        (lambda c: c["train"]["path"].update({"1": "../../2.jpg"}), "train: 1 images are listed twice"),
    ],
)
def test_what_is_wrong_with_a_file_is_named(change: Change, says: str, tmp_path: Path) -> None:
    whole = trees.coco_content()
    trees.grow_coco(trees.SMALL_COCO_LT, tmp_path / "tree", whole)
    change(whole)
    for split in trees.GLT_SPLITS:
        whole[split].setdefault("path", {})
    with pytest.raises(ImportProblems) as caught:
        imported(tmp_path, trees.SMALL_COCO_LT, whole)
    assert any(says in problem for problem in caught.value.problems)


def test_a_folder_without_a_file_says_what_is_wanted(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="has no annotation.json; give the folder with it and with its images/"):
        import_annotations(COCO_LT, tmp_path, tmp_path / "packs")


def test_the_official_counts_are_those_of_the_construction() -> None:
    """200 test and 100 validation objects of each of 29 classes, and half of them beside the balanced training set."""
    assert COCO_LT.counts == {"val": 2900, "test-lt": 5800, "test-bl": 5800, "test-bbl": 5800}
    assert COCO_BL.counts == {"val": 1450, "test-bbl": 2900}
