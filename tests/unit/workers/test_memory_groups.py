"""Control groups as files: where they are, how a run's is made, read and removed; on made folders in their layout."""

import errno
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from farfield_workers.sandbox.memory import choice, group, version1, version2
from farfield_workers.sandbox.memory.containers import use_in
from farfield_workers.sandbox.memory.group import Use
from farfield_workers.sandbox.memory.hierarchies import Hierarchy, hierarchies
from farfield_workers.sandbox.memory.meter import GroupMeter

VERSION2_FILES = {
    "cgroup.procs": "",
    "cgroup.controllers": "cpu memory pids\n",
    "cgroup.subtree_control": "",
    "cgroup.kill": "",
    "memory.max": "max\n",
    "memory.swap.max": "max\n",
    "memory.oom.group": "0\n",
    "memory.current": "0\n",
    "memory.peak": "0\n",
    "memory.stat": "anon 0\nfile 0\ninactive_file 0\nactive_file 0\nslab_reclaimable 0\n",
    "memory.events": "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\n",
    "pids.max": "max\n",
}
LIMIT = 1 << 30


@dataclass
class Kernel:
    """A made root of version 2: what is made below it has the files that the kernel would give it."""

    root: Path
    process: Path

    def add(self, name: str, controllers: str = "", handed_on: str = "") -> Path:
        folder = self.root / name
        folder.mkdir(parents=True, exist_ok=True)
        self.fill(folder)
        (folder / "cgroup.controllers").write_text(controllers)
        (folder / "cgroup.subtree_control").write_text(handed_on)
        return folder

    def fill(self, folder: Path) -> None:
        for name, content in VERSION2_FILES.items():
            (folder / name).write_text(content)

    def live_in(self, group: str) -> Hierarchy:
        self.process.mkdir(exist_ok=True)
        (self.process / "cgroup").write_text(f"1:name=systemd:/elsewhere\n0::/{group}\n")
        (self.process / "mountinfo").write_text(
            "23 1 0:21 / / rw - ext4 /dev/vda rw\n"
            f"31 23 0:28 / {self.root} rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
        )
        (found,) = hierarchies(self.process, self.process)
        return found


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kernel:
    made = Kernel(tmp_path / "cgroup", tmp_path / "self")
    made.root.mkdir()
    mkdir, rmdir = Path.mkdir, Path.rmdir

    def make(folder: Path, *args: object, **kwargs: object) -> None:
        mkdir(folder, *args, **kwargs)  # type: ignore[arg-type]
        if folder.is_relative_to(made.root):
            made.fill(folder)

    def remove(folder: Path) -> None:
        if folder.is_relative_to(made.root) and not (folder / "cgroup.procs").read_text().replace("0", ""):
            for name in VERSION2_FILES:
                (folder / name).unlink(missing_ok=True)
        rmdir(folder)

    monkeypatch.setattr(Path, "mkdir", make)
    monkeypatch.setattr(Path, "rmdir", remove)
    return made


def test_a_hierarchy_is_found_by_its_mount_and_our_group(kernel: Kernel) -> None:
    found = kernel.live_in("a.slice/b.service")
    assert (found.unified, found.mount, found.own) == (True, kernel.root, kernel.root / "a.slice/b.service")
    assert found.place("/c.slice") == kernel.root / "c.slice"


def test_a_group_outside_of_what_is_mounted_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "cgroup").write_text("0::/../other\n")
    (tmp_path / "mountinfo").write_text("31 23 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n")
    assert hierarchies(tmp_path, tmp_path) == []


def test_the_mount_of_a_container_begins_at_its_own_group(tmp_path: Path) -> None:
    (tmp_path / "cgroup").write_text("5:memory:/docker/abc/deep\n2:cpu,cpuacct:/docker/abc\n")
    (tmp_path / "mountinfo").write_text(
        "31 23 0:28 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n"
        "32 23 0:29 /docker/abc /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct\n"
    )
    found = {tuple(sorted(h.controllers)): str(h.own) for h in hierarchies(tmp_path, tmp_path)}
    assert found == {
        ("memory",): "/sys/fs/cgroup/memory/deep",
        ("cpu", "cpuacct"): "/sys/fs/cgroup/cpu,cpuacct",
    }


def test_a_host_without_control_groups_has_none(tmp_path: Path) -> None:
    assert hierarchies(tmp_path / "nothing", tmp_path) == []
    assert choice.choose("", tmp_path).lacks


def test_the_nearest_group_that_hands_on_memory_is_the_parent(kernel: Kernel) -> None:
    kernel.add("", "memory pids", "memory pids")
    kernel.add("user.slice", "memory pids", "memory pids")
    kernel.add("user.slice/own.scope", "")
    assert version2.parent_in(kernel.live_in("user.slice/own.scope")) == kernel.root / "user.slice"


def test_controllers_that_are_offered_are_handed_on(kernel: Kernel) -> None:
    own = kernel.add("farfield.service", "cpu memory pids")
    assert version2.parent_in(kernel.live_in("farfield.service")) == own
    assert (own / "cgroup.subtree_control").read_text() == "+memory +pids"


def test_a_delegated_group_makes_room_by_moving_its_processes_down(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = kernel.add("farfield.service", "memory pids")
    (own / "cgroup.procs").write_text("11\n12\n")
    put, moved = version2.put, []

    def as_the_kernel(path: Path, value: str) -> None:
        if path == own / "cgroup.subtree_control" and len(moved) < 2:
            raise OSError(errno.EBUSY, "it holds processes")
        if path == own / version2.WORKER_LEAF / "cgroup.procs":
            moved.append(value)
            return
        put(path, value)

    monkeypatch.setattr(version2, "put", as_the_kernel)
    hierarchy = kernel.live_in("farfield.service")
    assert version2.parent_in(hierarchy) is None  # not ours to rearrange, and the root above is no group
    monkeypatch.setattr(version2.os, "getxattr", lambda *_: b"1")
    assert version2.parent_in(hierarchy) == own
    assert moved == ["11", "12"]


def test_what_is_not_ours_is_left_alone(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    kernel.add("", "memory pids", "memory pids")
    kernel.add("own.scope", "")
    monkeypatch.setattr(version2.os, "access", lambda path, _: path != kernel.root)
    assert version2.parent_in(kernel.live_in("own.scope")) is None


def test_an_operator_may_name_the_parent(kernel: Kernel) -> None:
    kernel.add("own.scope", "memory", "memory")
    there = kernel.add("runs.slice", "memory", "memory")
    assert version2.parent_in(kernel.live_in("own.scope"), "/runs.slice") == there


def test_a_group_limits_memory_swap_processes_and_ends_as_a_whole(kernel: Kernel) -> None:
    made = version2.make(kernel.root, "run")
    made.limit(LIMIT, 512)
    folder = kernel.root / "run"
    read = {name: (folder / name).read_text() for name in ("memory.max", "memory.swap.max", "memory.oom.group")}
    assert read == {"memory.max": str(LIMIT), "memory.swap.max": "0", "memory.oom.group": "1"}
    assert int((folder / "pids.max").read_text()) == 512 + group.OWN_PROCESSES
    assert made.entrances == (folder / "cgroup.procs",)


def test_a_kernel_without_swap_or_pids_still_limits_memory(kernel: Kernel) -> None:
    made = version2.make(kernel.root, "run")
    for name in ("memory.swap.max", "memory.oom.group", "pids.max"):
        (kernel.root / "run" / name).unlink()
    made.limit(LIMIT, 512)
    (kernel.root / "run" / "memory.max").unlink()
    with pytest.raises(FileNotFoundError):
        made.limit(LIMIT, 512)


def test_the_peak_leaves_cached_files_out_and_misses_nothing_between_two_looks(kernel: Kernel) -> None:
    made = version2.make(kernel.root, "run")
    folder = kernel.root / "run"
    meter = GroupMeter(made, LIMIT)
    (folder / "memory.current").write_text("700\n")
    (folder / "memory.peak").write_text("750\n")
    (folder / "memory.stat").write_text("anon 300\nfile 400\ninactive_file 250\nactive_file 100\nslab_reclaimable 50\n")
    assert not meter.over(list)
    assert meter.peak == 350  # 750 less the files; 700 less the files is less
    (folder / "memory.peak").write_text("1900\n")
    assert not meter.over(list)
    assert meter.peak == 1500


def test_a_kill_by_the_kernel_is_the_limit_even_after_the_last_look(kernel: Kernel) -> None:
    meter = GroupMeter(version2.make(kernel.root, "run"), LIMIT)
    assert not meter.over(list)
    (kernel.root / "run" / "memory.events").write_text("oom 1\noom_kill 1\n")
    assert meter.close()
    assert not (kernel.root / "run").exists()


def test_members_are_ended_before_a_group_is_removed(kernel: Kernel) -> None:
    made = version2.make(kernel.root, "run")
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    procs = kernel.root / "run" / "cgroup.procs"
    procs.write_text(f"0\n{child.pid}\n")
    original = group.kill_members

    def killed(folder: Path) -> None:
        original(folder)
        child.wait(20)
        procs.write_text("")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(group, "kill_members", killed)
        made.remove()
    assert child.returncode == -9
    assert not (kernel.root / "run").exists()


def test_groups_of_workers_that_are_gone_are_removed(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = choice._started(os.getpid())
    names = [f"farfield-{os.getpid()}-{mine}-aa", f"farfield-{os.getpid()}-1-bb", "farfield-4194305-7-cc", "farfield-x"]
    for name in names:
        version2.make(kernel.root, name)
    monkeypatch.setattr(choice, "counting", lambda: choice.Counting(name="v2", parents=(kernel.root,)))
    assert choice.remove_left_groups() == 2
    assert sorted(path.name for path in kernel.root.iterdir()) == sorted([names[0], names[3]])


def test_a_group_that_counts_nothing_is_not_used(kernel: Kernel) -> None:
    """These are files, and not the kernel's: trying it out says so, and what is left is adding up."""
    kernel.add("own.scope", "memory", "memory")
    kernel.live_in("own.scope")
    chosen = choice.choose("", kernel.process)
    assert chosen.name == choice.ADDED_UP
    assert "a group counts nothing" in chosen.lacks
    assert [path.name for path in (kernel.root / "own.scope").iterdir() if path.is_dir()] == []


def test_off_is_off() -> None:
    assert choice.choose(choice.OFF).lacks == "FARFIELD_CGROUP is off"


def test_version_1_lies_below_our_own_groups_where_limits_above_go_on_to_hold(tmp_path: Path) -> None:
    memory, pids = tmp_path / "memory", tmp_path / "pids"
    for folder in (memory / "own", pids / "own"):
        folder.mkdir(parents=True)
    found = [
        Hierarchy(controllers=frozenset({"memory"}), mount=memory, own=memory / "own"),
        Hierarchy(controllers=frozenset({"pids"}), mount=pids, own=pids / "own"),
    ]
    (memory / "own" / "memory.use_hierarchy").write_text("0\n")
    assert version1.parents_in(found) == ()
    (memory / "own" / "memory.use_hierarchy").write_text("1\n")
    assert version1.parents_in(found) == (memory / "own", pids / "own")
    assert version1.parents_in(found[1:]) == ()


def test_version_1_reads_its_own_names(tmp_path: Path) -> None:
    made = version1.make([tmp_path], "run")
    folder = tmp_path / "run"
    (folder / "memory.usage_in_bytes").write_text("900\n")
    (folder / "memory.max_usage_in_bytes").write_text("1000\n")
    (folder / "memory.stat").write_text("cache 500\ntotal_inactive_file 100\ntotal_active_file 150\n")
    (folder / "memory.oom_control").write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 3\n")
    assert (made.use(), made.highest(), made.kills()) == (Use(total=900, files=250), 1000, 3)


def test_what_an_engine_says_is_read_in_either_version() -> None:
    old = {"usage": 900, "max_usage": 1000, "stats": {"total_inactive_file": 100, "total_active_file": 150}}
    new = {"usage": 900, "stats": {"inactive_file": 100, "active_file": 150, "slab_reclaimable": 20}}
    assert use_in(old) == (Use(total=900, files=250), 1000)
    assert use_in(new) == (Use(total=900, files=270), 0)
    assert use_in({}) == (Use(total=0, files=0), 0)


def test_joining_a_group_that_is_not_there_says_so_and_runs_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-I", "-S", str(choice.JOIN), "1", str(tmp_path / "no" / "cgroup.procs"), "/bin/true"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 70
    assert "the control group of this run cannot be joined" in done.stderr
