"""The labeled release and the unlabeled one of WILDS 2.0 in one pack, and what a method is given of it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.suites.wilds.data import trees, wheat

from farfield import Images
from farfield.runtime.dataset import open_training_set
from farfield_evaluators.data.packs import Pack, PackError, verify
from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.plans.places import placed
from farfield_evaluators.staging import stage, training_domains
from farfield_evaluators.suites.wilds.data import poverty
from farfield_evaluators.suites.wilds.data.importers import IMPORTERS, UNLABELED
from farfield_evaluators.suites.wilds.data.poverty_unlabeled import import_poverty_with_unlabeled
from farfield_evaluators.suites.wilds.data.with_unlabeled import import_with_unlabeled
from farfield_evaluators.suites.wilds.unlabeled_benchmarks import UNLABELED_BENCHMARKS

EVERY = {board.name.removeprefix("wilds/").removesuffix("-unlabeled"): board for board in UNLABELED_BENCHMARKS}
BOARDS = {name: board for name, board in EVERY.items() if name != "poverty"}
SPECS = {spec.of.dataset.name: spec for spec in UNLABELED}
GROW: dict[str, Callable[[Path], Path]] = {
    "camelyon17": trees.camelyon17_unlabeled,
    "iwildcam": trees.iwildcam_unlabeled,
    "fmow": lambda root: root,  # they are rows of the labeled release
    "globalwheat": wheat.unlabeled_tree,
}
SETS = {
    "camelyon17": {"train_unlabeled": 6, "val_unlabeled": 2, "test_unlabeled": 2},
    "iwildcam": {"extra_unlabeled": 3},
    "fmow": {"train_unlabeled": 1, "val_unlabeled": 2, "test_unlabeled": 1},
    "globalwheat": {"train_unlabeled": 3, "val_unlabeled": 3, "test_unlabeled": 3, "extra_unlabeled": 3},
}


def imported(name: str, root: Path) -> Pack:
    trees.GROW[name](root)
    GROW[name](root)
    return import_with_unlabeled(SPECS[name], root, root / "packs", subset=True)


@pytest.mark.parametrize("name", sorted(BOARDS))
def test_both_releases_are_in_one_pack(name: str, tmp_path: Path) -> None:
    pack = imported(name, tmp_path)
    verify(pack)
    assert pack.name == BOARDS[name].pack
    counts = pack.counts()
    assert {split: counts[split] for split in SETS[name]} == SETS[name]
    assert counts["unlabeled"] == sum(SETS[name].values())
    assert {domain.set for domain in BOARDS[name].domains} | {"train", "val", "unlabeled"} <= set(counts)


@pytest.mark.parametrize("name", sorted({*BOARDS} - {"globalwheat"}))
def test_no_unlabeled_image_has_a_label_and_every_other_has_one(name: str, tmp_path: Path) -> None:
    pack = imported(name, tmp_path)
    unlabeled = np.isin(np.arange(len(pack.spans)), pack.members("unlabeled"))
    assert (pack.labels[unlabeled] == -1).all()
    assert (pack.labels[~unlabeled] >= 0).all()


def test_a_method_is_given_the_images_and_domains_and_no_label(tmp_path: Path) -> None:
    pack, board = imported("camelyon17", tmp_path), BOARDS["camelyon17"]
    truth = stage(board, pack, tmp_path / "in", None)
    given = open_training_set(tmp_path / "in" / "unlabeled", Images(size=8), threads=1)
    assert (len(given), set(given.labels.tolist())) == (10, {-1})
    assert not (tmp_path / "in" / "unlabeled" / "labels.npy").exists()
    names = training_domains(board, pack)
    assert sorted({names[number] for number in given.domains.tolist()}) == ["0", "1", "2", "3", "4"]
    assert (truth.labels >= 0).all()


def test_unlabeled_pictures_have_no_box_and_sessions_of_their_own(tmp_path: Path) -> None:
    pack, board = imported("globalwheat", tmp_path), BOARDS["globalwheat"]
    stage(board, pack, tmp_path / "in", None)
    arrays = {path.stem: np.load(path) for path in (tmp_path / "in" / "unlabeled").glob("*.npy")}
    assert arrays["boxes-rows"].tolist() == [0] * 12
    assert arrays["boxes"].shape == (0, 4)
    names = training_domains(board, pack)
    told = {names[number] for number in arrays["domains"].tolist()}
    assert told == {"Arvalis_1", "ARC_1", "UQ_1", "unlabeled_ETHZ_2"}
    assert len(pack.domains) == 100


def test_hospitals_are_the_same_and_places_are_not(tmp_path: Path) -> None:
    assert imported("camelyon17", tmp_path / "a").domains == ("0", "1", "2", "3", "4")
    places = imported("iwildcam", tmp_path / "b").domains
    assert places == ("0", "1", "2", "3", "unlabeled 0", "unlabeled 1", "unlabeled 2")


def test_the_order_of_the_labeled_release_stays(tmp_path: Path) -> None:
    pack = imported("fmow", tmp_path)
    alone = next(importer for importer in IMPORTERS if importer.name == "wilds-fmow")
    labeled = alone.build(tmp_path / "fmow_v1.1", tmp_path / "packs", subset=True)
    for name in ("test", "val", "id_test", "train"):
        images = [_bytes(each, each.in_source_order(each.members(name))) for each in (pack, labeled)]
        assert images[0] == images[1]


def _bytes(pack: Pack, positions: np.ndarray) -> list[bytes]:
    blob = pack.blob.read_bytes()
    return [blob[start:end] for start, end in pack.spans[positions].tolist()]


def test_the_unlabeled_release_must_be_there(tmp_path: Path) -> None:
    trees.camelyon17(tmp_path)
    with pytest.raises(PackError, match=r"give the folder camelyon17_unlabeled_v1\.0"):
        import_with_unlabeled(SPECS["camelyon17"], tmp_path, tmp_path / "packs", subset=True)


def test_known_counts_of_both_are_checked_and_said_of_which(tmp_path: Path) -> None:
    trees.camelyon17(tmp_path)
    trees.camelyon17_unlabeled(tmp_path)
    with pytest.raises(ImportProblems) as error:
        import_with_unlabeled(SPECS["camelyon17"], tmp_path, tmp_path / "packs")
    said = error.value.problems
    assert "camelyon17: the split train has 2 examples of 302,436: 302,434 missing" in said
    assert any(line.startswith("camelyon17_unlabeled: the split train_unlabeled has 6 examples") for line in said)


def test_a_board_with_unlabeled_data_has_one_track_and_the_same_tests() -> None:
    for board in UNLABELED_BENCHMARKS:
        assert [track.name for track in board.tracks] == ["unlabeled"]
        assert board.learned_from()["unlabeled"] == "unlabeled"
    assert EVERY.keys() == {*SPECS, "poverty"}


def test_unlabeled_villages_are_given_in_every_fold_and_their_wealth_is_not(tmp_path: Path) -> None:
    trees.poverty(tmp_path)
    trees.poverty_unlabeled(tmp_path, each=2)
    pack = import_poverty_with_unlabeled(tmp_path, tmp_path / "packs", subset=True)
    verify(pack)
    assert len(pack.members("unlabeled")) == 2 * 23
    tested = {pack.domains[number] for number in pack.domain_numbers[pack.members("unlabeled-C")].tolist()}
    assert tested == set(poverty.TEST_COUNTRIES["C"])
    here = placed(EVERY["poverty"], {"fold": "C"})
    truth = stage(here, pack, tmp_path / "in", None)
    given = open_training_set(tmp_path / "in" / "unlabeled", Images(size=8), threads=1)
    assert (len(given), given.targets) == (46, None)
    assert len(training_domains(here, pack)) == 23  # of the countries that are tested there are images without wealth
    assert set(truth.attributes["urban"].numbers.tolist()) == {0, 1}


def test_an_unlabeled_release_without_a_country_of_each_fold(tmp_path: Path) -> None:
    trees.poverty(tmp_path)
    root = trees.poverty_unlabeled(tmp_path)
    for row, country in enumerate(poverty.COUNTRIES):
        if country in poverty.TEST_COUNTRIES["D"]:
            (root / "images" / f"landsat_poverty_img_{row}.npz").unlink()
    with pytest.raises(ImportProblems, match="no unlabeled village is of a country that fold D tests"):
        import_poverty_with_unlabeled(tmp_path, tmp_path / "packs", subset=True)
