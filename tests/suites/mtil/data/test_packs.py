"""The packs of tasks in sequence: what is learned from, tested and neither, and what is told of a wrong folder."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from farfield_evaluators.data.demo import demo_root
from farfield_evaluators.data.packs import Pack, PackError
from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.suites.mtil.data.drawings import drawings_source
from farfield_evaluators.suites.mtil.data.official import import_official
from farfield_evaluators.suites.mtil.drawings import KINDS
from farfield_evaluators.suites.mtil.names import ORDERS, TASKS


def test_no_drawn_thing_is_both_learned_from_and_tested_and_the_reference_has_none_of_them() -> None:
    source = drawings_source(demo_root())
    by_set: dict[str, set[int]] = {}
    names: dict[str, set[str]] = {}
    for each in source.examples:
        by_set.setdefault(each.set, set()).add(each.label)
        names.setdefault(each.set, set()).add(str(each.path))
    for task, classes in KINDS.items():
        own = {number for number, known in enumerate(source.classes) if known.name in classes}
        assert by_set[f"train-{task}"] == by_set[f"test-{task}"] == own
        assert not names[f"train-{task}"] & names[f"test-{task}"]
        assert set(dict(source.label_spaces)[f"test-{task}"].classes) == own
    assert by_set["reference"] == {-1}


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """Two classes of each data set, and images of no task in a folder of their own."""
    for number, task in enumerate(TASKS.values()):
        for split in ("train", "test"):
            for name in ("one_thing", "other"):
                picture(tmp_path / "release" / task.folder / split / name / "a.png", number)
    picture(tmp_path / "release" / "reference" / "n1" / "x.png", 50)
    return tmp_path / "release"


def picture(path: Path, level: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((8, 8, 3), 4 * level + len(path.parent.name), np.uint8)).save(path)


def test_a_part_of_the_official_layout(release: Path, tmp_path: Path) -> None:
    pack: Pack = import_official(release, tmp_path / "packs", subset=True)
    assert not pack.official
    assert len(pack.classes) == 2 * len(TASKS)
    assert pack.classes[0].name == "one thing"
    assert len(pack.members("learned-2-3")) == 6
    learned = {pack.domains[number] for number in pack.domain_numbers[pack.members("learned-2-3")]}
    assert learned == set(ORDERS[1][:3])
    assert pack.labels[pack.members("reference")].tolist() == [-1]
    space = pack.label_space("test-cars")
    assert space is not None
    assert [pack.labels[place] in space.classes for place in pack.members("test-cars")] == [True, True]


def test_what_is_wrong_is_named(release: Path, tmp_path: Path) -> None:
    with pytest.raises(PackError, match="has none of the folders"):
        import_official(tmp_path / "packs", tmp_path / "packs")
    (release / "mnist" / "train" / "other" / "a.png").unlink()
    (release / "reference" / "n1" / "x.png").unlink()
    (release / "dtd" / "test").rename(release / "dtd" / "val")
    with pytest.raises(ImportProblems) as told:
        import_official(release, tmp_path / "packs")
    for said in (
        "mnist/train/other: no image",
        "mnist: the class other is in one of train and test alone",
        "dtd/test: no folder",
        "reference: no image",
        "sun397: 2 classes, not 397",
    ):
        assert said in str(told.value), said
