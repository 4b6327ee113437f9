"""The shelf of models: bounded, the least recently used goes first, and nothing on it is ever half a model."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from farfield_evaluators.data.pack_use import reading
from farfield_workers.model_files import take
from farfield_workers.model_shelf import MODEL, ModelShelf, NotKept

SIZE = 1000


@pytest.fixture
def put(tmp_path: Path) -> Callable[..., None]:
    """Keeps a model of one file of SIZE bytes, which was last used so many seconds after the first of all times."""
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "w").write_bytes(b"w" * SIZE)
    files = take(tmp_path / "source", tmp_path / "taken")

    def put(shelf: ModelShelf, key: str, used: int | None = None) -> None:
        with shelf.making(key, lambda: None):
            shelf.place(key, tmp_path / "taken", files, {"key": key}, lambda: None)
        if used is not None:
            os.utime(tmp_path / "home" / key / MODEL / "manifest.json", (used, used))

    return put


def shelf_of(tmp_path: Path, models: float) -> ModelShelf:
    """Room for so many models and their manifests."""
    return ModelShelf(tmp_path / "home", int(models * (SIZE + 200)))


def keys(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "home").iterdir())


def test_a_model_is_found_by_its_hash_and_copied(tmp_path: Path, put: Callable[..., None]) -> None:
    shelf = shelf_of(tmp_path, 9)
    assert not shelf.fetch("a", tmp_path / "got")
    put(shelf, "a")
    assert shelf.fetch("a", tmp_path / "got")
    assert not shelf.fetch("b", tmp_path / "other")
    (tmp_path / "got" / "w").write_bytes(b"changed")
    assert shelf.fetch("a", tmp_path / "again")
    assert (tmp_path / "again" / "w").read_bytes() == b"w" * SIZE


def test_what_was_used_longest_ago_goes_first(tmp_path: Path, put: Callable[..., None]) -> None:
    shelf = shelf_of(tmp_path, 2.5)
    for used, key in enumerate("abc", 1):
        put(shelf, key, used)
    assert keys(tmp_path) == ["b", "c"]
    shelf.fetch("b", tmp_path / "got")  # and so c is the oldest now
    put(shelf, "d")
    assert keys(tmp_path) == ["b", "d"]


def test_one_in_use_is_not_removed(tmp_path: Path, put: Callable[..., None]) -> None:
    shelf = shelf_of(tmp_path, 1.5)
    put(shelf, "a", 1)
    with reading(tmp_path / "home" / "a" / MODEL), pytest.raises(NotKept, match="are in use just now"):
        put(shelf, "b")
    assert keys(tmp_path) == ["a"]
    put(shelf, "b")
    assert keys(tmp_path) == ["b"]


def test_one_that_is_too_large_removes_nothing(tmp_path: Path, put: Callable[..., None]) -> None:
    put(shelf_of(tmp_path, 9), "a")
    with pytest.raises(NotKept, match="and the shelf holds"):
        put(shelf_of(tmp_path, 0.5), "b")
    assert keys(tmp_path) == ["a"]


def test_what_a_killed_maker_left_goes_with_the_next_model(tmp_path: Path, put: Callable[..., None]) -> None:
    shelf = shelf_of(tmp_path, 9)
    put(shelf, "a")
    (tmp_path / "home" / "k" / "0.part" / "files").mkdir(parents=True)
    (tmp_path / "home" / "a" / "1.part").mkdir()
    put(shelf, "b")
    assert keys(tmp_path) == ["a", "b"]
    assert [path.name for path in (tmp_path / "home" / "a").iterdir()] == [MODEL]


def test_a_model_without_its_manifest_is_no_model_and_makes_room(tmp_path: Path, put: Callable[..., None]) -> None:
    shelf = shelf_of(tmp_path, 1.5)
    put(shelf, "a")
    (tmp_path / "home" / "a" / MODEL / "manifest.json").unlink()
    assert not shelf.fetch("a", tmp_path / "got")
    put(shelf, "b")
    assert keys(tmp_path) == ["b"]


def test_a_failure_between_leaves_nothing(
    tmp_path: Path, put: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = shelf_of(tmp_path, 9)
    monkeypatch.setattr(Path, "rename", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(NotKept, match="No space left on device"):
        put(shelf, "a")
    assert not (tmp_path / "home" / "a" / MODEL).exists()
    monkeypatch.undo()
    put(shelf, "a")
    assert [path.name for path in (tmp_path / "home" / "a").iterdir()] == [MODEL]


def test_many_at_once_leave_whole_models_only(tmp_path: Path) -> None:
    shelf = shelf_of(tmp_path, 3.5)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: _use_some(shelf, tmp_path, number), range(4)))
    kept = list((tmp_path / "home").glob(f"*/{MODEL}"))
    assert 1 <= len(kept) <= 3
    assert all(shelf.fetch(model.parent.name, tmp_path / f"last-{model.parent.name}") for model in kept)


def _use_some(shelf: ModelShelf, folder: Path, number: int) -> None:
    """Three of five models, one after the other, each made where it is not there."""
    for turn in range(3):
        key, target = "abcde"[(number + turn) % 5], folder / f"got-{number}-{turn}"
        if shelf.fetch(key, target):
            continue
        with shelf.making(key, lambda: None):
            if not shelf.fetch(key, target):
                _make(shelf, key, folder / f"made-{number}-{turn}")


def _make(shelf: ModelShelf, key: str, source: Path) -> None:
    source.mkdir()
    (source / "w").write_bytes(b"w" * SIZE)
    files = take(source, source.with_suffix(".taken"))
    try:
        shelf.place(key, source, files, {}, lambda: None)
    except NotKept as why:
        assert "in use" in str(why)
