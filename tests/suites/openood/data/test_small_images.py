"""CIFAR-10 and CIFAR-100 of OpenOOD: the lengths of its lists, and what is wrong with a copy."""

from pathlib import Path

import pytest
from tests.suites.imagenet.data.test_ood_sets import perfect
from tests.suites.openood.data.listed import CIFAR, small, write

from farfield_evaluators.catalog import find
from farfield_evaluators.data.image_lists import Lists, import_lists
from farfield_evaluators.data.packs import PackError, verify
from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.suites.openood.data.small_images import CIFAR100, OF_CIFAR10, OF_CIFAR100, classes_of


@pytest.mark.parametrize(
    ("spec", "near", "tin", "places", "val"),
    [(OF_CIFAR10, ("cifar100", 9_000), 7_793, 35_195, 1_000), (OF_CIFAR100, ("cifar10", 10_000), 6_526, 33_773, 972)],
)
def test_the_lists_are_as_long_as_those_that_were_read(
    spec: Lists, near: tuple[str, int], tin: int, places: int, val: int
) -> None:
    assert {name: one.count for name, one in spec.sets.items()} == {
        "train": 50_000,
        "id/test": 9_000,
        "id/val": 1_000,
        f"near/{near[0]}": near[1],
        "near/tin": tin,
        "far/mnist": 70_000,
        "far/svhn": 26_032,
        "far/texture": 5_640,
        "far/places365": places,
        "val/tin": val,
    }
    assert len(spec.classes()) * spec.per_class == 10_000
    board = find(spec.name.replace("openood/", "ood-detection/"))
    assert {domain.set for domain in board.domains} | {"train", "id/val", "val/tin"} == spec.sets.keys()


def test_classes_are_numbered_by_their_folders_and_named_in_words() -> None:
    assert list(CIFAR100) == sorted(set(CIFAR100))
    assert len(CIFAR100) == 100
    assert [each.name for each in classes_of(CIFAR100)][1] == "aquarium fish"


def test_a_copy_becomes_a_pack_and_a_board_of_it_is_scored(tmp_path: Path) -> None:
    root = write(tmp_path, "cifar10", CIFAR)
    pack = import_lists(small(), root, root / "packs")
    verify(pack)
    assert pack.official
    assert pack.counts() == {name: len(CIFAR[one.file]) for name, one in small().sets.items()}
    assert sorted(pack.labels[pack.members("train")].tolist()) == list(range(10))
    assert set(pack.labels[pack.members("far/mnist")].tolist()) == {-1}
    board = find("ood-detection/cifar10")
    assert board.plan.for_method({"stochastic": True}).count("") == 3 * board.plan.count("")
    found = perfect(board, pack, tmp_path / "in")
    assert (found["auroc", "near"], found["auroc", "far"], found["fpr95", "far"]) == (1, 1, 0)


def test_what_is_wrong_with_a_copy_is_named(tmp_path: Path) -> None:
    wrong = {
        **CIFAR,
        "train_cifar10.txt": [("cifar10/train/airplane/0001.png", 5), *CIFAR["train_cifar10.txt"][1:]],
        "val_cifar10.txt": [("cifar10/test/airplane/0298.png", 0), *CIFAR["val_cifar10.txt"][1:]],
        "test_cifar10.txt": [*CIFAR["test_cifar10.txt"][:-1], ("cifar10/test/truck/0001.png", -1)],
        "test_cifar100.txt": [*CIFAR["test_cifar100.txt"], ("cifar100/test/bus/0001.png", -1)],
    }
    root = write(tmp_path, "cifar10", wrong)
    with pytest.raises(ImportProblems) as caught:
        import_lists(small(), root, root / "packs")
    assert caught.value.problems == (
        "class 9: 1 images in the ID lists, not 2; 1 missing",
        "train_cifar10.txt line 1: cifar10/train/airplane/0001.png: label 5 is not that of the folder airplane",
        "test_cifar10.txt line 10: cifar10/test/truck/0001.png: label -1 is not from 0 to 9",
        "test_cifar100.txt: 3 images, not 2; 1 too many",
        "cifar10/test/airplane/0298.png: is listed in id/test and in id/val",
    )
    with pytest.raises(PackError, match="has no folder benchmark_imglist/cifar100; give OpenOOD's data folder"):
        import_lists(OF_CIFAR100, root, root / "packs")
