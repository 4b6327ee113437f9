"""OpenOOD's open-set splits: an image keeps the class that it shows, and a split's contradictions are named."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.suites.openood.data.listed import Lines, write

from farfield_evaluators.catalog import find
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.plans.places import placed
from farfield_evaluators.run_plan import Entrant, Staging
from farfield_evaluators.suites.openood.data.open_set import ALL, OpenSet, by_digit, by_wnid, import_open_set
from farfield_evaluators.suites.openood.known_part import known_part
from farfield_evaluators.suites.openood.splits import SPLITS

KNOWN = {"1": ("dog", "cat"), "2": ("ship", "dog"), "3": ("cat", "ship"), "4": ("cat", "dog"), "5": ("dog", "ship")}
"""In the order of a split's numbers, which is not that of the names."""
SMALL = replace(next(spec for spec in ALL if spec.stem == "cifar10"), known=2, unknown=1)
FILES = {"train": "train/train_cifar10_2_seed{}.txt", "known": "test/test_cifar10_2_id_seed{}.txt"} | {
    "unknown": "test/test_cifar10_1_ood_seed{}.txt"
}


def released() -> dict[str, Lines]:
    """Five splits of three classes, of which two are known each time."""
    lines: dict[str, Lines] = {}
    for split, known in KNOWN.items():
        (other,) = {"cat", "dog", "ship"} - set(known)
        lines[FILES["train"].format(split)] = [(f"cifar10/train/{name}/0.png", n) for n, name in enumerate(known)]
        lines[FILES["known"].format(split)] = [(f"cifar10/test/{name}/1.png", n) for n, name in enumerate(known)]
        lines[FILES["unknown"].format(split)] = [(f"cifar10/test/{other}/1.png", -1)]
    return lines


def imported(root: Path, lines: Mapping[str, Lines], spec: OpenSet = SMALL, **options: bool) -> Pack:
    return import_open_set(spec, write(root, spec.folder, lines), root / "packs", **options)


def problems(root: Path, changed: dict[str, Lines]) -> tuple[str, ...]:
    with pytest.raises(ImportProblems) as caught:
        imported(root, released() | changed)
    return caught.value.problems


def test_the_files_are_called_as_openoods_configurations_call_them() -> None:
    named = {spec.folder: list(spec.files("3").values()) for spec in ALL}
    assert named["osr_mnist6"][0] == "train/train_mnist_6_seed3.txt"
    assert named["osr_cifar6"][1] == "test/test_cifar10_6_id_seed3.txt"
    assert named["osr_cifar50"][2] == "test/test_cifar100_50_ood_seed3.txt"
    assert named["osr_tin20"][2] == "test/test_tin_180_ood_seed3.txt"
    assert {find(f"open-set/{name}").pack for name in ("mnist-6", "cifar-6", "cifar-50", "tin-20")} == {
        spec.name for spec in ALL
    }


def test_paths_tell_classes() -> None:
    assert by_digit("mnist/train/9_30085.jpg") == "9"
    assert by_wnid("tin/train/n01443537/images/n01443537_0.JPEG") == "n01443537"
    assert by_wnid("tin/val/images/val_0.JPEG") == ""


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return imported(tmp_path_factory.mktemp("open-set"), released())


def test_a_number_of_a_split_is_the_class_that_its_images_show(pack: Pack) -> None:
    names = [each.name for each in pack.classes]
    assert names == ["cat", "dog", "ship"]
    for split, known in KNOWN.items():
        for name in (f"train-{split}", f"known-{split}"):
            assert sorted(names[n] for n in pack.labels[pack.members(name)]) == sorted(known)
        assert pack.labels[pack.members(f"unknown-{split}")].tolist() == [-1]
    assert len(np.unique(pack.spans, axis=0)) == 6  # images of several splits lie there once


def test_a_run_is_told_of_the_known_classes_alone(pack: Pack, tmp_path: Path) -> None:
    board = find("open-set/cifar-6")
    entrant = Entrant(identity="local", benchmark=board.name, method="m")
    cells = list(board.plan.cells("", entrant))
    assert [cell.at for cell in cells] == [{"fold": split} for split in SPLITS]
    staging = Staging(
        benchmark=board, pack=pack, tier="", cell=cells[1], entrant=entrant, description={"name": "m"}, config={},
        folder=tmp_path / "in",
    )  # fmt: skip
    staged = board.plan.stage(staging)
    assert staged.job["class_names"] == ("dog", "ship")
    assert (staged.classes, staged.examples) == (2, 3)
    assert sorted(np.load(tmp_path / "in" / "train" / "labels.npy").tolist()) == [0, 1]
    assert sorted(staged.truth.labels.tolist()) == [-1, 0, 1]
    assert staged.truth.class_names == ("dog", "ship")


def test_images_of_other_classes_are_of_none_to_who_knows_some(pack: Pack) -> None:
    part = known_part(pack, "train-2")
    of_another = part.labels[part.members("train-1")]  # of a cat, which split 2 does not know, and of a dog
    assert sorted(of_another.tolist()) == [-1, 0]
    assert pack.labels.tolist() != part.labels.tolist()


def test_a_board_means_over_its_splits() -> None:
    board = find("open-set/cifar-6")
    assert placed(board, {"fold": "4"}).train_set == "train-4"
    assert board.plan.facts("")["plan"]["kind"] == "open-set splits"
    assert board.handed_in is None


def test_what_makes_no_split_is_named(tmp_path: Path) -> None:
    train, known, unknown = (FILES[name].format(1) for name in ("train", "known", "unknown"))
    rows = released()
    found = problems(
        tmp_path,
        {
            train: [*rows[train], ("cifar10/train/dog/2.png", 1), ("cifar10/train/ship/2.png", 0)],
            known: [("cifar10/test/cat/1.png", 0), ("cifar10/test/dog/1.png", 2)],
            unknown: [("cifar10/test/dog/2.png", -1)],
        },
    )
    assert found == (
        f"{known.rpartition('/')[2]} line 2: cifar10/test/dog/1.png: label 2 is not from 0 to 1",
        f"{train}: cifar10/train/dog/2.png: label 1 is of cat and of dog",
        f"{train}: cifar10/train/ship/2.png: label 0 is of dog and of ship",
        "unknown-1: cifar10/test/dog/2.png: shows dog, which is known",
        "train-1: cifar10/train/dog/2.png: label 1 is cat in the training list",
        "train-1: cifar10/train/ship/2.png: label 0 is dog in the training list",
        "known-1: cifar10/test/cat/1.png: label 0 is dog in the training list",
    )


def test_a_split_that_lacks_a_class_or_a_list_is_a_part(tmp_path: Path) -> None:
    lines = released()
    train, unknown = FILES["train"].format(1), FILES["unknown"].format(2)
    lines[train] = lines[train][:1]
    del lines[unknown]
    root = write(tmp_path, SMALL.folder, lines)
    with pytest.raises(ImportProblems) as caught:
        import_open_set(SMALL, root, root / "packs")
    assert caught.value.problems == (
        f"{unknown}: missing; it is the list of unknown-2",
        f"{train}: label 1: no image",
    )
    assert not import_open_set(SMALL, root, root / "packs", subset=True).official
