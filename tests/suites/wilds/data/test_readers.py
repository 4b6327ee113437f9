"""The official layouts, read: each trap of a release has a test of its own, on a tiny tree of the same files."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.suites.wilds.data import trees

from farfield_evaluators.data.packs import PackError
from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.data.wilds_files import CATEGORIES
from farfield_evaluators.suites.wilds.data import (
    amazon,
    camelyon17,
    civilcomments,
    fmow,
    iwildcam,
    molpcba,
    poverty,
    py150,
    rxrx1,
)
from farfield_evaluators.suites.wilds.data.release import Release
from farfield_evaluators.suites.wilds.data.truth import READERS, truth
from farfield_evaluators.suites.wilds.datasets import DATASETS, SOURCE


def named_splits(release: Release) -> list[str]:
    names = {number: name for name, number in release.dataset.splits.items()} | {-1: "none"}
    return [names[number] for number in release.splits.tolist()]


def countries_of(release: Release, split: str) -> set[str]:
    return {release.values["country"][int(n)] for n in release.column("country")[release.at(split)]}


@pytest.mark.parametrize("name", sorted(READERS))
def test_every_tree_is_read_from_its_folder_or_from_the_one_around_it(name: str, tmp_path: Path) -> None:
    root = trees.GROW[name](tmp_path)
    fold = "A" if name == "poverty" else ""
    reader = READERS[name][1]
    if fold:  # so few rows cannot be held out from
        with pytest.raises(ImportProblems, match="too few rows"):
            truth(name, root, fold)
        return
    release = truth(name, root)
    assert release.splits.tolist() == truth(name, tmp_path).splits.tolist() == reader(root).splits.tolist()
    assert release.fields[-1] == SOURCE
    assert release.metadata.shape == (len(release), len(release.fields))
    assert all(release.counts().values())
    if name != "py150":
        assert release.fields == DATASETS[name].fields


@pytest.mark.parametrize("name", sorted(set(DATASETS) - {"poverty"}))
def test_what_is_no_release_is_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(PackError, match=f"holds no .* give the folder {DATASETS[name].folder}"):
        truth(name, tmp_path)


def test_another_version_is_refused(tmp_path: Path) -> None:
    root = trees.iwildcam(tmp_path)
    (root / "RELEASE_v2.0.txt").rename(root / "RELEASE_v1.0.txt")
    with pytest.raises(PackError, match=r"is version 1\.0 of iwildcam, .* version 2\.0 is read"):
        truth("iwildcam", root)


def test_only_povertymap_has_folds(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        truth("fmow", trees.fmow(tmp_path), "A")
    with pytest.raises(KeyError):
        truth("poverty", tmp_path)


class TestCamelyon17:
    def test_a_patients_zeros_stay(self, tmp_path: Path) -> None:
        files = camelyon17.read(trees.camelyon17(tmp_path)).files
        assert files[0] == "patches/patient_004_node_4/patch_patient_004_node_4_x_3328_y_21792.png"

    def test_the_hospital_decides_over_the_column(self, tmp_path: Path) -> None:
        release = camelyon17.read(trees.camelyon17(tmp_path))
        assert named_splits(release) == ["train", "id_val", "train", "id_val", "val", "val", "test", "test"]
        assert release.splits.tolist() == [0, 1, 0, 1, 3, 3, 2, 2]
        assert release.column(SOURCE).tolist() == [1, 0, 1, 0, 0, 0, 0, 0]

    def test_metadata_are_hospital_slide_and_label(self, tmp_path: Path) -> None:
        release = camelyon17.read(trees.camelyon17(tmp_path))
        assert release.fields == ("hospital", "slide", "y", SOURCE)
        assert release.column("hospital").tolist() == [0, 0, 3, 4, 1, 1, 2, 2]
        assert release.labels.tolist() == release.column("y").tolist() == [1, 0, 0, 1, 0, 1, 1, 0]

    def test_unlabeled_patches_of_the_held_out_hospitals_are_for_val_and_test(self, tmp_path: Path) -> None:
        release = camelyon17.read_unlabeled(trees.camelyon17_unlabeled(tmp_path))
        assert release.splits.tolist() == [10, 11, 12, 10, 10] * 2
        assert set(release.labels.tolist()) == {-1}
        assert release.column(SOURCE).tolist() == [1, 0, 0, 1, 1] * 2

    def test_every_row_that_is_wrong_is_named(self, tmp_path: Path) -> None:
        rows = [("1", 0, 0, 0, 2, 0, 0, 0), ("1", 0, 1, 0, 0, 0, 0, 0), ("1", 0, 2, 0, "x", 0, 0, 0)]
        with pytest.raises(ImportProblems) as error:
            camelyon17.read(trees.camelyon17(tmp_path, rows))
        assert error.value.problems == (
            "metadata.csv, row 1: '2' in tumor is no label; it is 0 or 1",
            "metadata.csv, row 3: 'x' in tumor is no label; it is 0 or 1",
        )


class TestIWildCam:
    def test_the_remapped_place_and_the_names_of_kinds(self, tmp_path: Path) -> None:
        release = iwildcam.read(trees.iwildcam(tmp_path))
        assert named_splits(release) == list(trees.IWILDCAM)
        assert release.column("location").tolist() == [0, 1, 2, 3, 0, 1, 2, 3]
        assert release.values["y"] == ("empty", "deer", "deer (2)")
        assert release.files[1] == "train/0001.jpg"

    def test_moments_are_taken_apart(self, tmp_path: Path) -> None:
        release = iwildcam.read(trees.iwildcam(tmp_path))
        first = dict(zip(release.fields, release.metadata[1].tolist(), strict=True))
        assert {"year": 2013, "month": 2, "day": 11, "hour": 10, "minute": 20, "second": 31}.items() <= first.items()

    def test_a_label_without_a_kind_is_named(self, tmp_path: Path) -> None:
        root = trees.iwildcam(tmp_path)
        trees.table(root / "categories.csv", [{"y": 0, "name": "empty"}, {"y": 2, "name": "deer"}])
        with pytest.raises(ImportProblems, match=r"categories\.csv has no kind 1"):
            iwildcam.read(root)

    def test_unlabeled_pictures_have_no_label_and_perhaps_no_moment(self, tmp_path: Path) -> None:
        release = iwildcam.read_unlabeled(trees.iwildcam_unlabeled(tmp_path))
        assert release.labels.tolist() == [-1, -1, 2]  # kinds that the labeled data lack, or unknown
        assert release.splits.tolist() == [13, 13, 13]
        assert release.column("year").tolist() == [2014, -1, 2014]
        assert release.files[0] == "images/u0.jpg"


class TestRxRx1:
    def test_site_2_of_training_experiments_is_id_test(self, tmp_path: Path) -> None:
        release = rxrx1.read(trees.rxrx1(tmp_path))
        assert named_splits(release) == ["train", "id_test", "train", "id_test", "val", "val", "test", "test"]

    def test_values_are_numbered_as_they_come_first_and_not_by_name(self, tmp_path: Path) -> None:
        release = rxrx1.read(trees.rxrx1(tmp_path))
        assert release.values["cell_type"] == ("U2OS", "RPE", "HEPG2", "HUVEC")
        assert release.values["well"] == ("B05", "A01", "C02")
        assert release.column("cell_type").tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
        assert release.column("plate").tolist() == [1, 1, 2, 2, 1, 1, 4, 4]  # as it stands there, not numbered
        assert release.files[3] == "images/RPE-01/Plate2/A01_s2.png"


class TestFMoW:
    def test_a_pictures_number_is_its_row_in_the_whole_file(self, tmp_path: Path) -> None:
        release = fmow.read(trees.fmow(tmp_path))
        assert release.files[0] == "images/rgb_img_1.png"
        assert len(release) == len(trees.FMOW) - 3  # the rows of seq

    def test_splits_are_of_the_row_and_of_the_year_in_utc(self, tmp_path: Path) -> None:
        release = fmow.read(trees.fmow(tmp_path))
        assert named_splits(release) == [
            "train",
            "none",
            "id_val",
            "val",
            "val",
            "none",
            "id_test",
            "none",
            "test",
            "test",
        ]
        assert release.column(SOURCE).tolist() == [1, 0, 1, 0, 0, 0, 1, 0, 0, 0]

    def test_regions_come_from_the_country_or_are_other(self, tmp_path: Path) -> None:
        release = fmow.read(trees.fmow(tmp_path))
        # France is first, in a row of seq that is then dropped; nobody mapped XKX, and Antarctica has no region.
        assert release.values["region"] == ("Europe", "Other", "Americas", "Africa")
        assert release.column("region").tolist() == [1, 0, 2, 3, 0, 0, 2, 3, 1, 2]

    def test_years_count_from_2002(self, tmp_path: Path) -> None:
        assert fmow.read(trees.fmow(tmp_path)).column("year").tolist() == [1, 12, 10, 11, 13, 14, 10, 13, 14, 15]

    def test_62_categories_in_a_fixed_order(self, tmp_path: Path) -> None:
        assert len(CATEGORIES) == 62
        assert (CATEGORIES[0], CATEGORIES[-1]) == ("airport", "zoo")
        assert sorted(CATEGORIES) == list(CATEGORIES)

    def test_unlabeled_rows_are_later_ones_of_train_and_seq(self, tmp_path: Path) -> None:
        release = fmow.read_unlabeled(trees.fmow(tmp_path))
        assert release.files == [f"images/rgb_img_{row}.png" for row in (0, 2, 11, 12)]
        assert release.splits.tolist() == [10, 11, 12, 11]

    def test_a_moment_without_a_zone_is_no_moment(self, tmp_path: Path) -> None:
        root = trees.fmow(tmp_path)
        path = root / "rgb_metadata.csv"
        path.write_text(path.read_text().replace("2003-05-05T01:02:03Z", "2003-05-05T01:02:03"))
        with pytest.raises(ImportProblems, match="row 2: '2003-05-05T01:02:03' in timestamp is no moment with a zone"):
            fmow.read(root)


class TestPoverty:
    @pytest.mark.parametrize(
        ("fold", "order"), [("A", [0, 6, 2, 1, 8, 5, 4, 9, 3, 7]), ("B", [1, 9, 5, 3, 4, 0, 8, 2, 7, 6])]
    )
    def test_the_draw_is_wilds_own(self, fold: str, order: list[int]) -> None:
        assert poverty.shuffled(np.arange(10), fold).tolist() == order

    def test_the_draw_takes_from_the_pool_and_not_from_all_rows(self) -> None:
        country = np.array(
            [poverty.NUMBERS[name] for name in ("angola", "benin", "kenya", "zambia", "mali", "togo")] * 3
        )
        splits = poverty.splits_of(country, "A", held_out=4)
        pool = np.flatnonzero(np.isin(country, [poverty.NUMBERS[n] for n in ("kenya", "zambia", "togo")]))
        drawn = poverty.shuffled(pool, "A")
        assert np.flatnonzero(splits == 1).tolist() == sorted(drawn[:2].tolist())
        assert np.flatnonzero(splits == 2).tolist() == sorted(drawn[2:4].tolist())
        assert np.flatnonzero(splits == 0).tolist() == sorted(drawn[4:].tolist())

    @pytest.mark.parametrize("fold", "ABCDE")
    def test_each_fold_holds_out_its_countries(self, fold: str, tmp_path: Path) -> None:
        release = poverty.read(trees.poverty(tmp_path, images=False), fold, held_out=20)
        assert countries_of(release, "test") == set(poverty.TEST_COUNTRIES[fold])
        assert countries_of(release, "val") == set(poverty.val_countries(fold))
        assert (len(release.at("id_val")), len(release.at("id_test"))) == (10, 10)
        known = countries_of(release, "train")
        assert known == set(poverty.COUNTRIES) - countries_of(release, "test") - countries_of(release, "val")

    def test_23_countries_in_alphabetical_order(self) -> None:
        assert len(poverty.COUNTRIES) == 23
        assert (poverty.COUNTRIES[0], poverty.COUNTRIES[-1]) == ("angola", "zimbabwe")
        assert poverty.val_countries("A") == poverty.TEST_COUNTRIES["B"]

    def test_metadata_are_urban_wealth_and_country(self, tmp_path: Path) -> None:
        release = poverty.read(trees.poverty(tmp_path, images=False), held_out=20)
        assert release.fields == ("urban", "y", "country", SOURCE)
        assert release.metadata[1].tolist()[:3] == [1, -0.74, 1]
        assert release.files[2] == "images/landsat_poverty_img_2.npz"

    def test_unlabeled_rows_have_neither_wealth_nor_settlement(self, tmp_path: Path) -> None:
        release = poverty.read_unlabeled(trees.poverty_unlabeled(tmp_path), "E")
        assert set(release.column("urban").tolist()) == {-1}
        by_split = {n: sum(release.splits == n) for n in (10, 11, 12)}
        assert by_split == {10: 14, 11: 5, 12: 4}


class TestText:
    def test_a_half_counts_and_nothing_said_is_no(self, tmp_path: Path) -> None:
        release = civilcomments.read(trees.civilcomments(tmp_path))
        assert release.labels.tolist() == [1, 0, 0, 1]
        assert release.column("male").tolist() == [1, 0, 0, 1]
        assert not release.column("female").any()

    def test_a_review_of_no_split_is_not_there_and_users_are_numbered_by_split(self, tmp_path: Path) -> None:
        release = amazon.read(trees.amazon(tmp_path))
        assert named_splits(release) == ["test", "train", "id_val", "id_test", "val"]
        # train first, then val, id_val, test and id_test; "NA" is a name, and no missing value
        assert release.values["user"] == ("u2", "u4", "u3", "NA")
        assert release.column("user").tolist() == [3, 0, 2, 0, 1]
        assert release.values["category"] == ("Toys", "Home", "Books")
        assert release.labels.tolist() == [4, 0, 3, 1, 4]
        assert release.column("year").tolist() == [2, 0, 3, 0, 8]
        assert release.values["year"][0] == "2010"
        assert release.column(SOURCE).tolist() == [0, 1, 1, 1, 0]

    def test_splits_that_do_not_fit_the_reviews(self, tmp_path: Path) -> None:
        root = trees.amazon(tmp_path)
        trees.table(root / "splits" / "user.csv", [{"split": 0}])
        with pytest.raises(PackError, match=r"user\.csv has 1 rows, and reviews\.csv has 6"):
            amazon.read(root)

    def test_a_token_is_the_label_of_the_one_before_and_padding_is_none(self, tmp_path: Path) -> None:
        release = py150.read(trees.py150(tmp_path))
        assert release.labels.shape == (8, 5)
        assert np.isnan(release.labels[:, -1]).all()
        assert not np.isnan(release.labels[:, :-1]).any()
        assert release.fields == ("repo", *(f"tok_{n}_type" for n in range(5)), SOURCE)
        assert set(release.column("tok_4_type").tolist()) == {-100}
        assert release.column("repo").tolist() == list(range(8))
        assert named_splits(release) == ["train", "train", "train", "id_val", "val", "id_test", "id_test", "test"]

    def test_a_file_of_no_known_repository(self, tmp_path: Path) -> None:
        root = trees.py150(tmp_path)
        (root / "metadata" / "repo_file_names" / "IDval.txt").write_text("who/knows/a.py\n")
        with pytest.raises(PackError, match="'who/knows' is no repository"):
            py150.read(root)

    def test_a_property_that_was_not_measured_has_no_label(self, tmp_path: Path) -> None:
        release = molpcba.read(trees.molpcba(tmp_path))
        assert release.labels.shape == (5, 128)
        assert release.labels[0, :2].tolist() == [1, 0]
        assert np.isnan(release.labels[0, 2])
        assert named_splits(release) == ["train", "test", "val", "test", "train"]
        assert release.column("scaffold").tolist() == [3, 1, 4, 1, 5]

    def test_a_molecule_in_two_splits(self, tmp_path: Path) -> None:
        root = trees.molpcba(tmp_path)
        trees.zipped(root / "split" / "scaffold" / "valid.csv.gz", ["0"])
        with pytest.raises(PackError, match="names a molecule that is in a split already"):
            molpcba.read(root)


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda text: text.replace("tumor", "tumour"), "has no column tumor"),
        (lambda text: text.rsplit(",", 4)[0], "row 8: is cut short"),
        (lambda text: "", "has no column patient"),
    ],
)
def test_a_damaged_table(damage: Callable[[str], str], says: str, tmp_path: Path) -> None:
    path = trees.camelyon17(tmp_path) / "metadata.csv"
    path.write_text(damage(path.read_text()))
    with pytest.raises(PackError, match=says):
        truth("camelyon17", tmp_path)


def test_a_table_that_is_no_text(tmp_path: Path) -> None:
    path = trees.camelyon17(tmp_path) / "metadata.csv"
    path.write_bytes(b"\xff\xfe\x00 no text")
    with pytest.raises(PackError, match="cannot be read"):
        truth("camelyon17", tmp_path)
