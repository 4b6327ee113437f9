"""bubblewrap as an ordinary user, where all processes of a sandbox are one user: what the first of them gives away."""

import json

import pytest
from tests.ordinary import as_ordinary_user

pytestmark = [pytest.mark.bubblewrap, pytest.mark.ordinary]

RUN = """
import json, sys
from dataclasses import asdict
from pathlib import Path
from farfield_workers.base_environment import BaseEnvironment
from farfield_workers.sandbox import bubblewrap
from farfield_workers.sandbox.base import *
from farfield_workers.sandbox.choose import make
from farfield_workers.trees import remove_tree

assert not bubblewrap.unusable(), bubblewrap.unusable()
base, folder = Path("base"), Path("run")
base.mkdir()
(folder / "out").mkdir(parents=True)
limits = Limits(memory_bytes=GIB, seconds=20, processes=64, open_files=128, output_bytes=32 * MIB)
execution = Execution(command=(PYTHON, "-c", sys.argv[1]), output=folder.resolve() / "out", log=folder / "log",
                      limits=limits, own_disk=True)
execution.log.touch()
finished = make("bubblewrap", BaseEnvironment(folder=base, versions={}, fingerprint="")).run(execution, lambda: None)
log = execution.log.read_text(errors="replace")
remove_tree(folder)
print(json.dumps([finished.ending, finished.status, log]))
"""


def ran(code: str) -> tuple[str, int, str]:
    ending, status, log = json.loads(as_ordinary_user(RUN, code).splitlines()[-1])
    return ending, status, log


FIRST_PROCESS = """
import ctypes, os, resource, signal
limits = dict((line[:26].strip(), line[26:].split()[0]) for line in open("/proc/1/limits").read().splitlines()[1:])
print(sorted(n for n in ("Max data size", "Max file size", "Max processes", "Max open files", "Max cpu time")
             if limits[n] == "unlimited"), limits["Max core file size"])
for name in ("maps", "environ", "fd", "map_files", "root", "cwd", "syscall", "auxv", "stack"):
    path = f"/proc/1/{name}"
    try:
        print("GOT", os.listdir(path) if name in ("fd", "map_files", "root", "cwd") else open(path, "rb").read(9))
    except OSError:
        pass
try:
    resource.prlimit(1, resource.RLIMIT_DATA, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print("GOT its limits")
except (OSError, ValueError):
    pass
try:
    print("GOT its memory", open("/proc/1/mem", "r+b"))
except OSError:
    pass
for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP, signal.SIGINT, signal.SIGHUP):
    os.kill(1, number)
status = dict(line.split(":\\t", 1) for line in open("/proc/1/status").read().splitlines() if ":\\t" in line)
print(status["NoNewPrivs"], status["Seccomp"], status["CapEff"], status["CapBnd"], status["State"][0])
"""


def test_the_first_process_has_limits_and_its_memory_is_closed() -> None:
    ending, _, log = ran(FIRST_PROCESS)
    zero = "0000000000000000"
    assert ending == "completed", log
    assert "GOT" not in log
    assert log.splitlines() == ["[] 0", f"1 2 {zero} {zero} S"]


def test_orphans_are_buried_and_the_end_is_the_commands() -> None:
    code = """
import os, time
for _ in range(150):
    pid = os.fork()
    if pid == 0:
        if os.fork() == 0:
            os._exit(0)
        os._exit(0)
    os.waitpid(pid, 0)
time.sleep(0.3)
states = [open(f"/proc/{n}/stat").read().rpartition(")")[2].split()[0] for n in os.listdir("/proc") if n.isdigit()]
print(states.count("Z"), flush=True)
raise SystemExit(3)
"""
    assert ran(code) == ("crashed", 3, "0\n")


@pytest.mark.parametrize(("code", "ending"), [("import os; os.setsid(); os.kill(os.getpid(), 9)", "crashed")])
def test_a_signal_ends_the_command(code: str, ending: str) -> None:
    assert ran(code)[:2] == (ending, 137)


HIDES = """
import os, time
held = []
for number in range(6):
    folder = f"locked-{number}"
    os.mkdir(folder)
    file = open(f"{folder}/file", "wb")
    file.write(bytes(8 << 20))
    file.flush()
    if {unlinked}:
        os.unlink(file.name)
    held.append(file)
    os.chmod(folder, 0)
time.sleep(15)
"""


@pytest.mark.parametrize("unlinked", [False, True], ids=["locked", "unlinked"])
def test_neither_locked_folders_nor_unlinked_files_hide_output(unlinked: bool) -> None:
    assert ran(HIDES.replace("{unlinked}", str(unlinked)))[0] == "output"
