"""ImageNet-O against the validation images of the classes that its folders are called after."""

import ast
import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import average_precision_score
from tests.suites.imagenet.data.trees import TWO, colour, few, grow, labels_by_colour, picture, train_pack

from farfield_evaluators.data import imagenet_classes
from farfield_evaluators.data.packs import Pack, PackError, list_packs, verify
from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.evaluate import evaluate
from farfield_evaluators.staging import stage
from farfield_evaluators.suites.imagenet.data.folders import import_release
from farfield_evaluators.suites.imagenet.data.imagenet_o import IMAGENET_O, digest_of, import_imagenet_o
from farfield_evaluators.suites.imagenet.data.official import VAL
from farfield_evaluators.suites.openood.imagenet_o import OOD_DETECTION_O

FOLDERS = ("n01443537", "n15075141")  # the second and the last of the 1000 classes
SMALL = replace(IMAGENET_O, folders=2, names=digest_of(FOLDERS), counts=(3,))
SMALL_VAL = few(VAL, (*TWO, "n15075141"), per_class=2)


def tree(root: Path) -> Path:
    """Three images of no class in two folders; val and train have a class beside, and train lacks one."""
    for name in ("n01443537/0.004_pole.jpg", "n15075141/0.1_a.jpg", "n15075141/0.2_b.jpg"):
        picture(root / "imagenet-o" / name)
    (root / "imagenet-o" / "README.txt").write_text("as in the release")
    import_release(SMALL_VAL, grow(SMALL_VAL, root / "val"), root / "packs")
    train_pack(root)
    return root


def imported(root: Path, **options: object) -> Pack:
    return import_imagenet_o(root, root / "packs", **{"release": SMALL, **options})


def problems_of(root: Path, **options: object) -> tuple[str, ...]:
    with pytest.raises(ImportProblems) as caught:
        imported(root, **options)
    assert [pack.name for pack in list_packs(root / "packs")] == ["imagenet/train", "imagenet/val"]
    return caught.value.problems


def test_the_200_folders_are_known_by_their_names() -> None:
    """clip_benchmark has the names in its code."""
    home = importlib.util.find_spec("clip_benchmark").submodule_search_locations[0]
    code = ast.parse((Path(home) / "datasets" / "builder.py").read_text(encoding="utf-8"))
    [wnids] = [
        ast.literal_eval(found.value)
        for found in ast.walk(code)
        if isinstance(found, ast.Assign) and ast.unparse(found.targets[0]) == "imagenet_o_wnids"
    ]
    assert (len(set(wnids)), digest_of(wnids)) == (IMAGENET_O.folders, IMAGENET_O.names)
    assert set(wnids) <= set(imagenet_classes.wnids())
    assert (IMAGENET_O.folders, IMAGENET_O.counts) == (200, (2_000,))


def test_known_are_the_images_of_the_folders_classes_alone(tmp_path: Path) -> None:
    root = tree(tmp_path)
    pack = imported(root)
    assert pack.counts() == {"id/val": 4, "near/imagenet_o": 3, "train": 2}
    assert [c.synsets for c in pack.classes] == [(wnid,) for wnid in FOLDERS]
    known = labels_by_colour(pack, "id/val")
    for number, wnid in enumerate(FOLDERS):
        assert {known[colour(file)] for file in (root / "val" / wnid).iterdir()} == {number}
    assert set(labels_by_colour(pack, "near/imagenet_o").values()) == {-1}
    assert set(labels_by_colour(pack, "train")) == {colour(file) for file in (root / "train" / "n01443537").iterdir()}
    assert pack.labels[pack.members("train")].tolist() == [0, 0]
    assert pack.official
    assert {domain.set for domain in OOD_DETECTION_O.domains} == {*pack.sets} - {"train"}
    verify(pack)


def test_the_headline_is_the_authors_average_precision(tmp_path: Path) -> None:
    """Of minus the highest probability over the folders' classes, by the function that their code calls."""
    pack = imported(tree(tmp_path))
    truth = stage(OOD_DETECTION_O, pack, tmp_path / "in", None)
    logits = np.random.default_rng(0).normal(size=(len(truth), truth.classes))
    scores = (np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)).max(axis=1)
    found = evaluate(OOD_DETECTION_O, truth, {"scores": scores, "logits": logits})
    figures = {(figure.metric, figure.domain): figure.value for figure in found}
    expected = average_precision_score(truth.labels < 0, -scores)
    assert figures["aupr-out-classic", "imagenet-o"] == pytest.approx(expected, abs=1e-12)
    assert 0 < expected < 1


def test_what_is_wrong_with_a_copy_is_named(tmp_path: Path) -> None:
    root = tree(tmp_path)
    for name in ("n01440764/0.1_c.jpg", "n99999999/x.jpg"):
        picture(root / "imagenet-o" / name)
    (root / "imagenet-o" / "notes.txt").write_text("not in the release")
    extra = (
        "notes.txt: extra; only images in <class>/ belong here",
        "class n99999999: extra; imagenet/o has no such class",
        "4 images in all, not 3; 1 too many",
        "4 class folders with images, not 2; 2 too many",
    )
    assert problems_of(root) == problems_of(root, subset=True) == extra


def test_another_releases_folders_are_refused(tmp_path: Path) -> None:
    root = tree(tmp_path)
    (root / "imagenet-o" / "n01443537").rename(root / "imagenet-o" / "n01440764")
    said = ("its 2 folders are called after other classes than imagenet/o's",)
    assert problems_of(root) == problems_of(root, subset=True) == said


def test_a_part_has_the_classes_of_the_folders_that_are_there(tmp_path: Path) -> None:
    root = tree(tmp_path)
    for file in (root / "imagenet-o" / "n15075141").iterdir():
        file.unlink()
    assert problems_of(root) == (
        "class n15075141: no image",
        "1 class folders with images, not 2; 1 missing",
        "1 images in all, not 3; 2 missing",
    )
    pack = imported(root, subset=True)
    assert pack.counts() == {"id/val": 2, "near/imagenet_o": 1, "train": 2}
    assert (len(pack.classes), pack.official) == (1, False)


def test_known_images_must_be_there(tmp_path: Path) -> None:
    root = tree(tmp_path)
    (root / "imagenet-o" / "n01443537").rename(tmp_path / "elsewhere")
    assert problems_of(root, subset=True) == ("imagenet/train: the pack has no image of these classes",)
    with pytest.raises(PackError, match="has none of the class folders of imagenet/o"):
        import_imagenet_o(tmp_path / "elsewhere", root / "packs")
    with pytest.raises(PackError, match="pack 'imagenet/val' is not imported here"):
        import_imagenet_o(root, tmp_path / "none")
