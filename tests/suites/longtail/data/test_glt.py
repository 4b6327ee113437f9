"""ImageNet-GLT's annotation files: paths of another machine, labels that are ranks, frequencies, attributes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.suites.imagenet.data.trees import picture
from tests.suites.longtail.data import trees

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.data import imagenet_classes
from farfield_evaluators.data.packs import Pack, PackError, list_packs, verify
from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.evaluate import evaluate
from farfield_evaluators.staging import stage
from farfield_evaluators.suites.longtail import benchmarks
from farfield_evaluators.suites.longtail.data.glt import BL, LT, Annotations, import_annotations

CLT, GLT, ALT, IID = benchmarks.GLT
SPECS = [trees.SMALL_LT, trees.SMALL_BL, trees.SMALL_IID]
Change = Callable[[dict[str, Any]], object]


def imported(tmp_path: Path, spec: Annotations, content: dict[str, Any] | None = None, **options: object) -> Pack:
    return import_annotations(spec, trees.grow_glt(spec, tmp_path / "tree", content), tmp_path / "packs", **options)


def refused(tmp_path: Path, change: Change, spec: Annotations = trees.SMALL_LT, **options: object) -> tuple[str, ...]:
    content = trees.glt_content()
    change(content)
    with pytest.raises(ImportProblems) as caught:
        imported(tmp_path, spec, content, **options)
    assert list_packs(tmp_path / "packs") == []
    return caught.value.problems


def first_of(content: dict[str, Any], split: str) -> str:
    return next(iter(content[split]["label"]))


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.pack)
def test_an_annotation_file_is_imported(spec: Annotations, tmp_path: Path) -> None:
    pack = imported(tmp_path, spec)
    verify(pack)
    assert pack.official
    per_class = {name: trees.GLT_SPLITS[split] for name, split in spec.sets.items()}
    assert pack.counts() == {name: count * trees.GLT_CLASSES for name, count in per_class.items()}
    for name, count in per_class.items():
        assert np.bincount(pack.labels[pack.members(name)]).tolist() == [count] * trees.GLT_CLASSES


def test_a_label_is_a_rank_and_its_class_is_that_of_the_wnid(tmp_path: Path) -> None:
    pack = imported(tmp_path, trees.SMALL_LT)
    wnids = imagenet_classes.wnids()
    assert [c.synsets for c in pack.classes] == [(wnids[7],), (wnids[2],), (wnids[5],)]
    assert pack.classes[0].name == imagenet_classes.classes()[7].name


@pytest.mark.parametrize(
    ("benchmark", "spec", "per_class"),
    [
        (CLT, trees.SMALL_LT, 2),
        (GLT, trees.SMALL_LT, 3),
        (ALT, trees.SMALL_BL, 3),
        (IID, trees.SMALL_IID, 2),
    ],
    ids=lambda value: value.name if isinstance(value, Benchmark) else "",
)
def test_a_protocol_is_trained_and_tested_on_its_own_sets(
    benchmark: Benchmark, spec: Annotations, per_class: int, tmp_path: Path
) -> None:
    """A method that takes everything for the first class."""
    pack = imported(tmp_path, spec)
    truth = stage(benchmark, pack, tmp_path / "staged", None)
    assert benchmark.pack == spec.pack
    assert len(truth) == per_class * trees.GLT_CLASSES
    assert len(np.load(tmp_path / "staged" / "train" / "labels.npy")) == 4 * trees.GLT_CLASSES
    figures = {f.key: f for f in evaluate(benchmark, truth, {"logits": np.eye(3)[np.zeros(len(truth), int)]})}
    value = {metric: figure.value for (metric, domain), figure in figures.items() if domain == "test"}
    assert {column.metric for column in benchmark.columns} <= value.keys()
    assert (value["accuracy"], value["glt-precision"]) == pytest.approx((1 / 3, 1 / 9))
    assert value["glt-f1"] == pytest.approx(2 * (1 / 3) * (1 / 9) / (1 / 3 + 1 / 9))
    assert [value[f"{bucket}-accuracy-glt"] for bucket in ("many", "medium", "few")] == [1, 0, 0]
    assert value["many-precision-glt"] == pytest.approx(1 / 3)
    by_attribute = {domain: figure.n for (_, domain), figure in figures.items() if domain.startswith("test[attribute=")}
    assert sum(n or 0 for n in by_attribute.values()) == len(truth)
    assert len(by_attribute) == per_class


def test_nothing_of_a_frequency_or_an_attribute_is_staged(tmp_path: Path) -> None:
    stage(CLT, imported(tmp_path, trees.SMALL_LT), tmp_path / "staged", None)
    names = {path.name for path in (tmp_path / "staged").rglob("*") if path.is_file()}
    assert names == {"images.bin", "spans.npy", "labels.npy", "domains.npy"}


def test_where_the_file_was_made_does_not_matter(tmp_path: Path) -> None:
    content = trees.glt_content()
    moved = trees.glt_content()
    for split in trees.GLT_SPLITS:
        for what, table in moved[split].items():
            moved[split][what] = {path.replace("/data4/imagenet/train", "./somewhere"): v for path, v in table.items()}
    one = imported(tmp_path, trees.SMALL_LT, content)
    (tmp_path / "tree" / LT.file).unlink()
    assert imported(tmp_path, trees.SMALL_LT, moved).fingerprint == one.fingerprint


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda c: c.pop("id2cat"), f"{LT.file}: has no id2cat"),
        (lambda c: c["val"].pop("attribute"), "val: has not all of label, frequency and attribute"),
        (lambda c: c["id2cat"].update({"1": "n00000000"}), "label 1 is of n00000000, which is no class of ImageNet's"),
        (lambda c: c["id2cat"].update({"1": c["id2cat"]["0"]}), "has 3 labels of 2 classes; 3 are expected"),
        (lambda c: c["cat2id"].clear(), "cat2id: does not lead back"),
        (lambda c: c["train"]["label"].update({first_of(c, "train"): "7"}), "train_0.JPEG: has no label, frequency or"),
        (lambda c: c["train"]["label"].update({first_of(c, "train"): "1"}), "label 1 is of the folder"),
        (lambda c: c["test_bl"]["frequency"].update({first_of(c, "test_bl"): 3}), "test_bl_0.JPEG: has no label, freq"),
        (lambda c: c["test_bl"]["frequency"].update({first_of(c, "test_bl"): 2}), "class 0: has images of the freq"),
        (lambda c: c["test_bl"]["attribute"].pop(first_of(c, "test_bl")), "test_bl_0.JPEG: has no label, frequency"),
        (lambda c: c["val"]["attribute"].update({"x/y.JPEG": 0}), "val, x/y.JPEG: has no label"),
        (lambda c: [c["val"][what].clear() for what in c["val"]], "val: has no image that could be read"),
    ],
)
def test_what_is_wrong_with_a_file_is_named(change: Change, says: str, tmp_path: Path) -> None:
    assert any(says in problem for problem in refused(tmp_path, change))


def test_an_image_of_training_that_is_tested_too_is_named(tmp_path: Path) -> None:
    def leak(content: dict[str, Any]) -> None:
        path = first_of(content, "train")
        for what, table in content["test_bbl"].items():
            table[path] = content["train"][what][path]

    problems = refused(tmp_path, leak, trees.SMALL_BL)
    assert any("is listed in train and in test-bbl" in problem for problem in problems)


def test_counts_are_held_against_the_protocol_unless_a_part_is_asked_for(tmp_path: Path) -> None:
    def fewer(content: dict[str, Any]) -> None:
        path = first_of(content, "test_bl")
        for table in content["test_bl"].values():
            del table[path]

    assert refused(tmp_path, fewer) == ("test-bl: 5 images, not 6; 1 missing",)
    content = trees.glt_content()
    fewer(content)
    pack = imported(tmp_path, trees.SMALL_LT, content, subset=True)
    assert (pack.official, pack.counts()["test-bl"]) == (False, 5)


def test_a_bucket_that_is_not_tested_is_named(tmp_path: Path) -> None:
    def without_few(content: dict[str, Any]) -> None:
        for what in content["test_bl"]:
            table = content["test_bl"][what]
            content["test_bl"][what] = {k: v for k, v in table.items() if content["id2cat"]["2"] not in k}

    problems = refused(tmp_path, without_few, subset=True)
    assert problems == ("test-bl: no image of a class that is few by frequency",)


def test_a_file_that_is_no_json_and_a_folder_without_one(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=f"has no {LT.file}; give the folder with it"):
        import_annotations(trees.SMALL_LT, tmp_path, tmp_path / "packs")
    root = trees.grow_glt(trees.SMALL_LT, tmp_path / "tree")
    (root / LT.file).write_text("{")
    with pytest.raises(ImportProblems, match="is no JSON"):
        import_annotations(trees.SMALL_LT, root, tmp_path / "packs")


def test_an_image_that_is_not_there_is_named(tmp_path: Path) -> None:
    root = trees.grow_glt(trees.SMALL_LT, tmp_path / "tree")
    wnid = imagenet_classes.wnids()[7]
    (root / "train" / wnid / "test_bl_1.JPEG").unlink()
    with pytest.raises(ImportProblems, match=f"test-bl, {wnid}/test_bl_1.JPEG: missing in train"):
        import_annotations(trees.SMALL_LT, root, tmp_path / "packs")
    picture(root / "train" / wnid / "test_bl_1.JPEG")
    assert import_annotations(trees.SMALL_LT, root, tmp_path / "packs").official


def test_the_official_counts_are_those_of_the_construction() -> None:
    """60 test images a class on average of the attributes' shares 42, 12 and 6; 30 validation images a class."""
    assert LT.counts == {"val": 30 * 1000, "test-bl": (42 + 12 + 6) * 1000}
    assert BL.counts == {"val": 30 * 1000}
