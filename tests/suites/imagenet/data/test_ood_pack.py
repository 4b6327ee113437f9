"""The pack of the five shifts from the official layouts to the scores, with every trap on the way."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.suites.imagenet.data.trees import (
    CHAIR,
    OBJECTNET,
    PLATE,
    ROCKER,
    devkit,
    few,
    grow,
    grow_flat,
    objectnet,
    train_pack,
)

from farfield.method import Images
from farfield.runtime.dataset import open_training_set
from farfield.runtime.job import Job
from farfield.runtime.run import run
from farfield_evaluators.data import imagenet_classes as classes
from farfield_evaluators.data.packs import Lent, Pack, PackError, open_pack, verify
from farfield_evaluators.evaluate import Truth, evaluate
from farfield_evaluators.staged_features import FeatureSource, given
from farfield_evaluators.staging import stage, taken, training_domains
from farfield_evaluators.suites.imagenet.benchmarks import IMAGENET_OOD, IMAGENET_V2
from farfield_evaluators.suites.imagenet.data import compose
from farfield_evaluators.suites.imagenet.data.flat_val import import_flat
from farfield_evaluators.suites.imagenet.data.folders import import_release
from farfield_evaluators.suites.imagenet.data.objectnet import import_objectnet
from farfield_evaluators.suites.imagenet.data.official import SKETCH, TRAIN, V2, V2_THRESHOLD, V2_TOP, VAL, A, R

WNIDS = tuple(classes.wnids()[i] for i in (2, 10, 100, CHAIR, ROCKER, PLATE))


def all_six(root: Path) -> Path:
    """The packs of six small releases in their official layouts; val is flat."""
    packs, val = root / "packs", few(VAL, WNIDS)
    devkit(root / "val", list(WNIDS))
    import_flat(val, grow_flat(root / "val", list(WNIDS)), root / "val", packs)
    v2 = few(V2, WNIDS)
    import_release(v2, grow(v2, root / "v2" / V2.unpacked_as[0], ".jpeg").parent, packs)
    for release, wnids in ((R, classes.imagenet_r()[:3]), (A, classes.imagenet_a()[:4]), (SKETCH, WNIDS)):
        # One image of a few classes: the label space is that of all 200 all the same.
        tree = grow(few(release, wnids), root / release.unpacked_as[0])
        import_release(release, tree, packs, subset=True)
    import_objectnet(objectnet(root / "objectnet"), packs, expected=OBJECTNET)
    train_pack(root)
    return packs


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return all_six(tmp_path_factory.mktemp("six"))


@pytest.fixture(scope="module")
def pack(packs: Path) -> Pack:
    return compose.compose(packs)


def scored(pack: Pack, logits_of: object, folder: Path) -> dict[tuple[str, str], float]:
    truth = stage(IMAGENET_OOD, pack, folder, None)
    logits = logits_of(truth)
    return {(s.metric, s.domain): s.value for s in evaluate(IMAGENET_OOD, truth, {"logits": logits})}


def right(truth: Truth) -> np.ndarray:
    logits = np.zeros((len(truth), 1000), np.float32)
    logits[np.arange(len(truth)), truth.labels] = 1
    return logits


def outside(truth: Truth) -> np.ndarray:
    """Right, if it were not for a class that neither R, A nor ObjectNet has."""
    spaces = [*classes.imagenet_r(), *classes.imagenet_a()]
    ids = {classes.numbers()[w] for w in spaces} | {CHAIR, ROCKER, PLATE}
    logits = right(truth)
    logits[:, min(set(range(1000)) - ids)] = 2
    return logits


def test_the_sets_and_label_spaces_of_six_packs(packs: Path, pack: Pack) -> None:
    assert pack.counts() == {
        "id/val": 6,
        "shift/a": 4,
        "shift/objectnet": 4,
        "shift/r": 3,
        "shift/sketch": 6,
        "shift/v2": 6,
        "train": 4,
    }
    assert [len(pack.label_space(f"shift/{name}").classes) for name in ("r", "a")] == [200, 200]
    assert pack.label_space("shift/objectnet").groups == ((CHAIR, ROCKER), (PLATE,))
    assert pack.label_space("id/val") is pack.label_space("shift/v2") is pack.label_space("shift/sketch") is None
    assert not pack.official  # parts of R, A and Sketch
    assert open_pack(packs, "imagenet/ood") == pack
    verify(pack)


def test_composing_again_changes_nothing(packs: Path, pack: Pack) -> None:
    before = pack.blob.stat().st_mtime_ns
    assert compose.compose(packs) == pack
    assert pack.blob.stat().st_mtime_ns == before


def test_one_file_in_which_no_place_tells_the_set(pack: Pack) -> None:
    starts = {name: pack.spans[pack.members(name)][:, 0] for name in pack.sets}
    assert all((starts[name].min() < starts["id/val"].max()) for name in pack.sets)
    assert sorted(pack.spans[:, 0].tolist()) == pack.spans[:, 0].tolist()


def test_a_method_that_is_right_has_everything(pack: Pack, tmp_path: Path) -> None:
    found = scored(pack, right, tmp_path / "in")
    shifts = ("v2", "r", "a", "sketch", "objectnet")
    assert [found["accuracy", name] for name in ("id", "shifts", *shifts)] == [1] * 7


def test_classes_that_a_set_does_not_have_do_not_count_there(pack: Pack, tmp_path: Path) -> None:
    found = scored(pack, outside, tmp_path / "in")
    assert [found["accuracy", name] for name in ("r", "a", "objectnet")] == [1, 1, 1]
    assert [found["accuracy", name] for name in ("id", "v2", "sketch")] == [0, 0, 0]
    assert found["accuracy", "shifts"] == pytest.approx(3 / 5)


def test_objectnets_other_ids_of_a_class_are_as_right(pack: Pack, tmp_path: Path) -> None:
    def rocker_for_chair(truth: Truth) -> np.ndarray:
        logits = right(truth)
        logits[:, ROCKER] = np.where(truth.labels == CHAIR, 2, logits[:, ROCKER])
        return logits

    found = scored(pack, rocker_for_chair, tmp_path / "in")
    assert found["accuracy", "objectnet"] == 1
    assert found["accuracy", "v2"] == pytest.approx(5 / 6)  # there, a barber chair is no rocking chair


def test_what_is_not_imported_is_named(tmp_path: Path) -> None:
    val = few(VAL, WNIDS)
    import_release(val, grow(val, tmp_path / "val"), tmp_path / "packs")
    missing = "imagenet/v2, imagenet/r, imagenet/a, imagenet/sketch, imagenet/objectnet, imagenet/train"
    with pytest.raises(PackError, match=f"these are missing: {missing}"):
        compose.compose(tmp_path / "packs")


def test_the_three_variants_of_v2_are_a_pack_with_val(packs: Path, tmp_path: Path) -> None:
    for release in (V2_THRESHOLD, V2_TOP):
        own = few(release, WNIDS)
        import_release(own, grow(own, tmp_path / release.unpacked_as[0], ".jpeg"), packs)
    pack = compose.compose(packs, compose.V2_VARIANTS)
    assert pack.official
    assert {domain.set for domain in IMAGENET_V2.domains} == {*pack.counts()} - {"train"}
    assert pack.counts()["shift/v2-threshold"] == pack.counts()["shift/v2"] == len(WNIDS)


def test_the_benchmark_asks_for_the_sets_that_there_are() -> None:
    assert {d.set for d in IMAGENET_OOD.domains} == set(compose.OOD.parts.values())


def test_from_the_official_layouts_through_the_runner_to_the_scores(pack: Pack, tmp_path: Path) -> None:
    truth = stage(IMAGENET_OOD, pack, tmp_path / "in", None)
    names, synsets = zip(*((c.name, c.synsets) for c in pack.classes), strict=True)
    Job(plugin="farfield-baselines", name="constant", class_names=names, class_synsets=synsets).write(tmp_path / "in")
    (tmp_path / "out").mkdir()
    run(tmp_path / "in", tmp_path / "out")
    logits = np.load(tmp_path / "out" / "logits.npy")
    assert logits.shape == (len(truth), 1000)
    found = {(s.metric, s.domain): s.value for s in evaluate(IMAGENET_OOD, truth, {"logits": logits})}
    assert {found["accuracy", d.name] for d in IMAGENET_OOD.domains} <= {0, 1 / 6, 1 / 4, 1 / 3, 1 / 2}


def test_the_training_set_is_lent_and_no_copy(packs: Path, pack: Pack, tmp_path: Path) -> None:
    assert pack.lent == (
        Lent(set="train", pack="imagenet/train", fingerprint=open_pack(packs, "imagenet/train").fingerprint),
    )
    lender, chosen = pack.training("train")
    assert (lender.name, sorted(lender.labels[chosen].tolist())) == ("imagenet/train", [0, 0, 1, 1])
    stage(IMAGENET_OOD, pack, tmp_path / "in", None)
    train = open_training_set(tmp_path / "in" / "train", Images(size=8), 1)
    assert sorted(train.labels.tolist()) == [0, 0, 1, 1]
    assert (tmp_path / "in" / "train" / "images.bin").samefile(lender.blob)
    assert training_domains(IMAGENET_OOD, pack) == ("train",)
    assert "train" not in pack.sets


def test_features_of_a_lent_training_set_are_of_its_images_alone(pack: Pack, tmp_path: Path) -> None:
    asked: dict[str, np.ndarray] = {}

    def of(owner: Pack, positions: np.ndarray) -> np.ndarray:
        asked[owner.name] = positions
        return positions[:, None].astype(np.float32)

    features = given(FeatureSource(of=of), taken(IMAGENET_OOD, pack, learned=True))
    stage(IMAGENET_OOD, pack, tmp_path, features)
    lender, chosen = pack.training("train")
    assert np.array_equal(asked[lender.name], np.sort(chosen))
    assert np.load(tmp_path / "train" / "features.npy")[:, 0].tolist() == chosen.tolist()
    stage(IMAGENET_OOD, pack, tmp_path / "other", replace(features, learns=False))
    assert (tmp_path / "other" / "train" / "images.bin").exists()


def test_another_training_set_makes_another_pack(packs: Path, pack: Pack, tmp_path: Path) -> None:
    copied = tmp_path / "packs"
    shutil.copytree(packs, copied)
    other = few(TRAIN, WNIDS[:1])
    import_release(other, grow(other, tmp_path / "other"), copied)
    assert compose.compose(copied).fingerprint != pack.fingerprint
    shutil.rmtree(copied / "imagenet" / "train")
    with pytest.raises(PackError, match="the pack in train/[0-9a-f]+ is not here any more; import it again"):
        open_pack(copied, "imagenet/ood").training("train")
