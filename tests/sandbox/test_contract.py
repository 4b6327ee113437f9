"""One contract, one suite: what holds for every backend, and what only those that isolate promise."""

import os
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest

from farfield_workers.base_environment import BaseEnvironment
from farfield_workers.sandbox.base import (
    GIB,
    IN,
    MIB,
    OUT,
    PLUGIN,
    PYTHON,
    Ending,
    Execution,
    Finished,
    Limits,
    Sandbox,
    Stopped,
)
from farfield_workers.sandbox.bubblewrap import BubblewrapSandbox
from farfield_workers.sandbox.docker import LABEL, DockerSandbox, docker_client
from farfield_workers.sandbox.memory.choice import counting, remove_left_groups
from farfield_workers.sandbox.usage import tree

LIMITS = Limits(memory_bytes=GIB, seconds=30, tmp_bytes=8 * MIB, shared_bytes=16 * MIB, output_bytes=32 * MIB)


def nothing() -> None:
    return None


class Bench:
    """Runs snippets of Python in a sandbox."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox = sandbox
        self.folder = folder
        self.count = 0

    def execution(self, code: str, **changes: object) -> Execution:
        self.count += 1
        output = self.folder / f"out-{self.count}"
        output.mkdir()
        command = (PYTHON, "-c", textwrap.dedent(code))
        made = Execution(command=command, output=output, log=self.folder / f"log-{self.count}.txt", limits=LIMITS)
        made.log.touch()
        return replace(made, **changes)

    def run(self, code: str, tick: Callable[[], None] = nothing, **changes: object) -> tuple[Finished, str, Path]:
        execution = self.execution(code, **changes)
        finished = self.sandbox.run(execution, tick)
        return finished, execution.log.read_text(errors="replace"), execution.output

    def says(self, code: str, **changes: object) -> str:
        finished, log, _ = self.run(code, **changes)
        assert finished.ending is Ending.COMPLETED, log
        return log.strip()


@pytest.fixture
def bench(sandbox: Sandbox, tmp_path: Path) -> Bench:
    return Bench(sandbox, tmp_path)


@pytest.fixture
def shut(isolated: Sandbox, tmp_path: Path) -> Bench:
    return Bench(isolated, tmp_path)


def test_a_command_reads_its_inputs_and_leaves_its_outputs(bench: Bench, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "question").write_text("six by nine")
    code = f"text = open('{IN}/question').read(); open('answer', 'w').write(text[::-1])"
    if bench.sandbox.name == "process":
        code = code.replace(f"'{IN}/question'", "__import__('sys').argv[1]")
    execution = bench.execution(code, source=source)
    execution = replace(execution, command=(*execution.command, f"{IN}/question"))
    assert bench.sandbox.run(execution, nothing).ending is Ending.COMPLETED
    assert (execution.output / "answer").read_text() == "enin yb xis"
    assert sorted(path.name for path in execution.output.iterdir()) == ["answer"]


@pytest.mark.parametrize(
    ("code", "ending"),
    [
        ("pass", Ending.COMPLETED),
        ("raise SystemExit(1)", Ending.REPORTED),
        ("raise SystemExit(3)", Ending.CRASHED),
        ("import os; os.kill(os.getpid(), 11)", Ending.CRASHED),
        ("import os; os.kill(os.getpid(), 9)", Ending.CRASHED),
    ],
)
def test_how_it_ended_is_told_apart(bench: Bench, code: str, ending: Ending) -> None:
    assert bench.run(code)[0].ending is ending


def test_both_streams_are_the_log_and_its_order_is_kept(bench: Bench) -> None:
    code = "import sys; print('one', flush=True); print('two', file=sys.stderr, flush=True); print('three')"
    assert bench.says(code).split() == ["one", "two", "three"]


def test_the_log_cannot_be_taken_back(bench: Bench) -> None:
    code = """
    import os
    print("first", flush=True)
    try:
        os.ftruncate(1, 0)
    except OSError:
        pass
    print("second", flush=True)
    """
    assert bench.says(code).split() == ["first", "second"]


def test_time_is_up(bench: Bench) -> None:
    started = time.monotonic()
    finished, log, _ = bench.run(
        "print('here', flush=True)\nimport time; time.sleep(600)", limits=replace(LIMITS, seconds=1.5)
    )
    assert finished.ending is Ending.TIME
    assert 1.4 < finished.seconds < time.monotonic() - started < 15
    assert "here" in log


def test_a_tick_that_raises_ends_it_at_once(bench: Bench) -> None:
    began: list[float] = []
    others = set(tree(os.getpid()))  # services, and what an earlier test of this process has not waited for

    def stop() -> None:
        began.append(time.monotonic())
        if len(began) == 3:
            raise Stopped

    with pytest.raises(Stopped):
        bench.run("import time; time.sleep(600)", stop)
    assert time.monotonic() - began[-1] < 10
    left = set(tree(os.getpid()))
    of_others = {pid for other in others - {os.getpid()} for pid in tree(other)}  # PostgreSQL starts some now and then
    assert left - others - of_others == set()


def test_memory_is_limited(bench: Bench) -> None:
    finished, log, _ = bench.run("x = bytearray(3 << 30)\nprint(len(x))", limits=replace(LIMITS, memory_bytes=GIB))
    assert finished.ending in (Ending.MEMORY, Ending.REPORTED), log
    assert "MemoryError" in log or finished.ending is Ending.MEMORY


def test_output_is_limited(bench: Bench) -> None:
    code = """
    import time
    for number in range(20):
        open(f"part-{number}", "wb").write(bytes(4 << 20))
    time.sleep(60)
    """
    assert bench.run(code)[0].ending is Ending.OUTPUT


def test_no_gpu_is_visible_unless_one_was_asked_for(bench: Bench) -> None:
    code = "import os, glob; print(repr(os.environ['CUDA_VISIBLE_DEVICES']), glob.glob('/dev/nvidia*'))"
    assert bench.says(code) == "'' []"


def test_no_variable_of_the_worker_is_seen(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FARFIELD_WORKER_TOKEN", "hunter2")
    monkeypatch.setenv("SOMETHING_ELSE", "hunter2")
    assert "hunter2" not in bench.says("import os; print(dict(os.environ))")


def test_no_descriptor_of_the_worker_is_open(bench: Bench, tmp_path: Path) -> None:
    with (tmp_path / "secret").open("w") as secret:
        os.set_inheritable(secret.fileno(), True)
        listed = bench.says(
            "import os; print([os.readlink(f'/proc/self/fd/{n}') for n in os.listdir('/proc/self/fd')[:-1]])"
        )
    assert "secret" not in listed


def test_packages_of_the_plugin_come_first(bench: Bench, tmp_path: Path) -> None:
    plugin = tmp_path / "plugin"
    plugin.mkdir(mode=0o755)
    (plugin / "brought_along.py").write_text("value = 7")
    code = "import brought_along, numpy, farfield; print(brought_along.value, brought_along.__file__)"
    value, place = bench.says(code, plugin=plugin).split()
    assert value == "7"
    assert place.startswith(PLUGIN if bench.sandbox.isolates else str(plugin))


# What only a wall promises.


def test_the_user_is_nobody_and_has_no_privilege(shut: Bench) -> None:
    code = """
    import os
    status = dict(line.split(":\\t") for line in open("/proc/self/status").read().splitlines() if ":\\t" in line)
    print(os.getuid() != 0, os.getgid() != 0, status["CapPrm"], status["CapEff"], status["CapBnd"])
    print(status["NoNewPrivs"], status["Seccomp"])
    """
    zero = "0000000000000000"
    assert shut.says(code).split() == ["True", "True", zero, zero, zero, "1", "2"]


def test_only_the_output_and_the_private_folders_can_be_written(shut: Bench) -> None:
    code = """
    import os
    found = set()
    for folder, names, _ in os.walk("/"):
        if folder.startswith(("/proc/", "/sys/", "/usr/", "/lib/", "/farfield/base/", "/dev/fd")):
            names[:] = []
        try:
            path = os.path.join(folder, "probe")
            open(path, "w").close()
            found.add(folder)
            os.unlink(path)
        except OSError:
            pass
    print(sorted(found))
    """
    listed = set(eval(shut.says(code)))
    assert listed - {"/dev/mqueue"} == {OUT, "/tmp", "/dev/shm"}


def test_the_private_folders_are_small_and_fresh(shut: Bench) -> None:
    code = """
    import os
    for folder in ("/tmp", "/dev/shm"):
        size = os.statvfs(folder)
        print(size.f_blocks * size.f_frsize >> 20, os.listdir(folder))
        open(f"{folder}/mine", "w").close()
    """
    for _ in range(2):
        assert shut.says(code).splitlines() == ["8 []", "16 []"]


def test_there_is_no_network(shut: Bench) -> None:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        one.listen()
        code = f"""
        import socket
        print([name for _, name in socket.if_nameindex() if name not in ("lo", "tunl0", "sit0", "ip6tnl0")])
        try:
            socket.create_connection(("127.0.0.1", {one.getsockname()[1]}), 2)
        except OSError as error:
            print("refused")
        """
        assert shut.says(code).split() == ["[]", "refused"]


def test_a_fetching_step_has_a_network(shut: Bench) -> None:
    """The address is this machine's own: bubblewrap shares its network, Docker reaches it over its bridge."""
    host = "127.0.0.1" if shut.sandbox.name == "bubblewrap" else bridge_address()
    with socket.socket() as one:
        one.bind((host, 0))
        one.listen()
        threading.Thread(target=lambda: one.accept()[0].close(), daemon=True).start()
        code = f"import socket; socket.create_connection(('{host}', {one.getsockname()[1]}), 5).close(); print('there')"
        assert shut.says(code, network=True) == "there"


def bridge_address() -> str:
    with docker_client() as client:
        subnet = client.networks.get("bridge").attrs["IPAM"]["Config"][0]["Subnet"]
        return str(ip_network(subnet)[1])


def test_other_processes_are_not_seen(shut: Bench) -> None:
    code = "import os; print(len([name for name in os.listdir('/proc') if name.isdigit()]))"
    assert int(shut.says(code)) <= 3


def test_processes_are_limited(shut: Bench) -> None:
    code = """
    import os, time
    made = 0
    try:
        for _ in range(200):
            if os.fork() == 0:
                time.sleep(30)
                os._exit(0)
            made += 1
    except OSError:
        print("stopped at", made < 64)
    """
    assert shut.says(code, limits=replace(LIMITS, processes=64)) == "stopped at True"


def test_open_files_are_limited(shut: Bench) -> None:
    code = """
    held = []
    try:
        while True:
            held.append(open("/dev/null"))
    except OSError:
        print(len(held) < 128)
    """
    assert shut.says(code, limits=replace(LIMITS, open_files=128)) == "True"


def test_packages_beside_the_interpreter_are_hidden(shut: Bench) -> None:
    code = """
    import importlib.metadata
    print(sorted({d.name.lower() for d in importlib.metadata.distributions()} & {"django", "celery", "pip", "docker"}))
    """
    assert shut.says(code) == "[]"


def test_a_bind_is_read_only_and_where_it_was_put(shut: Bench, tmp_path: Path) -> None:
    (tmp_path / "tool").write_text("hammer")
    code = """
    print(open("/farfield/tools/hammer").read())
    try:
        open("/farfield/tools/hammer", "w")
    except OSError:
        print("read-only")
    """
    assert shut.says(code, binds={"/farfield/tools/hammer": tmp_path / "tool"}).split() == ["hammer", "read-only"]


def test_two_at_once_do_not_see_each_other(shut: Bench) -> None:
    code = """
    import os, time
    open("/tmp/mine", "w").close()
    open("mine", "w").close()
    time.sleep(1.5)
    processes = [name for name in os.listdir("/proc") if name.isdigit()]
    print(sorted(os.listdir("/tmp")), sorted(os.listdir(".")), len(processes) <= 3)
    """
    found: list[str] = []
    executions = [shut.execution(code), shut.execution(code)]

    def run(execution: Execution) -> None:
        shut.sandbox.run(execution, nothing)
        found.append(execution.log.read_text().strip())

    threads = [threading.Thread(target=run, args=(execution,)) for execution in executions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["['mine'] ['mine'] True"] * 2


WORKER = """
import sys
from pathlib import Path
from farfield_workers.base_environment import BaseEnvironment
from farfield_workers.sandbox.base import *
from farfield_workers.sandbox.choose import make
base = BaseEnvironment(folder=Path(sys.argv[2]), versions={}, fingerprint="")
folder = Path(sys.argv[3])
LIMITS = Limits(memory_bytes=GIB, seconds=600)
(folder / "out").mkdir()
command = (PYTHON, "-c", "import time; open('begun', 'w').close(); time.sleep(600)", "farfield-kept")
execution = Execution(command=command, output=folder / "out", log=folder / "log", limits=LIMITS)
make(sys.argv[1], base).run(execution, lambda: None)
"""


def test_nothing_outlives_a_killed_worker(shut: Bench, base: BaseEnvironment, tmp_path: Path) -> None:
    """bubblewrap's is gone with it; a container goes when a worker on this host starts."""
    command = [sys.executable, "-c", WORKER, shut.sandbox.name, str(base.folder), str(tmp_path)]
    worker = subprocess.Popen(command)
    wait_until(lambda: (tmp_path / "out" / "begun").exists())
    members = tree(worker.pid)
    worker.kill()
    worker.wait()
    if isinstance(shut.sandbox, DockerSandbox):
        wait_until(lambda: shut.sandbox.remove_leftovers() >= 1 or not kept_containers(worker.pid))
        assert kept_containers(worker.pid) == []
    else:
        assert isinstance(shut.sandbox, BubblewrapSandbox)
        wait_until(lambda: not any(alive(pid) for pid in members))
        remove_left_groups()
    assert kept_groups(worker.pid) == []


def kept_groups(pid: int) -> list[Path]:
    return [folder for parent in counting().parents for folder in parent.glob(f"farfield-{pid}-*")]


def kept_containers(pid: int) -> list[str]:
    with docker_client() as client:
        label = f"{LABEL}={socket.gethostname()}/{pid}"
        return [str(one.id) for one in client.containers.list(all=True, filters={"label": label})]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def wait_until(condition: Callable[[], object], seconds: float = 30) -> None:
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "timed out"
        time.sleep(0.05)
