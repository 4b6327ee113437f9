"""GlobalWheat's layout: what its tables say, each trap of them, and the pack that is made of it."""

from pathlib import Path

import numpy as np
import pytest
from tests.suites.wilds.data import wheat

from farfield_evaluators.data.packs import Pack, PackError, verify
from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.suites.wilds.data import globalwheat
from farfield_evaluators.suites.wilds.data.globalwheat import boxes_of
from farfield_evaluators.suites.wilds.data.importers import IMPORTERS
from farfield_evaluators.suites.wilds.data.truth import truth
from farfield_evaluators.suites.wilds.data.wheat_sessions import SESSIONS, UNLABELED_SESSIONS
from farfield_evaluators.suites.wilds.datasets import SOURCE


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wheat.tree(tmp_path_factory.mktemp("wheat"))


@pytest.fixture(scope="module")
def pack(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Pack:
    [importer] = [each for each in IMPORTERS if each.name == "wilds-globalwheat"]
    made = importer.build(root.parent, tmp_path_factory.mktemp("packs"))
    verify(made)
    return made


def changed(folder: Path, table: str, before: str, after: str) -> Path:
    root = wheat.tree(folder)
    path = root / table
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    return root


def test_there_are_47_sessions_by_wilds_numbers() -> None:
    assert len(SESSIONS) == len(set(SESSIONS)) == 47
    assert [SESSIONS[n] for n in (0, 11, 12, 17, 26, 36, 46)] == [
        "Arvalis_1", "Arvalis_12", "ETHZ_1", "ULiège-GxABT_1", "UQ_1", "UQ_11", "Usask_1",
    ]  # fmt: skip


def test_the_id_splits_come_from_the_tables_of_the_fixed_training_set(root: Path) -> None:
    release = truth("globalwheat", root)
    assert release.counts() == {"train": 6, "val": 3, "test": 4, "id_val": 3, "id_test": 3}
    assert release.files[release.at("id_test")[0]] == "images/id_test0.png"
    assert release.column(SOURCE).sum() == 6
    assert set(release.column("session")[release.at("id_val")].tolist()) == {0, 12, 16}


def test_a_session_is_told_of_by_its_name_and_not_by_its_row(root: Path) -> None:
    release = truth("globalwheat", root)
    assert release.fields == ("session", "country", "location", "stage", SOURCE)
    for session in (*wheat.TRAIN, *wheat.VAL, *wheat.TEST):
        own = release.metadata[release.column("session") == session.number]
        named = [{release.values[f][int(row[n])] for row in own} for n, f in enumerate(release.fields[:4])]
        assert named == [{SESSIONS[session.number]}, {session.country}, {f"Field {session.number}"}, {session.stage}]


def test_no_box_is_no_box(root: Path) -> None:
    release = truth("globalwheat", root)
    assert release.rows is not None
    assert len(release.labels) == release.rows.sum()
    assert [release.rows[release.at(split)[-1]] for split in release.dataset.splits] == [0] * 5
    assert release.rows[: release.at("train")[-1]].min() >= 2


@pytest.mark.parametrize("text", ["", "1 2 3", "1 2 3 4 5", "1,2,3,4", "a b c d", "1 2 3 4;", "1 2 nan 4", "5 5 4 9"])
def test_what_is_no_list_of_boxes(text: str) -> None:
    with pytest.raises(ValueError):
        boxes_of(text)


def test_parts_of_pixels_are_cut_off_as_wilds_does() -> None:
    assert boxes_of("1.9 2 30 40.5").tolist() == [[1, 2, 30, 40]]


@pytest.mark.parametrize(
    ("table", "before", "after", "says"),
    [
        ("official_val.csv", "no_box", "none", "official_val.csv, row 3: 'none' in BoxesString is no list of boxes"),
        ("fixed_train_val.csv", ",12\n", ",47\n", "'47' in domain is no session; they are numbered 0 to 46"),
        ("metadata_domain.csv", "ARC_1", "ARC_2", "has no row of the session ARC_1, which has images"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, table: str, before: str, after: str, says: str) -> None:
    root = changed(tmp_path, table, before, after)
    with pytest.raises(ImportProblems, match=says):
        globalwheat.read(root)


def test_another_separator_of_sessions_is_named(tmp_path: Path) -> None:
    root = changed(tmp_path, "metadata_domain.csv", "name;country", "name,country")
    with pytest.raises(PackError, match="has no column name"):
        globalwheat.read(root)


def test_the_unlabeled_release_has_sessions_of_its_own_and_no_boxes(tmp_path: Path) -> None:
    release = globalwheat.read_unlabeled(wheat.unlabeled_tree(tmp_path))
    assert (len(UNLABELED_SESSIONS), UNLABELED_SESSIONS[:47]) == (100, SESSIONS)
    assert release.splits.tolist() == [10] * 3 + [11] * 3 + [12] * 3 + [13] * 3
    assert release.column("session").tolist() == [0] * 3 + [25] * 3 + [26] * 3 + [99] * 3
    assert UNLABELED_SESSIONS[99] == "unlabeled_ETHZ_2"
    assert (release.rows is not None, len(release.labels)) == (True, 0)
    assert release.column(SOURCE).tolist() == [1] * 3 + [0] * 9


def test_a_pack_has_boxes_with_a_size_and_the_columns_of_groups(pack: Pack, root: Path) -> None:
    assert pack.counts() == {"train": 6, "val": 3, "test": 4, "id_val": 3, "id_test": 3}
    assert [c.name for c in pack.columns] == ["session", "country", "location", "stage", "boxes", "box-labels"]
    release, order = truth("globalwheat", root), pack.in_source_order(pack.members("test"))
    assert release.rows is not None
    starts = np.cumsum(release.rows) - release.rows
    for position, place in zip(order.tolist(), release.at("test").tolist(), strict=True):
        corners = release.labels[starts[place] : starts[place] + release.rows[place]]
        boxes = pack.column("boxes").of(position)
        np.testing.assert_array_equal(np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1), corners)
        assert pack.domains[pack.domain_numbers[position]] == SESSIONS[int(release.column("session")[place])]
    attributes = pack.attributes(order)
    assert {attributes["country"].values[n] for n in attributes["country"].numbers} == {"Australia", "Canada"}


def test_a_missing_picture_is_named_and_a_part_can_be_taken(tmp_path: Path) -> None:
    root = wheat.tree(tmp_path)
    (root / "images" / "test0.png").unlink()
    [importer] = [each for each in IMPORTERS if each.name == "wilds-globalwheat"]
    with pytest.raises(ImportProblems, match=r"images/test0\.png: missing"):
        importer.build(root, tmp_path / "packs")
    assert importer.build(root, tmp_path / "packs", subset=True).counts()["test"] == 3
