"""Clutter that systems leave among data counts as nothing, whatever its case, in every importer."""

from pathlib import Path

import pytest
from tests.suites.domainbed.data import trees
from tests.suites.imagenet.data.trees import few, grow

from farfield_evaluators.data.listing import entries
from farfield_evaluators.data.packs import PackError
from farfield_evaluators.suites.domainbed.data.folders import import_folders
from farfield_evaluators.suites.domainbed.data.official import PACS
from farfield_evaluators.suites.imagenet.data.folders import import_release
from farfield_evaluators.suites.imagenet.data.official import V2, VAL

FILES = ("Thumbs.db", "thumbs.db", "THUMBS.DB", "Desktop.ini", "ehthumbs.db", ".DS_Store", "._x.jpg", "Icon\r")
FOLDERS = ("@eaDir", "$RECYCLE.BIN", "$Recycle.Bin", "System Volume Information", "lost+found", "#recycle", "__MACOSX")


def litter(folder: Path) -> None:
    for name in FILES:
        (folder / name).write_bytes(b"clutter")
    for name in FOLDERS:
        (folder / name).mkdir()
        (folder / name / "SYNOPHOTO_THUMB_M.jpg").write_bytes(b"clutter")


def test_clutter_in_a_tree_of_domains_changes_no_fingerprint(tmp_path: Path) -> None:
    spec = trees.tiny(PACS)
    root = trees.grow(spec, tmp_path)
    plain = import_folders(spec, root, tmp_path / "packs")
    for folder in (root, root / "photo", root / "photo" / "dog"):
        litter(folder)
    assert import_folders(spec, root, tmp_path / "packs") == plain


def test_clutter_in_a_tree_of_classes_changes_no_fingerprint(tmp_path: Path) -> None:
    release = few(VAL, ("n01440764", "n01443537"))
    root = grow(release, tmp_path / "val")
    plain = import_release(release, root, tmp_path / "packs")
    for folder in (root, root / "n01440764"):
        litter(folder)
    assert import_release(release, root, tmp_path / "packs") == plain


def test_a_folder_that_cannot_be_listed_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(PackError, match="file: cannot be listed: Not a directory"):
        entries(tmp_path / "file")


def test_v2_in_folders_of_wnids_is_told_how_they_are_called(tmp_path: Path) -> None:
    root = grow(few(VAL, ("n01440764", "n01443537")), tmp_path / "imagenetv2-matched-frequency-format-val")
    with pytest.raises(PackError, match="such as 0; its folders are called 0 to 999, after the classes' numbers"):
        import_release(V2, root, tmp_path / "packs")
