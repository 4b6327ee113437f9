"""OOD-CV's release in small: what lists name, what is of no nuisance, and halves that are given without labels."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.suites.imagenet.data.ood_cv import import_ood_cv
from farfield_evaluators.suites.imagenet.ood_cv import CLASSES, NUISANCES, OOD_CV, OOD_CV_ADAPTATION


def _image(path: Path, shade: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((6, 6, 3), shade, np.uint8)).save(path, "JPEG")


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """Of each class two images of each nuisance, the first with two objects, two of none, and two to learn from."""
    root, shade = tmp_path / "data", iter(range(1, 10_000))
    lists, trained = root / "ood_cv" / "lists", []
    lists.mkdir(parents=True)
    for name in CLASSES:
        every = []
        for of in (*NUISANCES, "plain"):
            images = [f"{name[:4]}_{of}_{number}" for number in range(2)]
            for image in images:
                _image(root / "ood_cv" / "images" / name / f"{image}.JPEG", next(shade) % 256)
            lines = [f"{images[0]} 0", f"{images[0]} 1", f"{images[1]} 0"]
            every += lines
            if of in NUISANCES:
                (lists / f"{name}_{of}.txt").write_text("\n".join(lines), encoding="utf-8")
        (lists / f"{name}_all.txt").write_text("\n".join(every), encoding="utf-8")
        for kind, suffix in (("imagenet", "JPEG"), ("pascal", "jpg")):
            for image in (f"{name}_{kind}", f"{name}_{kind}_unlisted"):
                _image(
                    root / "PASCAL3D+_release1.1" / "Images" / f"{name}_{kind}" / f"{image}.{suffix}", next(shade) % 256
                )
            trained.append(f"{name}_{kind}")
    (lists / "TrainSet.txt").write_text("\n".join(trained), encoding="utf-8")
    return root


def test_the_lists_say_what_an_image_is_of(release: Path, tmp_path: Path) -> None:
    pack = import_ood_cv(release, tmp_path / "packs")
    assert pack.official
    for name in (domain.set for domain in OOD_CV.domains):
        assert Counter(pack.labels[pack.members(name)].tolist()) == dict.fromkeys(range(10), 2)
    assert Counter(pack.labels[pack.members("train")].tolist()) == dict.fromkeys(range(10), 2)
    given = pack.members(OOD_CV_ADAPTATION.parts["unlabeled"])
    tested = [row for domain in OOD_CV_ADAPTATION.domains[1:] for row in pack.members(domain.set)]
    assert Counter(pack.labels[given].tolist()) == dict.fromkeys(range(10), len(NUISANCES))
    assert len(tested) == len(given)
    assert not {*given.tolist()} & {*map(int, tested)}


def test_what_is_to_learn_from_and_not_there_is_left_out_and_noted(release: Path, tmp_path: Path) -> None:
    with (release / "ood_cv" / "lists" / "TrainSet.txt").open("a", encoding="utf-8") as names:
        names.write("\nn1_2")
    pack = import_ood_cv(release, tmp_path / "packs")
    assert pack.official
    assert pack.notes == ("TrainSet.txt names 1 images that PASCAL3D+_release1.1 lacks",)


def test_what_is_listed_and_missing_is_named(release: Path, tmp_path: Path) -> None:
    (release / "ood_cv" / "images" / "bus" / "bus_pose_0.JPEG").unlink()
    with pytest.raises(ImportProblems, match=r"ood_cv/images/bus/bus_pose_0\.JPEG: missing"):
        import_ood_cv(release, tmp_path / "packs")
    assert not import_ood_cv(release, tmp_path / "packs", subset=True).official
