"""The plain subprocess backend, for methods that the operator installed and for authors' own machines.

It keeps the boundary (own process, own session, staged folder, allow-listed environment, limits on memory, time and
output) but is no defence against hostile code: it shares the file system and the network of the worker.
"""

import os
import sys
from pathlib import Path

from farfield_workers.sandbox.base import IN, OUT, PLUGIN, PYTHON, Execution, Finished, Sandbox, Tick
from farfield_workers.sandbox.children import Child, cpu_seconds, data_bytes
from farfield_workers.sandbox.memory.choice import open_meter
from farfield_workers.sandbox.runtime import LAUNCHER, PLUGIN_PATH, environment, threads
from farfield_workers.sandbox.usage import session, tree

CONFINE = Path(__file__).with_name("confine.py")
PASSED_ON = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "VIRTUAL_ENV")


class ProcessSandbox:
    """Runs the command as a child process of the worker, in a session of its own."""

    name = "process"
    isolates = False
    runs_images = False

    def __init__(self, python: str = sys.executable, threads: int | None = None) -> None:
        """threads: of a run's arithmetic; as many as `runtime.threads` says where nothing else is asked for."""
        self._python = python
        self.threads = threads

    def run(self, execution: Execution, tick: Tick) -> Finished:
        bounds = _bounds(execution)
        command = [_outside(part, execution).replace(PYTHON, self._python) for part in execution.command]
        confine = [self._python, "-I", str(CONFINE), *map(str, bounds), *command]
        child = Child(
            [self._python, "-I", str(LAUNCHER), str(os.getpid()), *confine],
            execution,
            environment={**_environment(execution), "OMP_NUM_THREADS": str(threads_of(self))},
            folder=execution.output,
            meter=open_meter(execution.limits.memory_bytes, execution.limits.processes),
            processes=lambda pid: list({*tree(pid), *session(pid)}),
            isolated=False,
        )
        return child.finish(tick)


def threads_of(sandbox: Sandbox) -> int:
    """How many threads a run's arithmetic uses in it."""
    own = sandbox.threads if isinstance(sandbox, ProcessSandbox) else None
    return threads() if own is None else own


def _bounds(execution: Execution) -> list[int]:
    """Processes are bounded by the control group alone: this limit counts all of the user's, the worker's too."""
    limits = execution.limits
    return [-1, data_bytes(execution), limits.output_bytes, cpu_seconds(limits), limits.open_files, -1]


def _outside(part: str, execution: Execution) -> str:
    """A place inside, as the path that it stands for: nothing is mounted here."""
    places = {IN: execution.source, OUT: execution.output, PLUGIN: execution.plugin, **execution.binds}
    for place, path in places.items():
        if path is not None and (part == place or part.startswith(f"{place}/")):
            return f"{path}{part[len(place) :]}"
    return part


def _environment(execution: Execution) -> dict[str, str]:
    """Nothing but an allow-list: no credential of the worker reaches the method."""
    path = [str(execution.plugin)] if execution.plugin else []
    path += [name for name in os.environ.get(PLUGIN_PATH, "").split(os.pathsep) if name]
    work = str(execution.output)
    own = {"HOME": work, "TMPDIR": work, "XDG_CACHE_HOME": work, "PYTHONPATH": os.pathsep.join(path)}
    passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    given = {name: _outside(value, execution) for name, value in execution.environment.items()}
    return {**environment(execution, ()), **own, **passed, **given}
