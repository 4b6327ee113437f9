"""What a sandbox sees of this host: a Python interpreter, the system's libraries, and the base environment.

No shell, no other program, no configuration, and no package that is not in the base environment.
"""

import os
import site
import sys
from dataclasses import dataclass
from pathlib import Path

from farfield.precision import told
from farfield_workers.base_environment import BaseEnvironment
from farfield_workers.sandbox.base import IN, PLUGIN, PYTHON, Execution

# Stays beside the command as the first process of a world of its own.
LAUNCHER, LAUNCHER_INSIDE = Path(__file__).with_name("launch.py"), "/farfield/launch.py"
BASE = "/farfield/base"
OPERATOR = "/farfield/operator"
PLUGIN_PATH = "FARFIELD_PLUGIN_PATH"
THREADS = "FARFIELD_THREADS"
LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64")
# What a program needs to find and trust a package index; only for executions with a network.
NETWORK_FILES = (
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/nsswitch.conf",
    "/etc/ssl",
    "/etc/pki",
    "/usr/share/ca-certificates",
)
# Large tensors come and go with every batch. By default glibc gives each back to the kernel and gets it anew, page by
# page, which takes as long as the arithmetic. Waiting OpenMP threads would burn the cores that other runs need; but
# where steps are small, going to sleep after each costs as much as the step, so they spin for some microseconds first.
WAITING = {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "10000"}
# What the allocator may hold back is a part of the limit: a tensor above an eighth of it goes back to the kernel, and
# each thread's heap grows by a 64th, which a thread reserves as a whole.
MOST_HELD, MOST_PAD, LEAST_PAD = 4 << 30, 64 << 20, 1 << 20
HELD_PART, PAD_PART = 8, 64


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """Read-only folders and files by their place inside, symbolic links, folders to be hidden, and the interpreter."""

    python: str
    binds: dict[str, Path]
    links: dict[str, str]
    hidden: tuple[str, ...]
    path: tuple[str, ...]


def host_runtime(base: BaseEnvironment) -> Runtime:
    """This host's runtime with `base` on the import path."""
    python = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    prefix = Path(sys.base_prefix).resolve()
    folders = [Path(name) for name in LIBRARIES]
    binds = {str(folder): folder for folder in folders if folder.is_dir() and not folder.is_symlink()}
    binds |= {str(python): python} if prefix == Path("/usr") else {str(prefix): prefix}
    operator = [Path(name) for name in os.environ.get(PLUGIN_PATH, "").split(os.pathsep) if name]
    more = {f"{OPERATOR}/{number}": folder.resolve() for number, folder in enumerate(operator)}
    return Runtime(
        python=str(python),
        binds={**binds, BASE: base.folder.resolve(), **more},
        links={str(folder): str(folder.readlink()) for folder in folders if folder.is_symlink()},
        hidden=tuple(_site_folders(prefix, tuple(binds))),
        path=(*more, BASE),
    )


def cores() -> int:
    """How many cores this worker may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def threads() -> int:
    """How many threads a run's arithmetic uses: as many as the operator says, or one for each core.

    Where several workers share a machine, each with its part of the cores, none waits at a barrier for a thread that
    has no core.
    """
    number = os.environ.get(THREADS, "")
    return int(number) if number.isdigit() and int(number) > 0 else cores()


def environment(execution: Execution, path: tuple[str, ...]) -> dict[str, str]:
    """The whole environment of a command that has a world of its own: nothing of the worker's."""
    first = () if execution.plugin is None else (PLUGIN,)
    return {
        **WAITING,
        "OMP_NUM_THREADS": str(threads()),
        **allocator(execution.limits.memory_bytes),
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": "/tmp",  # noqa: S108 the sandbox's own, which goes with it
        "TMPDIR": "/tmp",  # noqa: S108
        "XDG_CACHE_HOME": "/tmp/cache",  # noqa: S108
        "HF_HUB_OFFLINE": "1",
        "PYTHONPATH": ":".join((*first, *path)),
        "PYTHONUNBUFFERED": "1",
        "PYTHONSAFEPATH": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "1",
        "CUDA_VISIBLE_DEVICES": execution.gpu or "",
        **told(execution.precision, gpu=execution.gpu is not None),
        **execution.environment,
    }


def allocator(memory_bytes: int) -> dict[str, str]:
    """Settings of glibc's allocator for a process that may hold this much."""
    held = str(min(memory_bytes // HELD_PART, MOST_HELD))
    pad = str(min(max(memory_bytes // PAD_PART, LEAST_PAD), MOST_PAD))
    return {"MALLOC_MMAP_THRESHOLD_": held, "MALLOC_TRIM_THRESHOLD_": held, "MALLOC_TOP_PAD_": pad}


def folders(execution: Execution) -> dict[str, Path]:
    """Read-only folders and files of one execution, by their place inside."""
    found = {IN: execution.source, PLUGIN: execution.plugin, **execution.binds}
    present = {place: path.resolve() for place, path in found.items() if path is not None}
    if execution.network:
        present |= {name: Path(name).resolve() for name in NETWORK_FILES if Path(name).exists()}
    return present


def command(execution: Execution, python: str) -> list[str]:
    """The command with the interpreter's path in the place of PYTHON."""
    return [part.replace(PYTHON, python) for part in execution.command]


def _site_folders(prefix: Path, shown: tuple[str, ...]) -> list[str]:
    """Packages installed beside the interpreter itself: they may be anything, so they are hidden."""
    found = {*site.getsitepackages([str(prefix), "/usr", "/usr/local"]), "/usr/lib/python3/dist-packages"}
    inside = (name for name in found if any(Path(name).is_relative_to(root) for root in shown))
    return sorted(name for name in inside if Path(name).is_dir())
