"""Folders that a sandbox wrote into are removed, whatever was done to them, and nothing outside of them is."""

import os
import stat
import sys
from pathlib import Path

import pytest
from tests.ordinary import as_ordinary_user

from farfield_workers.trees import opened_folder, remove_tree

DEEP = 3 * sys.getrecursionlimit()


def deep(folder: Path, levels: int) -> None:
    """Folders in folders, deeper than any path may be long."""
    folder.mkdir()
    here = os.open(folder, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir("down", dir_fd=here)
        inner = os.open("down", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)


def test_a_locked_tree_goes_and_what_it_links_to_stays(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "kept").write_text("x")
    inner = tmp_path / "tree" / "a" / "b"
    inner.mkdir(parents=True)
    (inner / "file").write_text("x")
    (tmp_path / "tree" / "link").symlink_to(tmp_path / "outside")
    (inner / "link").symlink_to(tmp_path / "outside")
    for folder in (inner, inner.parent):
        folder.chmod(0)
    remove_tree(tmp_path / "tree")
    assert not (tmp_path / "tree").exists()
    assert (tmp_path / "outside" / "kept").exists()


def test_a_tree_deeper_than_the_stack_goes(tmp_path: Path) -> None:
    deep(tmp_path / "tree", DEEP)
    remove_tree(tmp_path / "tree")
    assert list(tmp_path.iterdir()) == []


def test_many_folders_of_one_name_go(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / "tree" / str(number) / "same" / "same").mkdir(parents=True)
    remove_tree(tmp_path / "tree")
    assert list(tmp_path.iterdir()) == []


def test_a_link_is_no_folder_and_what_it_leads_to_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir(mode=0o500)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(OSError, match="link"), opened_folder(tmp_path / "link"):
        pass
    assert stat.S_IMODE((tmp_path / "real").stat().st_mode) == 0o500


LOCKED = """
import os
from pathlib import Path
from farfield_workers.trees import remove_tree
root = Path("tree")
for mode in (0, 0o400, 0o100, 0o300, 0o500):
    inner = root / oct(mode) / "inner"
    inner.mkdir(parents=True)
    (inner / "file").touch()
    inner.chmod(mode)
    inner.parent.chmod(mode)
root.chmod(0)
remove_tree(root)
print(os.getuid() != 0, root.exists())
"""


@pytest.mark.ordinary
def test_a_locked_tree_goes_for_an_ordinary_user() -> None:
    assert as_ordinary_user(LOCKED) == "True False"
