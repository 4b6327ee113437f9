"""Locks on files: who has one is told, who waits is asked, and a killed holder has none."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from farfield_evaluators.locks import alone, if_free, is_at, is_held, locked, taken

HOLDS = """
import sys, time
from pathlib import Path
from farfield_evaluators.locks import alone
with alone(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@contextmanager
def somebody_with(path: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process that has the lock."""
    command = [sys.executable, "-c", HOLDS, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        try:
            yield other
        finally:
            other.kill()


class Cancelled(Exception):
    """What an impatient waiter raises."""


@pytest.mark.parametrize("of", ["file", "folder"])
def test_what_another_process_has_is_not_free_until_it_is_killed(tmp_path: Path, of: str) -> None:
    path = tmp_path / of
    if of == "folder":
        path.mkdir()
    asked: list[int] = []

    def alive() -> None:
        asked.append(len(asked))
        if len(asked) == 3:
            other.kill()
        if len(asked) > 300:
            raise Cancelled

    with somebody_with(path) as other:
        assert is_held(path)
        with if_free(path) as free:
            assert not free
        with locked(path, alive, 0.05):
            assert is_held(path)
    assert len(asked) >= 3
    assert not is_held(path)


def test_who_waits_may_be_cancelled_and_holds_nothing_then(tmp_path: Path) -> None:
    def alive() -> None:
        raise Cancelled

    with alone(tmp_path / "lock"), pytest.raises(Cancelled), locked(tmp_path / "lock", alive):
        raise AssertionError("two had it at once")
    with if_free(tmp_path / "lock") as free:
        assert free


def test_nobody_holds_what_is_not_there_and_to_ask_makes_nothing(tmp_path: Path) -> None:
    assert not is_held(tmp_path / "lock")
    assert not is_held(tmp_path / "lock" / "below")
    with pytest.raises(FileNotFoundError), if_free(tmp_path / "lock", made=False):
        pass
    assert list(tmp_path.iterdir()) == []


def test_those_who_share_a_lock_keep_out_who_wants_it_alone(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with path.open("w") as one, path.open() as other, path.open() as third:
        assert taken(one.fileno(), shared=True)
        assert taken(other.fileno(), shared=True)
        assert not taken(third.fileno())
        path.rename(tmp_path / "moved")
        assert not is_at(one.fileno(), path)
        assert is_at(one.fileno(), tmp_path / "moved")
