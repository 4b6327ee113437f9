"""Adding up what processes hold, from a made /proc; and what follows from a limit: the allocator, what is reserved."""

import contextlib
import socket
from pathlib import Path

import pytest

from farfield_workers.sandbox.base import GIB, MIB, Execution, Limits
from farfield_workers.sandbox.children import data_bytes
from farfield_workers.sandbox.memory import accounting, hidden
from farfield_workers.sandbox.memory.accounting import proportional, residents, upper_bound
from farfield_workers.sandbox.memory.hidden import queued_bytes
from farfield_workers.sandbox.runtime import allocator

KIB = 1024


def process(proc: Path, pid: int, *, anonymous: int, shared: int = 0, rollup: str | None = None) -> None:
    folder = proc / str(pid)
    folder.mkdir(parents=True)
    (folder / "status").write_text(
        f"VmSize:\t{pid} kB\nRssAnon:\t{anonymous} kB\nRssFile:\t900000 kB\nRssShmem:\t{shared} kB\nVmPTE:\t4 kB\n"
    )
    if rollup is not None:
        (folder / "smaps_rollup").write_text(f"0-f ---p 0 00:00 0 [rollup]\n{rollup}")


def test_shared_pages_count_by_their_share_and_mapped_files_not_at_all(tmp_path: Path) -> None:
    for pid in (1, 2):
        process(tmp_path, pid, anonymous=1000, shared=200, rollup="Pss: 999 kB\nPss_Anon: 500 kB\nPss_Shmem: 100 kB\n")
    found = residents([1, 2, 3], proc=tmp_path)
    assert upper_bound(found) == 2 * 1204 * KIB
    assert proportional(found, tmp_path) == 2 * 604 * KIB
    apart = residents([1, 2], with_shared=False, proc=tmp_path)
    assert proportional(apart, tmp_path) == 2 * 504 * KIB


@pytest.mark.parametrize(("rollup", "share"), [("Pss: 700 kB\n", 704), ("Pss: 5000 kB\n", 1004), (None, 1004)])
def test_kernels_that_say_less_are_never_believed_to_hold_more(tmp_path: Path, rollup: str | None, share: int) -> None:
    process(tmp_path, 1, anonymous=1000, rollup=rollup)
    assert proportional(residents([1], proc=tmp_path), tmp_path) == share * KIB


def test_a_process_that_ends_while_it_is_looked_at_holds_nothing(tmp_path: Path) -> None:
    for pid in (1, 2):
        process(tmp_path, pid, anonymous=1000, rollup="Pss: 999 kB\nPss_Anon: 1000 kB\nPss_Shmem: 0 kB\n")
    seen = residents([1, 2], proc=tmp_path)
    (tmp_path / "2" / "smaps_rollup").unlink()
    (tmp_path / "2" / "status").write_text("Name:\tgone\nState:\tZ (zombie)\n")
    assert proportional(seen, tmp_path) == 1004 * KIB


def test_one_address_space_counts_once_and_two_that_look_alike_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for pid in (1, 2):
        process(tmp_path, pid, anonymous=1000)
        status = tmp_path / str(pid) / "status"
        status.write_text(status.read_text().replace(f"VmSize:\t{pid}", "VmSize:\t7"))
    found = residents([1, 2], proc=tmp_path)
    assert proportional(found, tmp_path) == 2 * 1004 * KIB
    monkeypatch.setattr(accounting, "_same_space", lambda *_: True)
    assert proportional(found, tmp_path) == 1004 * KIB


def test_queues_are_those_of_a_network_of_its_own(tmp_path: Path) -> None:
    table = "sl local rem st tx_queue:rx_queue\n 0: 0 0 01 00000010:00000020 00:0\n 1: 0 0 01 00000000:00001000 00:0\n"
    for pid, network in (("self", "net:[1]"), ("7", "net:[1]"), ("8", "net:[2]")):
        (tmp_path / pid / "ns").mkdir(parents=True)
        (tmp_path / pid / "ns" / "net").symlink_to(network)
        (tmp_path / pid / "net").mkdir()
        (tmp_path / pid / "net" / "tcp").write_text(table)
    assert queued_bytes([7], tmp_path) == 0
    assert queued_bytes([7, 8], tmp_path) == 0x10 + 0x20 + 0x1000
    (tmp_path / "8" / "net" / "sockstat").write_text("sockets: used 1\nTCP: inuse 2 orphan 0\nUDP: inuse 0 mem 0\n")
    assert queued_bytes([7, 8], tmp_path) == 0x10 + 0x20 + 0x1000
    (tmp_path / "8" / "net" / "sockstat").write_text("sockets: used 1\nTCP: inuse 0 orphan 0\nUDP: inuse 1 mem 0\n")
    assert queued_bytes([7, 8], tmp_path) == 0  # its table is not even opened


def loopbacks() -> list[tuple[socket.AddressFamily, str, str]]:
    """Of the kinds of addresses that this machine has: the address, and how the kernel's tables of it end."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as tried:
        tried.bind(("::1", 0))
        return [(socket.AF_INET, "127.0.0.1", ""), (socket.AF_INET6, "::1", "6")]
    return [(socket.AF_INET, "127.0.0.1", "")]


@pytest.mark.parametrize(("family", "host", "six"), loopbacks())
@pytest.mark.parametrize(("kind", "protocol"), [(socket.SOCK_STREAM, "TCP"), (socket.SOCK_DGRAM, "UDP")])
def test_the_kernel_counts_a_socket_whose_queue_it_lists(
    family: socket.AddressFamily, host: str, six: str, kind: socket.SocketKind, protocol: str
) -> None:
    with socket.socket(family, kind) as receiver, socket.socket(family, kind) as sender:
        receiver.bind((host, 0))
        if kind is socket.SOCK_STREAM:
            receiver.listen()
        sender.connect(receiver.getsockname())
        sender.send(b"x")
        own = Path("/proc/self/net")
        assert f":{receiver.getsockname()[1]:04X} " in (own / f"{protocol.lower()}{six}").read_text()
        assert hidden._in_use(f"{protocol}{six}:", (own / f"sockstat{six}").read_text())


def test_another_file_system_in_the_place_of_a_private_one_is_not_counted(tmp_path: Path) -> None:
    """As before the sandbox has made its own: the host's /tmp is nobody's use of memory."""
    (tmp_path / "7" / "root" / "tmp").mkdir(parents=True)
    world = hidden.World(places=(("/tmp", 3 * MIB),))
    assert hidden.hidden_bytes([7], world, tmp_path) == 0


@pytest.mark.parametrize("gib", [0.25, 0.5, 1, 8, 64, 1024])
def test_what_the_allocator_holds_back_is_a_part_of_the_limit(gib: float) -> None:
    settings = {name: int(value) for name, value in allocator(int(gib * GIB)).items()}
    assert settings["MALLOC_TRIM_THRESHOLD_"] == settings["MALLOC_MMAP_THRESHOLD_"] <= min(gib / 8, 4) * GIB
    assert MIB <= settings["MALLOC_TOP_PAD_"] <= max(gib * GIB / 64, MIB)


def test_reserving_is_bounded_with_room_for_every_thread(tmp_path: Path) -> None:
    limits = Limits(memory_bytes=GIB, seconds=1, processes=512)
    execution = Execution(command=("x",), output=tmp_path, log=tmp_path, limits=limits)
    assert data_bytes(execution) == 5 * GIB
    assert data_bytes(Execution(command=("x",), output=tmp_path, log=tmp_path, limits=limits, gpu="GPU-1")) == -1
