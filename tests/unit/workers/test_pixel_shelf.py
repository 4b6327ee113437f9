"""Decoded images that are kept: the same bytes or none, whatever happens to the files and whoever else writes."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from farfield_workers import pixel_shelf
from farfield_workers.pixel_index import RECORD
from farfield_workers.pixel_shelf import DRAFT, PIXELS, PixelShelf

SIDE = 8
ROW = 3 * SIDE * SIDE
MANY = 100 * ROW
NOT_KEPT = "images that were decoded are not kept for other runs:"


@pytest.fixture
def said() -> list[str]:
    return []


def key(number: int) -> bytes:
    return number.to_bytes(2) * 16


def row(number: int) -> bytes:
    return bytes([number]) * ROW


def shelf_of(home: Path, said: list[str], most: int = MANY) -> PixelShelf:
    return PixelShelf(home, SIDE, most, said.append)


def keep(home: Path, said: list[str], numbers: range, most: int = MANY) -> None:
    shelf = shelf_of(home, said, most)
    for number in numbers:
        shelf.put(key(number), row(number))
    shelf.close()


def found(home: Path, said: list[str], numbers: range) -> list[int]:
    shelf = shelf_of(home, said)
    return [number for number in numbers if shelf.get(key(number)) == row(number)]


def test_what_a_run_decoded_the_next_one_finds(tmp_path: Path, said: list[str]) -> None:
    keep(tmp_path, said, range(30))  # more than a segment holds
    assert found(tmp_path, said, range(31)) == list(range(30))
    assert len(list(tmp_path.glob(f"*/*{PIXELS}"))) > 1
    assert not said


def test_its_own_rows_are_there_at_once(tmp_path: Path, said: list[str]) -> None:
    shelf = shelf_of(tmp_path, said)
    shelf.put(key(1), row(1))
    assert shelf.get(key(1)) == row(1)
    assert shelf.get(key(2)) is None
    shelf.close()


def test_two_who_write_at_once_keep_both(tmp_path: Path, said: list[str]) -> None:
    first, second = shelf_of(tmp_path, said), shelf_of(tmp_path, said)
    for number in range(20):
        first.put(key(number), row(number))
        second.put(key(19 - number), row(19 - number))
    first.close()
    second.close()
    assert found(tmp_path, said, range(20)) == list(range(20))
    assert not list(tmp_path.glob(f"*/*{DRAFT}"))


def test_the_shelf_is_bounded_and_what_was_used_longest_ago_goes(tmp_path: Path, said: list[str]) -> None:
    most = 24 * (ROW + RECORD.itemsize)
    keep(tmp_path, said, range(18), most)
    for number, path in enumerate(sorted(tmp_path.glob(f"*/*{PIXELS}"), key=lambda path: path.stat().st_mtime_ns)):
        os.utime(path, (number, number))
    assert shelf_of(tmp_path, said).get(key(0)) == row(0)  # which is its last use
    keep(tmp_path, said, range(30, 39), most)
    assert sum(path.stat().st_size for path in tmp_path.rglob("*.*")) <= most
    left = found(tmp_path, said, range(40))
    assert left == [*range(3), *range(6, 18), *range(30, 39)]


def test_what_does_not_fit_removes_nothing_that_the_run_uses(tmp_path: Path, said: list[str]) -> None:
    most = 20 * (ROW + RECORD.itemsize)
    keep(tmp_path, said, range(60), most)
    assert 0 in found(tmp_path, said, range(60))
    assert said == [f"note: {NOT_KEPT} the cache is full of images that this run uses\n"]


def test_who_writes_takes_the_room_of_a_whole_segment(tmp_path: Path, said: list[str]) -> None:
    most = 24 * (ROW + RECORD.itemsize)  # eight segments of three rows
    shelves = [shelf_of(tmp_path, said, most) for _ in range(20)]
    for number, shelf in enumerate(shelves):
        shelf.put(key(number), row(number))  # nobody has a row more yet
    assert len(list(tmp_path.glob(f"*/*{DRAFT}"))) == 8
    for shelf in shelves:
        shelf.close()


def test_a_side_has_so_many_rows_that_their_keys_fit_in_memory(
    tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(tmp_path, said, range(100, 112))
    monkeypatch.setattr(pixel_shelf, "MOST_ROWS", 20)
    keep(tmp_path, said, range(20))
    shelf = shelf_of(tmp_path, said)
    assert len(shelf._known) <= 20
    assert sum(path.stat().st_size for path in tmp_path.glob(f"*/*{PIXELS}")) <= 20 * (ROW + RECORD.itemsize)
    assert all(shelf.get(key(number)) is None for number in range(100, 112))


def test_a_file_that_cannot_be_read_just_now_stays(
    tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_many(*_: object) -> None:
        raise OSError(24, "Too many open files")

    keep(tmp_path, said, range(3))
    shelf = shelf_of(tmp_path, said)
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", too_many)
        assert shelf.get(key(1)) is None
        assert shelf_of(tmp_path, said).get(key(1)) is None
    assert shelf.get(key(1)) == row(1)


def test_without_room_nothing_is_written(tmp_path: Path, said: list[str]) -> None:
    keep(tmp_path / "pixels", said, range(3), 0)
    assert not (tmp_path / "pixels").exists()
    assert not said


@pytest.mark.parametrize("damage", [b"", b"x", b"x" * 1000])
def test_a_file_that_is_none_is_removed(tmp_path: Path, said: list[str], damage: bytes) -> None:
    keep(tmp_path, said, range(3))
    [path] = tmp_path.glob(f"*/*{PIXELS}")
    path.write_bytes(damage)
    assert found(tmp_path, said, range(3)) == []
    assert not path.exists()


def test_one_wrong_bit_is_seen(tmp_path: Path, said: list[str]) -> None:
    keep(tmp_path, said, range(3))
    [path] = tmp_path.glob(f"*/*{PIXELS}")
    data = bytearray(path.read_bytes())
    data[ROW + 5] ^= 1
    path.write_bytes(data)
    shelf = shelf_of(tmp_path, said)
    assert shelf.get(key(0)) == row(0)
    assert shelf.get(key(1)) is None
    assert not path.exists()


def test_a_full_disk_is_said_once_and_leaves_nothing(
    tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pixel_shelf._Draft, "_write", full)
    keep(tmp_path, said, range(5))
    assert said == [f"note: {NOT_KEPT} No space left on device\n"]
    assert not list(tmp_path.rglob("*.*"))


def test_a_cache_that_is_removed_meanwhile_costs_nothing(tmp_path: Path, said: list[str]) -> None:
    shelf = shelf_of(tmp_path, said)
    shelf.put(key(1), row(1))
    for path in tmp_path.rglob("*.*"):
        path.unlink()
    assert shelf.get(key(1)) is None
    shelf.close()
    keep(tmp_path, said, range(2))
    assert found(tmp_path, said, range(2)) == [0, 1]
    assert not said


FILLING = """
import os, signal, sys
from pathlib import Path
from farfield_workers.pixel_shelf import PixelShelf
shelf = PixelShelf(Path(sys.argv[1]), 8, int(sys.argv[2]), print)
for number in range(25):
    shelf.put(number.to_bytes(2) * 16, bytes([number]) * 192)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_who_is_killed_while_filling_leaves_whole_segments_and_a_draft_that_the_next_removes(
    tmp_path: Path, said: list[str]
) -> None:
    killed = subprocess.run([sys.executable, "-c", FILLING, tmp_path, str(MANY)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert list(tmp_path.glob(f"*/*{DRAFT}"))
    left = found(tmp_path, said, range(25))
    assert left == list(range(20))
    keep(tmp_path, said, range(25))
    assert found(tmp_path, said, range(25)) == list(range(25))
    assert not list(tmp_path.glob(f"*/*{DRAFT}"))
