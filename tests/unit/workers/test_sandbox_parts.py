"""The small parts of the sandbox: choosing a backend, the log, the filter, what is used, which devices."""

import json
import math
import mmap
import os
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO

import pytest

from farfield_workers.sandbox import bubblewrap, choose, docker, seccomp, syscalls, usage
from farfield_workers.sandbox import log as log_module
from farfield_workers.sandbox.disk import written
from farfield_workers.sandbox.gpu import gpu_devices
from farfield_workers.sandbox.log import TAIL_BYTES, LogPump
from farfield_workers.sandbox.memory.accounting import residents, upper_bound
from farfield_workers.sandbox.process import ProcessSandbox
from farfield_workers.sandbox.usage import MAPPED_PROCESSES, Family, mapped, session, tree


def broken() -> str:
    return "it is not there (install it)"


@pytest.fixture
def neither(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bubblewrap, "unusable", broken)
    monkeypatch.setattr(docker, "unusable", broken)


@pytest.mark.usefixtures("neither")
def test_without_a_wall_only_installed_methods_run(tmp_path: Path) -> None:
    chosen = choose.choose("auto", tmp_path)
    assert isinstance(chosen.sandbox, ProcessSandbox)
    assert not chosen.sandbox.isolates
    assert "install it" in chosen.lacks


@pytest.mark.usefixtures("neither")
@pytest.mark.parametrize("wanted", ["docker", "bubblewrap"])
def test_a_backend_asked_for_by_name_must_work(tmp_path: Path, wanted: str) -> None:
    with pytest.raises(choose.NoSandbox, match=f"FARFIELD_SANDBOX is {wanted}, but it is not there"):
        choose.choose(wanted, tmp_path)


def test_an_unknown_backend_names_the_known(tmp_path: Path) -> None:
    with pytest.raises(choose.NoSandbox, match="auto, docker, bubblewrap, process"):
        choose.choose("dokcer", tmp_path)


def pumped(tmp_path: Path, chunks: list[bytes], limit: int) -> bytes:
    reading, writing = os.pipe()
    pump = LogPump(reading, tmp_path / "log", limit)
    pump.start()
    with os.fdopen(writing, "wb", buffering=0) as pipe:
        for chunk in chunks:
            pipe.write(chunk)
    pump.join(20)
    return (tmp_path / "log").read_bytes()


def test_a_short_log_is_kept_whole(tmp_path: Path) -> None:
    assert pumped(tmp_path, [b"one\n", b"two\n"], 4 << 20) == b"one\ntwo\n"


def test_of_a_flood_the_head_and_the_tail_are_kept(tmp_path: Path) -> None:
    limit = TAIL_BYTES + 80_000
    text = pumped(tmp_path, [b"first\n", *[b"x" * 65536] * 40, b"\nlast\n"], limit)
    assert text.startswith(b"first\n")
    assert text.endswith(b"\nlast\n")
    assert b"bytes of log left out]" in text
    assert len(text) <= limit


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_is_a_well_formed_program(machine: str) -> None:
    program = seccomp.program(machine)
    assert program is not None
    lines = [program[at : at + 8] for at in range(0, len(program), 8)]
    assert len(lines) < 4096
    for at, line in enumerate(lines):
        if line[0] in (0x15, 0x35, 0x45):  # no jump leads past the end
            assert at + 1 + max(line[2], line[3]) < len(lines)
    assert lines[-1][0] == 0x06


ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
ALLOWED, PERMISSION, UNKNOWN, NO_FAMILY, KILLED = "allowed", "EPERM", "ENOSYS", "EAFNOSUPPORT", "killed"
ANSWERS = {0x7FFF0000: ALLOWED, 0x50001: PERMISSION, 0x50026: UNKNOWN, 0x50061: NO_FAMILY, 0x80000000: KILLED}


def answer(machine: str, number: int, *arguments: int, architecture: int | None = None) -> str:
    """What the filter says to a call, as the kernel runs it (seccomp(2))."""
    compiled = seccomp.program(machine)
    assert compiled is not None
    lines = list(struct.iter_unpack("=HBBI", compiled))
    data = struct.pack("=iIQ6Q", number, architecture or ARCHITECTURES[machine], 0, *[*arguments, *[0] * 6][:6])
    held = at = 0
    while lines[at][0] != 0x06:
        code, yes, no, value = lines[at]
        tests = {0x15: held == value, 0x35: held >= value, 0x45: bool(held & value)}
        if code == 0x20:
            (held,) = struct.unpack_from("=I", data, value)
        elif code == 0x54:
            held &= value
        at += 1 + (0 if code not in tests else yes if tests[code] else no)
    return ANSWERS[lines[at][3]]


CALLS: dict[str, dict[str, int]] = {"x86_64": syscalls.X86_64, "aarch64": syscalls.ARM64}
REFUSED = {"x86_64": (101, 165, 321, 425), "aarch64": (117, 40, 280, 425)}  # ptrace, mount, bpf, io_uring_setup


@pytest.mark.parametrize("machine", CALLS)
def test_the_filter_allows_what_is_in_the_table_and_nothing_else(machine: str) -> None:
    free = {
        number for name, number in CALLS[machine].items() if name not in ("clone", "clone3", "socket", "socketpair")
    }
    assert {number for number in range(1000) if answer(machine, number, 1) == ALLOWED} - free == {
        CALLS[machine][name] for name in ("clone", "socket", "socketpair")
    }
    assert all(answer(machine, number) == ALLOWED for number in free)
    assert {answer(machine, number) for number in REFUSED[machine]} == {PERMISSION}
    assert answer(machine, syscalls.NEWEST + 1) == answer(machine, CALLS[machine]["clone3"]) == UNKNOWN
    assert answer(machine, 0, architecture=0x40000003) == answer(machine, 0x40000001) == KILLED


@pytest.mark.parametrize("machine", CALLS)
def test_families_of_sockets_are_an_allow_list(machine: str) -> None:
    numbers = CALLS[machine]
    for family in range(64):
        stream, datagram, raw = (answer(machine, numbers["socket"], family, kind) for kind in (1 | 0o2000000, 2, 3))
        wanted = {1: ALLOWED, 16: ALLOWED, 2: ALLOWED, 10: ALLOWED}.get(family, NO_FAMILY)
        assert (stream, datagram) == (wanted, wanted), family
        assert raw == (ALLOWED if family in (1, 16) else NO_FAMILY), family
        assert answer(machine, numbers["socketpair"], family) == (ALLOWED if family == 1 else NO_FAMILY)
    pairs = {(kind, protocol) for kind in range(16) for protocol in range(300)}
    open_pairs = {p for p in pairs if answer(machine, numbers["socket"], 2, *p) == ALLOWED}
    assert open_pairs == {(1, 0), (1, 6), (2, 0), (2, 17)}
    assert answer(machine, numbers["socket"], 16, 3, 12) == NO_FAMILY  # netfilter


@pytest.mark.parametrize("machine", CALLS)
def test_namespaces_are_no_clones_business(machine: str) -> None:
    number = CALLS[machine]["clone"]
    assert answer(machine, number, 0x3D0F00) == ALLOWED  # a thread
    assert {answer(machine, number, 1 << bit | 17) for bit in (17, 25, 26, 27, 28, 29, 30)} == {PERMISSION}


@pytest.mark.parametrize("machine", CALLS)
def test_both_backends_have_one_table(machine: str) -> None:
    said = json.loads(seccomp.profile(machine) or "")
    allowed = {name for call in said["syscalls"] if call["action"] == "SCMP_ACT_ALLOW" for name in call["names"]}
    assert allowed == set(CALLS[machine]) - {"clone3"}
    assert said["defaultAction"] == "SCMP_ACT_ERRNO"
    assert len(said["architectures"]) == 1


def test_a_machine_without_a_table_has_no_filter() -> None:
    assert seccomp.program("riscv64") is seccomp.profile("riscv64") is None


def test_a_tree_has_the_grandchildren_and_a_session_the_orphans() -> None:
    script = (
        "import subprocess, sys, time;"
        "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(30)']); time.sleep(30)"
    )
    child = subprocess.Popen([sys.executable, "-c", script], start_new_session=True)
    try:
        limit = time.monotonic() + 20
        while len(tree(child.pid)) < 2:
            assert time.monotonic() < limit
            time.sleep(0.02)
        members = tree(child.pid)
        assert upper_bound(residents(members)) > upper_bound(residents([child.pid])) > 1 << 20
        assert set(members) <= set(session(child.pid))
    finally:
        for pid in reversed(tree(child.pid)):
            os.kill(pid, 9)
        child.wait()
    limit = time.monotonic() + 20
    while residents(members):  # a killed process takes a moment to go
        assert time.monotonic() < limit
        time.sleep(0.02)


def test_a_family_sees_a_new_grandchild_between_two_scans_of_the_host() -> None:
    scans = []

    def complete(pid: int) -> list[int]:
        scans.append(pid)
        return tree(pid)

    nested = "import subprocess, sys; sys.stdin.read(1); subprocess.run(['sleep', '30'])"
    child = subprocess.Popen([sys.executable, "-c", nested], stdin=subprocess.PIPE, start_new_session=True)
    family = Family(child.pid, complete)
    try:
        assert family.members() == [child.pid]
        family._next_scan = math.inf
        assert child.stdin is not None
        child.stdin.write(b"x")
        child.stdin.flush()
        limit = time.monotonic() + 20
        while len(family.members()) < 2:
            assert time.monotonic() < limit
            time.sleep(0.02)
        assert set(family.members()) == set(tree(child.pid))
        assert scans == [child.pid]
    finally:
        os.killpg(child.pid, 9)
        child.communicate()


def test_a_family_asks_for_everything_where_the_kernel_lists_no_children(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage, "_lists_children", lambda _: False)
    answers = iter([[7], [7, 8], [7]])
    family = Family(7, lambda _: next(answers))
    assert [family.members() for _ in range(3)] == [[7], [7, 8], [7]]


def test_what_is_loaded_is_looked_at_in_few_processes_and_a_bounded_piece_of_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "libtorch_cpu.so").write_bytes(bytes(4096))
    with (tmp_path / "libtorch_cpu.so").open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ):
        assert mapped([os.getpid()]) == {"torch"}
    monkeypatch.setattr(usage, "MAPPED_BYTES", 4096)
    before = read_by_this_process()
    mapped([os.getpid()] * 512)
    assert read_by_this_process() - before < (MAPPED_PROCESSES + 8) * 16384


def read_by_this_process() -> int:
    return int(Path("/proc/self/io").read_text().split()[1])


def test_written_counts_claimed_length_and_never_follows_links(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bytes(10_000))
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(1 << 30)
    (tmp_path / "link").symlink_to("/usr")
    found = written(tmp_path, 100)
    assert found.files == 3
    assert 1 << 30 < found.bytes < (1 << 30) + 100_000


def test_counting_ends_early(tmp_path: Path) -> None:
    for number in range(50):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "x").touch()
    assert 10 < written(tmp_path, 10).files <= 60


def test_the_devices_of_one_gpu(tmp_path: Path) -> None:
    for number, uuid in enumerate(("GPU-aaa", "GPU-bbb")):
        folder = tmp_path / f"0000:0{number}:00.0"
        folder.mkdir()
        (folder / "information").write_text(f"Model: \t\t X\nGPU UUID: \t {uuid}\nDevice Minor: \t {number}\n")
    assert gpu_devices(None, tmp_path) == []
    assert gpu_devices("GPU-bbb", tmp_path) == []  # no device files on this machine
    with pytest.raises(OSError, match="GPU-aaa, GPU-bbb"):
        gpu_devices("GPU-ccc", tmp_path)


def test_a_log_survives_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk takes nothing for a while, then some bytes at a time."""
    full = [True]
    real = log_module._write

    def write(log: IO[bytes], text: bytes) -> int:
        return 0 if full[0] else real(log, text[:3])

    monkeypatch.setattr(log_module, "_write", write)
    monkeypatch.setattr(log_module, "FULL_DISK_PAUSE_SECONDS", 0.01)
    threading.Timer(0.3, lambda: full.__setitem__(0, False)).start()
    assert pumped(tmp_path, [b"first\n", b"second\n"], 4 << 20) == b"first\nsecond\n"
