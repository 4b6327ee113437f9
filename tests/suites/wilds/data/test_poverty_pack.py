"""PovertyMap's folds in one pack of float arrays, and what a run of one fold is given."""

from pathlib import Path

import numpy as np
import pytest
from tests.suites.wilds.data import trees

from farfield import Images
from farfield.runtime.dataset import open_training_set
from farfield.runtime.job import read_json
from farfield_evaluators.data.packs import Pack, verify
from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.evaluate import evaluate
from farfield_evaluators.plans.places import placed
from farfield_evaluators.staging import stage, training_domains
from farfield_evaluators.suites.wilds.benchmarks import POVERTY_BOARD
from farfield_evaluators.suites.wilds.data import poverty
from farfield_evaluators.suites.wilds.data.poverty_pack import import_poverty
from farfield_evaluators.suites.wilds.datasets import FOLD_NAMES

ROWS = 6 * 23


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trees.poverty(tmp_path_factory.mktemp("poverty"))


@pytest.fixture(scope="module")
def pack(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return import_poverty(root, tmp_path_factory.mktemp("packs"), subset=True)


def countries(pack: Pack, name: str) -> set[str]:
    return {pack.domains[number] for number in pack.domain_numbers[pack.members(name)].tolist()}


def test_images_lie_there_once_with_their_bands_last(root: Path, pack: Pack) -> None:
    verify(pack)
    assert (pack.shape, pack.dtype, len(pack.spans)) == ((4, 4, 8), "float32", ROWS)
    order = pack.in_source_order(np.arange(ROWS))
    for row in (0, 50, ROWS - 1):
        with np.load(root / "images" / f"landsat_poverty_img_{row}.npz") as image:
            assert np.array_equal(pack.pixels[order[row]], np.moveaxis(image["x"], 0, -1))


@pytest.mark.parametrize("fold", FOLD_NAMES)
def test_a_folds_sets_are_its_splits_and_part_all_villages(fold: str, pack: Pack) -> None:
    names = [f"{fold}/{split}" for split in ("train", "id_val", "id_test", "val", "test")]
    members = np.concatenate([pack.members(name) for name in names])
    assert sorted(members.tolist()) == list(range(ROWS))
    assert countries(pack, f"{fold}/test") == set(poverty.TEST_COUNTRIES[fold])
    assert countries(pack, f"{fold}/val") == set(poverty.val_countries(fold))


def test_the_draw_of_a_fold_is_that_of_the_reader(root: Path, pack: Pack) -> None:
    pool = int((poverty.read(root, "C", held_out=0).splits == 0).sum())
    release = poverty.read(root, "C", held_out=2 * (pool // 10))
    order = pack.in_source_order(np.arange(ROWS))
    for split in ("id_val", "id_test", "train"):
        assert sorted(order[release.at(split)].tolist()) == pack.members(f"C/{split}").tolist()


def test_wealth_and_settlement_are_hidden_columns(root: Path, pack: Pack) -> None:
    order = pack.in_source_order(np.arange(ROWS))
    release = poverty.read(root, held_out=0)
    assert np.array_equal(pack.column("wealthpooled").at(order).values, release.labels)
    assert np.array_equal(pack.column("urban").at(order).values, release.column("urban").astype(np.int64))


def test_a_run_of_a_fold_is_given_its_own_sets(pack: Pack, tmp_path: Path) -> None:
    here = placed(POVERTY_BOARD, {"fold": "E"})
    truth = stage(here, pack, tmp_path / "in", None)
    known = training_domains(here, pack)
    assert set(known) == set(poverty.COUNTRIES) - set(poverty.TEST_COUNTRIES["E"])
    train = open_training_set(tmp_path / "in" / "train", Images(size=64), threads=1)
    (batch,) = train.batches(1000)
    assert batch.inputs.shape == (len(pack.members("E/train")), 4, 4, 8)
    assert batch.targets is not None
    # the trees are as bright as the villages are wealthy
    assert np.corrcoef(batch.inputs.mean(axis=(1, 2, 3)), batch.targets[:, 0])[0, 1] > 0.99
    told = truth.targets["wealthpooled"].reshape(-1, 1)
    figures = {figure.key: figure.value for figure in evaluate(here, truth, {"values": told})}
    assert figures["worst-group-pearson", "test"] == pytest.approx(1)
    assert figures["mse", "id-test"] == 0


def test_the_worse_of_rural_and_urban_is_the_headline(pack: Pack, tmp_path: Path) -> None:
    here = placed(POVERTY_BOARD, {"fold": "A"})
    truth = stage(here, pack, tmp_path / "in", None)
    urban = truth.attributes["urban"].numbers == 1
    told = np.where(urban, truth.targets["wealthpooled"], -truth.targets["wealthpooled"]).reshape(-1, 1)
    figures = {figure.key: figure.value for figure in evaluate(here, truth, {"values": told})}
    assert figures["pearson", "test[urban=1]"] == pytest.approx(1)
    assert figures["worst-group-pearson", "test"] == figures["pearson", "test[urban=0]"] == pytest.approx(-1)


def test_a_cut_down_copy_leaves_out_rows_without_an_image(root: Path, pack: Pack, tmp_path: Path) -> None:
    copy = trees.poverty(tmp_path)
    (copy / "images" / "landsat_poverty_img_7.npz").unlink()
    smaller = import_poverty(copy, tmp_path / "packs", subset=True)
    assert len(smaller.spans) == ROWS - 1
    assert "left out: 1 rows without an image" in smaller.notes
    assert smaller.fingerprint != pack.fingerprint
    assert read_json(smaller.folder / "manifest.json")["official"] is False


def test_a_whole_release_has_enough_rows_and_images_of_224(tmp_path: Path) -> None:
    with pytest.raises(ImportProblems, match="too few rows of the countries that fold A trains on"):
        import_poverty(trees.poverty(tmp_path), tmp_path / "packs")


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (np.zeros((8, 4, 5), np.float32), r"has the shape \[8, 4, 5\], not \[8, 4, 4\]"),
        (np.full((8, 4, 4), np.nan, np.float32), "holds what is no finite number"),
        (np.array([{}], object), "holds no array x of numbers"),
    ],
)
def test_an_image_that_is_none_is_named(array: np.ndarray, says: str, tmp_path: Path) -> None:
    root = trees.poverty(tmp_path)
    np.savez(root / "images" / "landsat_poverty_img_9.npz", x=array, allow_pickle=True)
    with pytest.raises(ImportProblems, match=rf"images/landsat_poverty_img_9\.npz: unreadable: its? .*{says}"):
        import_poverty(root, tmp_path / "packs", subset=True)
    assert not list((tmp_path / "packs").glob("*/current"))


def test_a_fold_without_a_test_is_no_pack(tmp_path: Path) -> None:
    root = trees.poverty(tmp_path)
    for row in range(ROWS):
        if poverty.COUNTRIES[row % 23] in poverty.TEST_COUNTRIES["B"]:
            (root / "images" / f"landsat_poverty_img_{row}.npz").unlink()
    with pytest.raises(ImportProblems) as error:
        import_poverty(root, tmp_path / "packs", subset=True)
    assert any("the split test of fold B" in problem for problem in error.value.problems)
    assert any("the split val of fold A" in problem for problem in error.value.problems)
