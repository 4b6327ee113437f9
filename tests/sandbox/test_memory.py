"""Kind: limits that do not limit, or limit the wrong thing. What counts as a run's memory, on every backend.

Each is run with what this host has, control groups if it may make them, and once more with nothing but adding up.
"""

import textwrap
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.sandbox.conftest import isolating

from farfield_workers.base_environment import BaseEnvironment
from farfield_workers.sandbox.base import MIB, PYTHON, Ending, Execution, Finished, Limits, Sandbox
from farfield_workers.sandbox.memory import choice, meter
from farfield_workers.sandbox.process import ProcessSandbox

LIMITS = Limits(memory_bytes=192 * MIB, seconds=30, tmp_bytes=512 * MIB, shared_bytes=512 * MIB)
GROUPS, ADDING = "groups", "adding"
BACKENDS = [pytest.param("process", GROUPS, id="process-groups"), pytest.param("process", ADDING, id="process-adding")]
SHUT = [
    pytest.param("bubblewrap", GROUPS, id="bubblewrap-groups", marks=pytest.mark.bubblewrap),
    pytest.param("bubblewrap", ADDING, id="bubblewrap-adding", marks=pytest.mark.bubblewrap),
    pytest.param("docker", GROUPS, id="docker", marks=pytest.mark.docker),
]


@pytest.fixture
def sandbox(
    request: pytest.FixtureRequest, base: BaseEnvironment, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Sandbox]:
    name, counting = request.param
    monkeypatch.setenv(choice.SETTING, choice.OFF if counting == ADDING else "")
    choice.counting.cache_clear()
    yield ProcessSandbox() if name == "process" else isolating(name, base)
    choice.counting.cache_clear()


every = pytest.mark.parametrize(
    "sandbox", [pytest.param(p.values, id=p.id, marks=p.marks) for p in [*BACKENDS, *SHUT]], indirect=True
)
shut = pytest.mark.parametrize("sandbox", [pytest.param(p.values, id=p.id, marks=p.marks) for p in SHUT], indirect=True)


def run(sandbox: Sandbox, folder: Path, code: str, limits: Limits = LIMITS) -> tuple[Finished, str]:
    output = folder / "out"
    output.mkdir()
    command = (PYTHON, "-c", textwrap.dedent(code))
    execution = Execution(command=command, output=output, log=folder / "log.txt", limits=limits)
    execution.log.touch()
    finished = sandbox.run(execution, lambda: None)
    return finished, execution.log.read_text(errors="replace")


@every
def test_a_peak_is_on_the_record(sandbox: Sandbox, tmp_path: Path) -> None:
    finished, log = run(
        sandbox, tmp_path, "import time; x = bytearray(100 << 20); time.sleep(0.6); del x; time.sleep(0.3)"
    )
    assert finished.ending is Ending.COMPLETED, log
    assert finished.memory is not None
    assert 100 * MIB < finished.memory.peak_bytes < 140 * MIB
    assert finished.memory.limit_bytes == LIMITS.memory_bytes


@every
def test_pages_that_processes_share_count_once(sandbox: Sandbox, tmp_path: Path) -> None:
    code = """
    import os, time
    x = bytearray(100 << 20)
    children = []
    for _ in range(3):
        if (pid := os.fork()) == 0:
            time.sleep(1.2)
            os._exit(0)
        children.append(pid)
    for pid in children:
        os.waitpid(pid, 0)
    """
    finished, log = run(sandbox, tmp_path, code)
    assert finished.ending is Ending.COMPLETED, log
    assert finished.memory is not None
    assert finished.memory.peak_bytes < 150 * MIB


@every
def test_a_child_between_fork_and_exec_counts_nothing(sandbox: Sandbox, tmp_path: Path) -> None:
    """The child of a vfork, as of `ldconfig -p`, is its parent's address space until it executes: here for a second."""
    code = """
    import ctypes, os, time
    x = bytearray(110 << 20)
    libc = ctypes.CDLL(None)
    stack = ctypes.create_string_buffer(1 << 20)
    top = ctypes.c_void_p(ctypes.addressof(stack) + (1 << 20) - 64)
    CLONE_VM, SIGCHLD = 0x100, 17
    pid = libc.clone(ctypes.cast(libc.pause, ctypes.c_void_p), top, CLONE_VM | SIGCHLD, None)
    assert pid > 0, pid
    time.sleep(1.0)
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    """
    finished, log = run(sandbox, tmp_path, code)
    assert finished.ending is Ending.COMPLETED, log
    assert finished.memory is not None
    assert finished.memory.peak_bytes < 160 * MIB


@every
def test_threads_that_use_nothing_fit_a_small_limit(sandbox: Sandbox, tmp_path: Path) -> None:
    code = """
    import threading
    ready, stop = threading.Barrier(101), threading.Event()
    def wait():
        x = bytes(1000)
        ready.wait()
        stop.wait()
    threads = [threading.Thread(target=wait) for _ in range(100)]
    for thread in threads:
        thread.start()
    ready.wait(20)
    stop.set()
    print(len(threads))
    """
    finished, log = run(sandbox, tmp_path, code)
    assert (finished.ending, log.strip()) == (Ending.COMPLETED, "100")


@every
def test_the_allocator_gives_large_pieces_back(sandbox: Sandbox, tmp_path: Path) -> None:
    """What is freed is not held against a method whose limit is small."""
    code = """
    import time
    for size in (60, 70, 80, 90, 100, 110):
        parts = [bytearray(size << 18) for _ in range(4)]
        keep = bytes(1 << 16)
        del parts
    """
    finished, log = run(sandbox, tmp_path, code)
    assert finished.ending is Ending.COMPLETED, log


FORKS = "import os, sys, time\npids = [os.fork()"


@every
@pytest.mark.parametrize(
    "code",
    [
        "x = bytearray(1 << 30)",
        f"{FORKS} for _ in range(3)]\nif 0 in pids:\n    x = bytearray(60 << 20)\ntime.sleep(20)",
        f"{FORKS}]\nif 0 in pids:\n    x = bytearray(1 << 30)\n    time.sleep(20)\nos.wait(); sys.exit(1)",
        f"{FORKS}]\nif 0 in pids:\n    x = bytearray(1 << 30)\nos.wait(); sys.exit(0)",
    ],
    ids=["one process", "many processes", "a child, and its parent reports", "a child, and its parent goes on"],
)
def test_the_limit_ends_a_run_as_memory_whoever_reached_it(sandbox: Sandbox, tmp_path: Path, code: str) -> None:
    finished, log = run(sandbox, tmp_path, code)
    assert finished.ending is Ending.MEMORY, log
    assert finished.memory is not None
    assert finished.memory.peak_bytes >= LIMITS.memory_bytes


HELD = {
    "memfd": """
        fds = [os.memfd_create("x") for _ in range(2)]
        for _ in range(HOW_MUCH // 2):
            for fd in fds:
                os.write(fd, bytes(1 << 20))
    """,
    "memfd in flight": """
        import socket
        a, b = socket.socketpair()
        fd = os.memfd_create("x")
        for _ in range(HOW_MUCH):
            os.write(fd, bytes(1 << 20))
        socket.send_fds(a, [b"x"], [fd])
        os.close(fd)
    """,
    "dev shm": """
        for number in range(4):
            fd = os.open(f"/dev/shm/{number}", os.O_CREAT | os.O_RDWR)
            os.unlink(f"/dev/shm/{number}")
            for _ in range(HOW_MUCH // 4):
                os.write(fd, bytes(1 << 20))
    """,
    "tmp": """
        with open("/tmp/x", "wb") as file:
            for _ in range(HOW_MUCH):
                file.write(bytes(1 << 20))
    """,
    "empty files": """
        for number in range(HOW_MUCH << 10):
            os.close(os.open(f"/tmp/{number}", os.O_CREAT))
    """,
    "system v": """
        libc = ctypes.CDLL(None, use_errno=True)
        libc.shmat.restype = ctypes.c_void_p
        for _ in range(HOW_MUCH // 64):
            key = libc.shmget(0, 64 << 20, 0o1600)
            if key < 0:
                raise OSError(ctypes.get_errno(), "shmget")
            at = libc.shmat(key, None, 0)
            ctypes.memset(at, 1, 64 << 20)
            libc.shmdt(ctypes.c_void_p(at))
    """,
    "mapped and let go": """
        import mmap
        for _ in range(HOW_MUCH // 64):
            m = mmap.mmap(-1, 64 << 20)
            for at in range(0, 64 << 20, 4096):
                m[at] = 1
                if at % (1 << 20) == 0:
                    m.madvise(mmap.MADV_DONTNEED)
            globals()[f"kept{_}"] = m
    """,
    "sockets": """
        import resource, socket
        pairs = []
        def fill():
            for _ in range(200):
                a, b = socket.socketpair()
                pairs.extend((a, b))
                for end in (a, b):
                    end.setblocking(False)
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
                    try:
                        while True:
                            end.send(bytes(1 << 16))
                    except BlockingIOError:
                        pass
        for _ in range(HOW_MUCH // 64):
            if os.fork() == 0:
                fill()
                time.sleep(15)
                os._exit(0)
        fill()
    """,
    "loopback": """
        import socket
        server = socket.socket()
        server.bind(("127.0.0.1", 0))
        server.listen()
        ends = []
        for _ in range(200):
            a = socket.create_connection(server.getsockname())
            b, _address = server.accept()
            ends.extend((a, b))
            a.setblocking(False)
            try:
                for _ in range(64):
                    a.send(bytes(1 << 16))
            except BlockingIOError:
                pass
    """,
    "page tables": """
        import mmap
        libc = ctypes.CDLL(None)
        libc.mmap.restype = ctypes.c_void_p
        for _ in range(HOW_MUCH // 2 // 4 + 1):
            at = libc.mmap(None, ctypes.c_size_t(2 << 30), 1, 0x4022, -1, ctypes.c_long(0))
            for page in range(0, 2 << 30, 2 << 20):
                ctypes.c_char.from_address(at + page).value
    """,
    "pages in pipes": """
        import mmap
        libc = ctypes.CDLL(None, use_errno=True)
        class Piece(ctypes.Structure):
            _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
        kept = []
        for _ in range(HOW_MUCH * 16):
            r, w = os.pipe()
            kept.append((r, w))
            m = mmap.mmap(-1, 1 << 16, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
            m.write(bytes([1]) * (1 << 16))
            piece = Piece(ctypes.addressof(ctypes.c_char.from_buffer(m)), 1 << 16)
            if libc.vmsplice(w, ctypes.byref(piece), 1, 0) < 0:
                raise OSError(ctypes.get_errno(), "vmsplice")
    """,
    "messages": """
        libc = ctypes.CDLL(None, use_errno=True)
        for _ in range(HOW_MUCH << 6):
            queue = libc.msgget(0, 0o1600)
            if queue < 0:
                raise OSError(ctypes.get_errno(), "msgget")
            for _ in range(2):
                libc.msgsnd(queue, ctypes.create_string_buffer(b"\\1" * 8, 8192), 8000, 0o4000)
    """,
}  # fmt: skip


@shut
@pytest.mark.parametrize("what", HELD)
def test_memory_in_nobodys_pages_is_counted_or_refused(sandbox: Sandbox, tmp_path: Path, what: str) -> None:
    """Four times the limit is asked for: the run is ended for it, or does not get it."""
    code = f"import ctypes, os, sys, time\nHOW_MUCH = {4 * LIMITS.memory_bytes // MIB}\ntry:\n"
    code += textwrap.indent(textwrap.dedent(HELD[what]), "    ")
    code += (
        "\nexcept OSError as error:\n    print('refused', error)\nelse:\n    print('HELD', flush=True)\ntime.sleep(1.5)"
    )
    finished, log = run(sandbox, tmp_path, code)
    assert "HELD" not in log or finished.ending is Ending.MEMORY, log
    assert finished.ending in (Ending.MEMORY, Ending.COMPLETED), log
    if finished.ending is Ending.COMPLETED:
        assert "refused" in log


@shut
def test_a_run_that_uses_its_private_folders_counts_them_once(sandbox: Sandbox, tmp_path: Path) -> None:
    code = """
    import mmap, os, time
    with open("/dev/shm/x", "w+b") as file:
        file.truncate(100 << 20)
        m = mmap.mmap(file.fileno(), 100 << 20)
        m.write(bytes([1]) * (100 << 20))
        if os.fork() == 0:
            m[:]
        time.sleep(0.8)
    """
    code = code.replace("m[:]", "[m[at] for at in range(0, 100 << 20, 4096)]")
    finished, log = run(sandbox, tmp_path, code, replace(LIMITS, memory_bytes=256 * MIB))
    assert finished.ending is Ending.COMPLETED, log
    assert finished.memory is not None
    assert 100 * MIB < finished.memory.peak_bytes < 230 * MIB


def test_the_exact_sum_is_looked_at_when_the_cheap_one_is_near(monkeypatch: pytest.MonkeyPatch) -> None:
    """Walking page tables costs: it is done for a reason."""
    walks: list[int] = []
    monkeypatch.setattr(meter, "proportional", lambda found: walks.append(len(found)) or 0)
    adding = meter.AddingMeter(1 << 40, None)
    assert not adding.over(lambda: [1])
    assert walks == []
