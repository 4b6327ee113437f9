"""Whose room on the disk it is: what a run holds, in folders or hidden, and what others hold."""

import os
import socket
import subprocess
import sys
import time
from collections import namedtuple
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.ordinary import as_ordinary_user

from farfield_workers import leftovers
from farfield_workers.sandbox import disk, volume
from farfield_workers.sandbox.base import GIB, MIB, Execution, Limits
from farfield_workers.sandbox.disk import DEEPEST, RunDisk, has_files_in_flight, unlinked_bytes, written
from farfield_workers.sandbox.process import ProcessSandbox
from farfield_workers.trees import remove_tree

Free = Callable[[int], None]
LIMITS = Limits(memory_bytes=GIB, seconds=10, output_bytes=100 * MIB, output_files=100)


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> Free:
    """Sets how many MiB the disk has left."""
    room = [10_000]
    monkeypatch.setattr(disk, "_free", lambda folder: room[0] * MIB)
    monkeypatch.setattr(disk, "SETTLE_SECONDS", 0.0)
    return lambda left: room.__setitem__(0, left)


def watched(folder: Path, *, isolated: bool = True) -> RunDisk:
    folder.mkdir(exist_ok=True)
    execution = Execution(command=(), output=folder, log=folder / "log", limits=LIMITS)
    return RunDisk(execution, list, isolated=isolated)


@pytest.mark.parametrize(
    ("before", "during", "after", "in_flight", "over", "full"),
    [
        (10_000, 9_950, 10_000, True, False, False),  # it held less than it may
        (10_000, 9_800, 10_000, True, True, False),  # what came back was its own
        (10_000, 9_800, 10_000, False, False, False),  # another run ended at that moment, and its folder went
        (10_000, 9_800, 9_800, True, False, False),  # somebody else wrote, and kept it
        (10_000, 5, 5, True, False, True),  # somebody else filled the disk
        (90, 5, 90, True, False, True),  # a small disk was filled, and made room again: nothing says by whom
        (20, 5, 20, True, False, True),  # there was hardly any room before it began
    ],
)
def test_what_comes_back_when_a_run_with_files_in_flight_ends_was_its_own(
    tmp_path: Path,
    free: Free,
    monkeypatch: pytest.MonkeyPatch,
    before: int,
    during: int,
    after: int,
    in_flight: bool,
    over: bool,
    full: bool,
) -> None:
    monkeypatch.setattr(disk, "has_files_in_flight", lambda processes: in_flight)
    free(before)
    run = watched(tmp_path)
    free(during)
    run.look()
    assert not run.is_over()
    free(after)
    assert (run.was_over(), run.full) == (over, full)


@pytest.mark.parametrize(
    ("room", "hidden", "over"),
    [
        (10_000, 90, False),  # much was written, and it holds less than it may
        (10_000, 120, True),
        (90, 20, False),  # somebody else filled a small disk
        (160, 95, True),  # it filled a small disk, within its limit, with what no folder shows
    ],
)
def test_files_without_a_name_are_looked_for_when_room_dwindles(
    tmp_path: Path, free: Free, monkeypatch: pytest.MonkeyPatch, room: int, hidden: int, over: bool
) -> None:
    free(room)
    monkeypatch.setattr(disk, "unlinked_bytes", lambda processes, device: hidden * MIB)
    run = watched(tmp_path, isolated=False)
    run.look()
    assert not run.is_over()
    free(min(room - 150, 9_000) if room > 150 else 5)
    run.look()
    assert (run.is_over(), run.was_over()) == (over, over)


def test_room_that_comes_back_says_nothing_where_no_wall_keeps_others_out(tmp_path: Path, free: Free) -> None:
    run = watched(tmp_path, isolated=False)
    free(5)
    run.look()
    free(10_000)
    assert (run.was_over(), run.full) == (False, True)


HOLDER = """
import mmap, os, sys, time
size = 1 << 20
named = open("named", "w+b")
named.write(b"x" * size)
gone = open("gone", "w+b")
os.unlink("gone")
gone.write(b"x" * size)
nameless = os.fdopen(os.open(".", os.O_TMPFILE | os.O_RDWR), "w+b") if hasattr(os, "O_TMPFILE") else gone
nameless.write(b"x" * size)
for file in (named, gone, nameless):
    file.flush()
    os.fsync(file.fileno())
again = os.dup(gone.fileno())
print("ready", flush=True)
time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[int]:
    with subprocess.Popen([sys.executable, "-c", HOLDER], cwd=tmp_path, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process.pid
        process.kill()


def test_unlinked_and_nameless_files_are_counted_once_each(tmp_path: Path, holder: int) -> None:
    device = tmp_path.stat().st_dev
    assert 2 * MIB <= unlinked_bytes([holder], device) < 2.5 * MIB
    assert unlinked_bytes([holder, holder], device) == unlinked_bytes([holder], device)
    assert unlinked_bytes([holder], device + 1) == unlinked_bytes([], device) == 0
    assert written(tmp_path, 100).files == 1


def test_a_descriptor_that_was_sent_and_not_received_is_in_flight() -> None:
    here, there = socket.socketpair()
    with here, there, Path(os.devnull).open("rb") as file:
        assert not has_files_in_flight([os.getpid()])
        socket.send_fds(here, [b"x"], [file.fileno()])
        assert has_files_in_flight([os.getpid()])
        _, received, _, _ = socket.recv_fds(there, 1, 1)
        assert not has_files_in_flight([os.getpid()])
        os.close(received[0])


def test_folders_too_deep_to_be_read_are_too_many_files(tmp_path: Path) -> None:
    deep = tmp_path / "/".join("d" * (DEEPEST - 1))
    deep.mkdir(parents=True)
    assert written(tmp_path, 1000).files == DEEPEST - 1
    (deep / "d" / "d" / "d").mkdir(parents=True)
    assert written(tmp_path, 1000).files > 1000


LOCKED = """
from pathlib import Path
from farfield_workers.sandbox.disk import written
for mode in (0, 0o100, 0o400):
    inner = Path("out") / oct(mode) / "inner"
    inner.mkdir(parents=True)
    (inner / "file").write_bytes(b"x" * 100_000)
    inner.chmod(mode)
    inner.parent.chmod(mode)
found = written(Path("out"), 100)
print(found.files, found.bytes > 300_000)
"""


@pytest.mark.ordinary
def test_locked_folders_hide_nothing_from_an_ordinary_user() -> None:
    assert as_ordinary_user(LOCKED) == "9 True"


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own; where this machine mounts none, a folder."""
    folder = tmp_path / "run" / "out"
    folder.mkdir(parents=True)
    volume.attach(folder, LIMITS)
    yield folder
    remove_tree(folder.parent)
    assert not folder.exists()


def test_a_disk_of_its_own_is_empty_and_holds_what_it_may(mounted: Path) -> None:
    assert list(mounted.iterdir()) == []
    assert [path.name for path in mounted.parent.iterdir()] == ["out"]
    run = watched(mounted)
    (mounted / "file").write_bytes(b"x" * LIMITS.output_bytes)
    for number in range(LIMITS.output_files - 1):
        (mounted / str(number)).touch()
    run.look()
    assert not run._filled
    if not os.path.ismount(mounted):
        assert not run.is_over()
        return
    with pytest.raises(OSError, match="No space left"):
        (mounted / "more").write_bytes(b"x" * (LIMITS.output_bytes // 4 + 16 * MIB))
    run.look()
    assert (run.is_over(), run.was_over(), run.full) == (True, True, False)


def test_an_array_that_is_mapped_outlives_its_disk(mounted: Path) -> None:
    import numpy as np

    np.save(mounted / "array.npy", np.arange(100_000))
    array = np.load(mounted / "array.npy", mmap_mode="r")
    remove_tree(mounted)
    assert int(array.sum()) == sum(range(100_000))
    assert volume._mounts_below(mounted.parent) == []
    mounted.mkdir()


KILLED = """
import os, sys
from pathlib import Path
from farfield_workers.leftovers import scratch_folder
from farfield_workers.sandbox.base import GIB, MIB, Limits
from farfield_workers.sandbox.volume import attach
with scratch_folder(Path(sys.argv[1]), "run") as folder:
    (folder / "out").mkdir()
    print(attach(folder / "out", Limits(memory_bytes=GIB, seconds=1, output_bytes=8 * MIB)), flush=True)
    (folder / "out" / "left").touch()
    os.kill(os.getpid(), 9)
"""


def test_what_a_killed_worker_left_mounted_goes_when_one_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == -9, done.stderr
    made = done.stdout.strip() == "True"
    assert len(volume._mounts_below(tmp_path)) == made
    # Other tests kill workers too, whose control groups would be counted as well.
    monkeypatch.setattr(leftovers, "remove_left_groups", lambda: 0)
    assert leftovers.clear_leftovers(tmp_path, ProcessSandbox()) == 1
    assert volume._mounts_below(tmp_path) == []
    assert list((tmp_path / "scratch").iterdir()) == []


def test_a_disk_of_its_own_costs_a_run_next_to_nothing(tmp_path: Path) -> None:
    """About 60 ms on an idle machine; the bound is for one that is busy."""
    (tmp_path / "out").mkdir()
    started = time.monotonic()
    made = volume.attach(tmp_path / "out", Limits(memory_bytes=GIB, seconds=10))
    remove_tree(tmp_path / "out")
    assert not made or time.monotonic() - started < 2


def test_without_mounts_the_folder_stays_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for why in (lambda: "no loop devices", lambda: ""):
        monkeypatch.setattr(volume, "unusable", why)
        monkeypatch.setattr(volume, "SYSTEM_PATHS", str(tmp_path / "empty"))
        monkeypatch.setenv("PATH", str(tmp_path / "empty"))
        (tmp_path / "out").mkdir(exist_ok=True)
        assert not volume.attach(tmp_path / "out", LIMITS)
        assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_disk_without_room_is_not_reserved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(volume, "unusable", lambda: "")
    usage = namedtuple("usage", "free")
    monkeypatch.setattr(volume.shutil, "disk_usage", lambda path: usage(free=volume.size_of(LIMITS)))
    (tmp_path / "out").mkdir()
    assert not volume.attach(tmp_path / "out", LIMITS)
    assert not os.path.ismount(tmp_path / "out")
