"""Files of a model: what is taken out of a folder that foreign code wrote, and that a copy is whole or none."""

import hashlib
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from farfield_workers.model_files import (
    FILES,
    MANIFEST,
    Bounds,
    Damaged,
    NotTaken,
    copy_kept,
    read_manifest,
    take,
    write_kept,
)

NAMES = st.text("abcXYZ019_", min_size=1, max_size=8)
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)


def tree_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(PATHS, st.binary(max_size=40), min_size=1, max_size=6))
def test_plain_files_come_through_byte_for_byte(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes]
) -> None:
    folder = tmp_path_factory.mktemp("tree")
    source = folder / "source"
    source.mkdir()
    for name, content in files.items():
        if any((source / part).is_file() for part in _parents(name)) or (source / name).is_dir():
            continue
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(content)
    wanted = tree_of(source)
    taken = take(source, folder / "taken")
    assert tree_of(folder / "taken") == wanted
    assert {file.name: file.sha256 for file in taken} == {
        name: hashlib.sha256(content).hexdigest() for name, content in wanted.items()
    }
    kept = folder / "kept"
    kept.mkdir()
    write_kept(kept, folder / "taken", taken, {"seed": 1})
    assert read_manifest(kept) == taken
    copy_kept(kept / FILES, taken, folder / "copy")
    assert tree_of(folder / "copy") == wanted


def _parents(name: str) -> list[str]:
    parts = name.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]


def listening(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path))


HOSTILE: dict[str, tuple[Callable[[Path], Any], str]] = {
    "a link": (lambda folder: (folder / "w").symlink_to("/etc/passwd"), "^w is no plain file"),
    "a link to a folder": (lambda folder: (folder / "w").symlink_to("/etc"), "^w is no plain file"),
    "a link beside a file": (lambda folder: (folder / "z").symlink_to("a"), "^z is no plain file"),
    "a pipe": (lambda folder: os.mkfifo(folder / "w"), "^w is no plain file"),
    "a socket": (lambda folder: listening(folder / "w"), "^w is no plain file"),
    "a hidden file": (lambda folder: (folder / ".w").touch(), "a file is called '.w'"),
    "a line's end": (lambda folder: (folder / "w\nx").touch(), r"a file is called 'w\\nx'"),
    "no text": (lambda folder: Path(os.fsdecode(os.fsencode(folder) + b"/w\xff")).touch(), r"'w\\udcff'"),
    "a long name": (lambda folder: (folder / ("w" * 101)).touch(), "at most 100"),
    "too deep": (lambda folder: (folder / "b/c/d/e").mkdir(parents=True), "b/c/d/e lies in more than 2 folders"),
    "too many": (lambda folder: [(folder / f"w{n}").touch() for n in range(5)], "more than 5 files"),
    "too many folders": (lambda folder: [(folder / f"w{n}").mkdir() for n in range(5)], "more than 5 files"),
    "too large": (lambda folder: (folder / "w").write_bytes(b"w" * 101), "more than .* GiB were saved"),
    "large together": (lambda folder: [(folder / n).write_bytes(b"w" * 60) for n in "wx"], "more than .* GiB"),
    "a hole": (lambda folder: sparse(folder / "w"), "more than .* GiB were saved"),
}


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 40)


@pytest.mark.parametrize("attack", HOSTILE)
def test_what_is_no_plain_file_is_not_taken(tmp_path: Path, attack: str) -> None:
    make, message = HOSTILE[attack]
    source = tmp_path / "source"
    source.mkdir()
    (source / "a").write_bytes(b"a")
    make(source)
    with pytest.raises(NotTaken, match=message):
        take(source, tmp_path / "taken", Bounds(files=5, size=100, deepest=2))
    assert sum(path.stat().st_size for path in (tmp_path / "taken").rglob("*")) < 1 << 21


def test_a_folder_that_is_a_link_or_is_not_there_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "a").touch()
    (tmp_path / "link").symlink_to("there")
    (tmp_path / "empty").mkdir()
    for name, says in (("link", "link/ was not written"), ("absent", "was not written"), ("empty", "has no file")):
        with pytest.raises(NotTaken, match=says):
            take(tmp_path / name, tmp_path / f"of-{name}")


def test_a_locked_folder_is_read_all_the_same(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "b").mkdir(parents=True)
    (source / "b" / "a").write_bytes(b"a")
    for folder in (source / "b", source):
        folder.chmod(0)
    take(source, tmp_path / "taken")
    assert tree_of(tmp_path / "taken") == {"b/a": b"a"}


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "a").write_bytes(b"content")
    (tmp_path / "kept").mkdir()
    write_kept(tmp_path / "kept", tmp_path / "source", take(tmp_path / "source", tmp_path / "taken"), {})
    return tmp_path / "kept"


@pytest.mark.parametrize("content", [b"contens", b"content and more", b"short", None])
def test_a_changed_file_is_damage(kept: Path, tmp_path: Path, content: bytes | None) -> None:
    path = kept / FILES / "a"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Damaged, match="^a is not"):
        copy_kept(kept / FILES, read_manifest(kept), tmp_path / "copy")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"format": 1}', '{"format": 1, "files": [{"name": "../a", "size": 1, "sha256": ""}]}']
)
def test_a_changed_manifest_is_damage(kept: Path, text: str) -> None:
    (kept / MANIFEST).write_text(text)
    with pytest.raises(Damaged, match=r"its manifest.json cannot be read"):
        read_manifest(kept)
