"""Kind: limits that do not limit. Memory in nobody's pages, where the worker is an ordinary user without a group."""

import json
import textwrap

import pytest
from tests.ordinary import as_ordinary_user
from tests.sandbox.test_memory import HELD, LIMITS, MIB

pytestmark = pytest.mark.bubblewrap

RUN = """
import json, sys
from pathlib import Path
from farfield_workers.base_environment import BaseEnvironment
from farfield_workers.sandbox.base import *
from farfield_workers.sandbox.choose import make
from farfield_workers.trees import remove_tree

base, folder = Path("base"), Path("run")
base.mkdir()
(folder / "out").mkdir(parents=True)
memory, most = int(sys.argv[2]), 512 * MIB
limits = Limits(memory_bytes=memory, seconds=30, tmp_bytes=most, shared_bytes=most)
execution = Execution(command=(PYTHON, "-c", sys.argv[1]), output=folder.resolve() / "out", log=folder / "log",
                      limits=limits)
execution.log.touch()
finished = make("bubblewrap", BaseEnvironment(folder=base, versions={}, fingerprint="")).run(execution, lambda: None)
log = execution.log.read_text(errors="replace")
remove_tree(folder)
print(json.dumps([finished.ending, log, finished.memory and [finished.memory.peak_bytes, finished.memory.counted]]))
"""


def ran(code: str) -> tuple[str, str, list[object]]:
    ending, log, memory = json.loads(as_ordinary_user(RUN, code, str(LIMITS.memory_bytes)).splitlines()[-1])
    return ending, log, memory


@pytest.mark.parametrize("what", HELD)
def test_an_ordinary_worker_counts_or_refuses_it_too(what: str) -> None:
    code = f"import ctypes, os, sys, time\nHOW_MUCH = {4 * LIMITS.memory_bytes // MIB}\ntry:\n"
    code += textwrap.indent(textwrap.dedent(HELD[what]), "    ")
    code += "\nexcept OSError as error:\n    print('refused', error)\nelse:\n    print('HELD')\ntime.sleep(1.5)"
    ending, log, memory = ran(code)
    assert ending == "memory" or (ending == "completed" and "refused" in log), log
    if ending == "memory":
        assert memory[1] == "added up"


def test_an_ordinary_workers_run_has_its_peak_on_record() -> None:
    ending, log, memory = ran("import time; x = bytearray(100 << 20); time.sleep(0.8)")
    assert ending == "completed", log
    assert isinstance(memory[0], int)
    assert 100 * MIB < memory[0] < 140 * MIB
