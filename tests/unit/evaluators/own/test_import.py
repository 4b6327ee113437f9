"""Importing one's own folders and tables: what becomes of each image, and what is said of those that do not fit."""

import csv
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.evaluators.own.made import FOLDERS, HEAD, picture, tree

from farfield_evaluators.data.pack import Pack
from farfield_evaluators.data.packs import PackError, list_packs, verify
from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.own.importer import import_own, importer_of
from farfield_evaluators.own.reader import read_text
from farfield_evaluators.suite import ImportRequest

DOMAINS = f"""{HEAD}
[data]
layout = "{{domain}}/{{class}}"
holdout = 0.5
groups = ["domain"]
[train]
where = {{ domain = "photo", split = "train" }}
[[tests]]
name = "photo"
where = {{ domain = "photo", split = "test" }}
[[tests]]
name = "sketch"
role = "shift"
where = {{ domain = ["sketch", "line"] }}
[[columns]]
metric = "accuracy"
on = "shifts"
"""
TABLE = f"""{HEAD}
[data]
kind = "table"
path = "file"
label = "species"
groups = ["Place_ID"]
[train]
where = {{ part = "a" }}
[[tests]]
name = "test"
where = {{ part = "b" }}
[[columns]]
metric = "accuracy"
on = "test"
"""
ROWS = [
    {
        "file": f"images/{n}.png",
        "species": "cat" if n % 2 else "dog",
        "part": "a" if n < 4 else "b",
        "Place_ID": f"p{n % 3}",
    }
    for n in range(8)
]


def imported(text: str, path: Path, packs: Path, **options: bool) -> Pack:
    pack = import_own(read_text(text, "toys", "toys.toml"), path, packs, **options)
    verify(pack)
    return pack


def problems(text: str, path: Path, packs: Path, **options: bool) -> list[str]:
    with pytest.raises(ImportProblems) as caught:
        imported(text, path, packs, **options)
    assert list_packs(packs) == []
    return list(caught.value.problems)


def table(root: Path, rows: list[dict[str, str]] = ROWS) -> Path:
    for row in rows:
        picture(root / row["file"])
    with (root / "index.csv").open("w", newline="") as opened:
        writer = csv.DictWriter(opened, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return root / "index.csv"


# --- folders ---------------------------------------------------------------------------------------------------------


def test_folders_of_splits_and_classes(tmp_path: Path) -> None:
    pack = imported(FOLDERS, tree(tmp_path / "d", ("train", "test", "extra"), ("big_dog", "cat")), tmp_path / "packs")
    assert pack.counts() == {"test/test": 4, "train": 4}
    assert [c.name for c in pack.classes] == ["big dog", "cat"]
    assert pack.notes == ("left out: 4 images that no rule takes",)
    assert sorted(pack.labels.tolist()) == [0, 0, 0, 0, 1, 1, 1, 1]


def test_folders_of_domains_with_a_part_held_out(tmp_path: Path) -> None:
    root = tree(tmp_path / "d", ("photo", "sketch", "line"), ("cat", "dog"), each=4)
    pack = imported(DOMAINS, root, tmp_path / "packs")
    assert pack.counts() == {"test/photo": 4, "test/sketch": 16, "train": 4}
    assert pack.domains == ("line", "photo", "sketch")
    assert pack.columns == ()  # every pack has the domain already
    assert pack.attributes(pack.members("test/photo"))["domain"].numbers.tolist() == [1] * 4
    again = imported(DOMAINS, root, tmp_path / "q")
    assert again.fingerprint == pack.fingerprint


def test_the_share_held_out_leaves_each_class_an_image_to_learn_from(tmp_path: Path) -> None:
    text = FOLDERS.replace("{split}/{class}", "{class}").replace("[train]", "holdout = 0.9\n[train]")
    pack = imported(text, tree(tmp_path / "d", ("cat", "dog"), each=3), tmp_path / "packs")
    assert pack.counts() == {"test/test": 4, "train": 2}
    assert set(pack.labels[pack.members("train")].tolist()) == {0, 1}


def test_what_lies_at_another_depth_is_named(tmp_path: Path) -> None:
    root = tree(tmp_path / "d", ("train", "test"), ("cat", "dog"))
    picture(root / "train" / "stray.png")
    picture(root / "test" / "cat" / "deeper" / "x.png")
    (root / "README.txt").write_text("hello")
    assert problems(FOLDERS, root, tmp_path / "packs") == [
        "test/cat/deeper: a folder below the last level of data.layout; move its images up, or add a level",
        "train/stray.png: an image above its place, which data.layout says is {split}/{class}",
    ]


def test_a_rule_that_no_image_fits_names_the_values_there_are(tmp_path: Path) -> None:
    root = tree(tmp_path / "d", ("training", "test"), ("cat", "dog"))
    assert problems(FOLDERS, root, tmp_path / "packs") == [
        "train.where: no image fits split = train; in the data split is one of test, training"
    ]


def test_a_rule_for_a_column_that_is_not_there(tmp_path: Path) -> None:
    root = tree(tmp_path / "d", ("train", "test"), ("cat", "dog"))
    text = FOLDERS.replace('where = { split = "test" }', 'where = { split = "test", place = "x" }')
    assert problems(text, root, tmp_path / "packs") == [
        "tests[1].where asks for the column 'place'; the data have split, class"
    ]


def test_an_image_that_two_rules_take_is_named(tmp_path: Path) -> None:
    root = tree(tmp_path / "d", ("train", "test"), ("cat",), each=1)
    text = FOLDERS.replace('where = { split = "test" }', 'where = { class = "cat" }')
    assert problems(text, root, tmp_path / "packs") == [
        "train/cat/0.png: is in train and in test/test; mend the rules so that it is in one of them"
    ]


def test_a_path_that_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="is no folder"):
        imported(FOLDERS, tmp_path / "absent", tmp_path / "packs")


# --- unreadable and repeated images ----------------------------------------------------------------------------------


def harmed(root: Path) -> Path:
    tree(root, ("train", "test"), ("cat", "dog"))
    (root / "train" / "cat" / "broken.jpg").write_bytes(b"no image")
    for place in ("train/cat/a.png", "train/cat/b.png", "test/cat/a.png"):
        picture(root / place, 1)
    for place in ("train/cat/x.png", "train/dog/x.png"):
        picture(root / place, 2)
    return root


def test_unreadable_images_and_those_of_two_classes_are_named_or_left_out(tmp_path: Path) -> None:
    root = harmed(tmp_path / "d")
    unreadable, contradictory = problems(FOLDERS, root, tmp_path / "packs")
    assert unreadable.startswith("train/cat/broken.jpg: unreadable: not an image of a known kind; read are ")
    assert contradictory == "train/cat/x.png: the same image as train/dog/x.png, under two classes, cat and dog"
    pack = imported(FOLDERS, root, tmp_path / "packs", subset=True)
    assert not pack.official
    assert pack.notes == (
        "left out: 2 repeated images",
        "left out: 1 unreadable images",
        "left out: 1 images under two classes",
    )


def test_a_repeated_image_stays_in_the_test_and_the_report_names_the_others(tmp_path: Path) -> None:
    root = harmed(tmp_path / "d")
    (root / "train" / "cat" / "broken.jpg").unlink()
    (root / "train" / "dog" / "x.png").unlink()
    importer = importer_of(read_text(FOLDERS, "toys", "toys.toml"))
    request = ImportRequest(path=root, packs=tmp_path / "packs", report=tmp_path / "report")
    pack = importer.run(request)
    assert (tmp_path / "report").read_text().splitlines() == [
        f"train/cat/{name}.png: left out of train, for it is the same image as test/cat/a.png in test/test"
        for name in "ab"
    ]
    assert pack.counts() == {"test/test": 5, "train": 5}
    assert pack.official


def test_the_report_names_what_is_wrong_too(tmp_path: Path) -> None:
    importer = importer_of(read_text(FOLDERS, "toys", "toys.toml"))
    with pytest.raises(ImportProblems):
        importer.run(ImportRequest(path=harmed(tmp_path / "d"), packs=tmp_path / "p", report=tmp_path / "report"))
    assert "broken.jpg: unreadable" in (tmp_path / "report").read_text()
    with pytest.raises(PackError, match="give PATH"):
        importer.run(ImportRequest(path=None, packs=tmp_path / "p"))


# --- tables ----------------------------------------------------------------------------------------------------------


def test_a_table_of_paths_with_groups(tmp_path: Path) -> None:
    pack = imported(TABLE, table(tmp_path / "d"), tmp_path / "packs")
    assert pack.counts() == {"test/test": 4, "train": 4}
    assert [c.name for c in pack.classes] == ["cat", "dog"]
    places = pack.column("place-id")
    assert places.spec.values == ("p0", "p1", "p2")
    assert sorted(places.values.tolist()) == sorted(n % 3 for n in range(8))


def test_csv_and_parquet_make_the_same_pack(tmp_path: Path) -> None:
    index = table(tmp_path / "d")
    pq.write_table(pa.Table.from_pylist(ROWS), index.with_suffix(".parquet"))
    from_csv = imported(TABLE, index, tmp_path / "p")
    assert imported(TABLE, index.with_suffix(".parquet"), tmp_path / "q").fingerprint == from_csv.fingerprint


def test_semicolons_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    index = table(tmp_path / "d")
    expected = imported(TABLE, index, tmp_path / "p").fingerprint
    index.write_text("\ufeff" + index.read_text().replace(",", ";"), encoding="utf-8")
    assert imported(TABLE, index, tmp_path / "q").fingerprint == expected


@pytest.mark.parametrize("place", ["/etc/passwd", "../up.png", "a/../../up.png", "C:\\x.png", "", "nul\0"])
def test_paths_that_lead_out_of_the_folder_are_not_followed(tmp_path: Path, place: str) -> None:
    index = table(tmp_path / "d")
    pq.write_table(pa.Table.from_pylist([*ROWS, {**ROWS[0], "file": place}]), index.with_suffix(".parquet"))
    [problem] = problems(TABLE, index.with_suffix(".parquet"), tmp_path / "packs")
    assert problem.startswith("index.parquet, row 10: ")
    assert "leads out of the folder" in problem or "is no path" in problem


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda text: text.replace("species", "kind"), "has no column 'species'; it has file, kind, part, Place_ID"),
        (lambda text: text.replace("Place_ID", "place_id"), "has no column 'Place_ID', did you mean place_id?"),
        (lambda text: text + "a,b\n", "line 10: has 2 values, and the first line names 4 columns"),
        (lambda text: text + '"a,b\n', "line 10"),
        (lambda text: "", "its first line must name"),
        (lambda text: text.replace("species", "file"), "no two alike"),
    ],
    ids=["column", "spelling", "short", "quote", "empty", "twice"],
)
def test_a_table_that_is_none_is_told_by_line_and_column(tmp_path: Path, change, says: str) -> None:
    index = table(tmp_path / "d")
    index.write_text(change(index.read_text()))
    with pytest.raises(PackError, match=says.replace("?", r"\?")):
        imported(TABLE, index, tmp_path / "packs")


def test_what_is_no_text_or_no_parquet(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PackError, match="it is not UTF-8 text"):
        imported(TABLE, tmp_path / "x.csv", tmp_path / "packs")
    (tmp_path / "x.parquet").write_bytes(b"PAR1 or not")
    with pytest.raises(PackError, match="cannot be read as Parquet"):
        imported(TABLE, tmp_path / "x.parquet", tmp_path / "packs")


def test_a_missing_image_and_a_missing_class_are_named(tmp_path: Path) -> None:
    index = table(tmp_path / "d")
    (tmp_path / "d" / "images" / "3.png").unlink()
    assert problems(TABLE, index, tmp_path / "packs") == ["images/3.png: unreadable: No such file or directory"]
    index.write_text(index.read_text().replace("images/5.png,cat", "images/5.png,"))
    assert problems(TABLE, index, tmp_path / "packs") == ["images/5.png: has no class, and is in test/test"]


# --- OOD detection ---------------------------------------------------------------------------------------------------

OOD = f"""family = "ood-detection"
{HEAD}
[data]
layout = "{{domain}}/{{split}}/{{class}}"
[train]
where = {{ domain = "known", split = "train" }}
[[tests]]
name = "known"
where = {{ domain = "known", split = "test" }}
[[tests]]
name = "strange"
role = "far"
where = {{ domain = "strange" }}
[[columns]]
metric = "auroc"
on = "far"
"""


def test_ood_images_have_no_class_whatever_their_folder_is_called(tmp_path: Path) -> None:
    tree(tmp_path / "d" / "known", ("train", "test"), ("cat", "dog"))
    tree(tmp_path / "d" / "strange", ("all",), ("planet", "flag"))
    pack = imported(OOD, tmp_path / "d", tmp_path / "packs")
    assert [c.name for c in pack.classes] == ["cat", "dog"]
    assert set(pack.labels[pack.members("test/strange")].tolist()) == {-1}


# --- what only both together show ------------------------------------------------------------------------------------


def test_a_table_without_splits_has_a_part_held_out(tmp_path: Path) -> None:
    text = TABLE.replace("part", "split").replace('"a"', '"train"').replace('"b"', '"test"')
    text = text.replace("[train]", "holdout = 0.5\n[train]")
    assert imported(text, table(tmp_path / "d"), tmp_path / "packs").counts() == {"test/test": 4, "train": 4}


def test_groups_that_the_data_do_not_have_are_named(tmp_path: Path) -> None:
    root = tree(tmp_path / "d", ("train", "test"), ("cat", "dog"))
    text = FOLDERS.replace("[train]", 'groups = ["hospital"]\n[train]')
    assert problems(text, root, tmp_path / "packs") == ["data.groups holds 'hospital'; the data have split, class"]


def test_the_domain_of_a_table_is_what_methods_are_told_of(tmp_path: Path) -> None:
    text = TABLE.replace("[train]", 'domain = "Place_ID"\n[train]').replace('groups = ["Place_ID"]\n', "")
    assert imported(text, table(tmp_path / "d"), tmp_path / "packs").domains == ("p0", "p1", "p2")
